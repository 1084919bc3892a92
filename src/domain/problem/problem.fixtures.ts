/** A VM whose service keeps dying, and its Problem. Days count from 1 December 2026, noon. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { Problem, ProblemSpec, ProblemStatus, ProblemTerms } from '../../api/problem.ts';
import type { Priority } from '../../api/serviceplan.ts';
import { instant } from '../contract/condition.ts';
import { type FaultIncident, problemName } from './fault.ts';
import type { OpeningFacts } from './opening.ts';

const DAY_MS = 24 * 3_600_000;
const START = Date.parse('2026-12-01T12:00:00Z');

export const day = (count: number): Date => new Date(START + count * DAY_MS);
export const dayText = (count: number): string => instant(day(count));

export const terms: ProblemTerms = { incidents: 3, within: '720h', heldFor: '336h' };
export const ALERT = 'ManagedVMServiceNotRunning';
export const subject: OpeningFacts['subject'] = { kind: 'ManagedVM', name: 'shop-db', namespace: 'acme', uid: 'vm-1' };

export function incidentOn(on: number, more: Partial<FaultIncident> = {}): FaultIncident {
  const priority: Priority = 'P3';
  return {
    ...{ name: `inc-${on}`, uid: `uid-${on * 10}`, detectedAt: dayText(on), times: [dayText(on)] },
    ...{ priority, alert: ALERT, ...more },
  };
}

export function problemOf(spec: Partial<ProblemSpec> = {}, status?: ProblemStatus, uid = 'prb-uid-1'): Problem {
  const { namespace, ...named } = subject;
  const whole: ProblemSpec = {
    ...{ subject: named, alert: ALERT, ordinal: 1, terms },
    opened: { because: 'Recurrence', by: 'steward', at: dayText(0), reason: '3 incidents.' },
    ...spec,
  };
  const name = problemName({ subjectUid: whole.subject.uid, alert: whole.alert }, whole.ordinal ?? 0);
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Problem',
    metadata: { name, namespace, uid, generation: 1, creationTimestamp: whole.opened.at },
    spec: whole,
    ...(status && { status }),
  };
}

export function changeNamed(name: string, uid: string, succeededOn?: number, outcome = 'Succeeded'): ChangeRequest {
  const result = succeededOn === undefined ? {} : { result: { outcome, finishedAt: dayText(succeededOn), by: 'kim' } };
  const status = succeededOn === undefined ? 'False' : 'True';
  const done = { type: 'Done', status, reason: 'X', message: 'X', lastTransitionTime: dayText(0) };
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'ChangeRequest' },
    metadata: { name, namespace: subject.namespace, uid },
    spec: result,
    status: { conditions: [done] },
  } as unknown as ChangeRequest;
}
