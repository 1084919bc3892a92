import type { ChildKinds } from '../contract/outcome.ts';
import type { Reason } from './reasons.ts';

/** The system that makes backups. */
export const VELERO = { system: 'Velero', reason: 'VeleroNotInstalled' } as const;

/** The kind of children that makes them. */
export const CHILD_KINDS: ChildKinds<Reason> = new Map([['Schedule', { servedBy: VELERO }]]);
