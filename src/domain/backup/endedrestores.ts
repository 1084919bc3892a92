import type { FailedRestore, VerifiedRestore } from '../../api/managedvm.ts';
import type { Restore } from '../../api/restore.ts';
import { isOwnDrill } from '../contract/owndrill.ts';
import { newestDrill } from './drilldue.ts';

/**
 * Restores of a ManagedVM that have come to their end, whoever asked for them, a person or a drill: the one place from which verifications come.
 * What has been taken into the status stays there when backup and Restore are gone (ADR 0162).
 */
export type EndedRestores = {
  readonly verified: readonly VerifiedRestore[];
  readonly failed: readonly FailedRestore[];
  /** When the newest drill was ordered, of those that are there. */
  readonly lastDrill?: Date | undefined;
};

/**
 * Of the Restores of exactly this ManagedVM. One that brought all its disks back and was measured has worked. One that ended otherwise has
 * failed once Velero was asked: an order that nobody agreed to, or for a point that there never was, says nothing of what can be restored; nor does
 * a drill that could not be made, or disks that were restored for another VM.
 */
export function endedRestores(restores: readonly Restore[]): EndedRestores {
  const lastDrill = newestDrill(restores.filter(isOwnDrill));
  return {
    ...{ verified: restores.flatMap(workedOf), failed: restores.flatMap(failedOf) },
    ...(lastDrill && { lastDrill }),
  };
}

function workedOf({ metadata, spec, status }: Restore): readonly VerifiedRestore[] {
  const { point, recoveryTime: { seconds } = {} } = status ?? {};
  const time = endOf(status);
  if (status?.phase !== 'Succeeded' || spec.disks !== undefined) return [];
  if (point === undefined || seconds === undefined || time === undefined) return [];
  return [{ restore: metadata.name, point: point.name, pointTime: point.time, time, seconds }];
}

function failedOf({ metadata, spec, status }: Restore): readonly FailedRestore[] {
  const { point, message = '', steps = [] } = status ?? {};
  const time = endOf(status);
  const isUnproven = status?.phase === 'Unproven' && spec?.target?.inPlace === true;
  if (status?.phase !== 'Failed' && !isUnproven) return [];
  if (point === undefined || time === undefined || !steps.some(({ name }) => name === 'begun')) return [];
  return [{ restore: metadata.name, point: point.name, time, message }];
}

function endOf(status: Restore['status']): string | undefined {
  return status?.steps?.findLast(({ name }) => name === 'ended')?.at;
}
