import type { ChildKinds } from '../contract/outcome.ts';
import type { Reason } from './reasons.ts';

/** The system that makes backups. */
export const VELERO = { system: 'Velero', reason: 'VeleroNotInstalled' } as const;

/** The kinds of children that make them, and that ask what they hold. */
export const CHILD_KINDS: ChildKinds<Reason> = new Map([
  ['Schedule', { servedBy: VELERO }],
  ['DownloadRequest', { servedBy: VELERO }],
]);
