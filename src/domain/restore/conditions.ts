import { millisecondsOf } from '../../api/duration.ts';
import { isRestored, type RestoreStatus } from '../../api/restore.ts';
import type { ConditionInput } from '../contract/condition.ts';

/** What a Restore says in conditions, as kstatus has it, and whether its time was kept (AP-13). */
export function restoreConditions({
  phase,
  message = '',
  recoveryTime,
  managedApplication,
}: RestoreStatus): readonly ConditionInput[] {
  return [
    ...readiness(phase, message),
    timeKept(phase, managedApplication === undefined ? GUEST : APPLICATION, recoveryTime),
  ];
}

function readiness(phase: RestoreStatus['phase'], message: string): readonly ConditionInput[] {
  const said = { reason: phase, message };
  if (phase === 'Succeeded') return [{ type: 'Ready', status: 'True', ...said }];
  const also = isRestored(phase) ? 'Stalled' : 'Reconciling';
  return [
    { type: 'Ready', status: 'False', ...said },
    { type: also, status: 'True', ...said },
  ];
}

/** What proves a restore. */
type Proof = { readonly what: string; readonly without: string };
const GUEST: Proof = {
  what: 'a guest that runs on the restored disks',
  without: 'no guest was seen to run on the restored disks',
};
const APPLICATION: Proof = {
  what: 'an application that serves the restored data',
  without: 'the application was not seen to serve the restored data',
};

function timeKept(
  phase: RestoreStatus['phase'],
  { what, without }: Proof,
  { target, seconds }: NonNullable<RestoreStatus['recoveryTime']> = {},
): ConditionInput {
  const type = 'RTOMet';
  if (target === undefined)
    return { type, status: 'Unknown', reason: 'NoTarget', message: 'No ServicePlan says how long a restore may take.' };
  const allowed = millisecondsOf(target) / 1000;
  if (seconds === undefined) {
    const message = isRestored(phase)
      ? `${allowed} s are allowed; ${without}.`
      : `${allowed} s are allowed, from the order to ${what}.`;
    return { type, status: 'Unknown', reason: isRestored(phase) ? 'NotProven' : 'UnderWay', message };
  }
  const isKept = seconds <= allowed;
  const message = `It took ${seconds} s from the order to ${what}; ${allowed} s are allowed.`;
  return isKept
    ? { type, status: 'True', reason: 'WithinTarget', message }
    : { type, status: 'False', reason: 'TookTooLong', message };
}
