import type { ChildKinds } from '../contract/outcome.ts';
import type { Reason } from './reasons.ts';

/** The system that serves rules and targets. */
export const OPERATOR = { system: 'prometheus-operator', reason: 'PrometheusOperatorNotInstalled' } as const;

/** The kinds of children that monitoring consists of. */
export const CHILD_KINDS: ChildKinds<Reason> = new Map([
  ['PrometheusRule', { servedBy: OPERATOR }],
  ['ServiceMonitor', { servedBy: OPERATOR }],
  ['Service', {}],
]);
