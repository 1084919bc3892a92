/** When the data of before a restore are removed from the guest: the customer has accepted the restore, or nobody is to accept it and their time is over (GE-13; docs/adr/0190). */
import type { ApplicationBackup } from '../../api/applicationbackup.ts';
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedApplicationStatus } from '../../api/managedapplication.ts';
import { RETIRED_AFTER_DAYS } from '../change/applicationrestorechange.ts';
import type { ApplicationPlan } from '../contract/applicationplan.ts';
import { earliest, instant } from '../contract/condition.ts';

type Kept = NonNullable<ApplicationBackup['kept']>[number];

/** A Restore that has succeeded, and the change by which it was agreed to; absent: that is not there any more. */
export type Restored = { readonly name: string; readonly change?: ChangeRequest | undefined };

export type KeptDecision = {
  /** UID of the Restore of which the data of before go now. */
  readonly retires?: string | undefined;
  readonly pending: NonNullable<ManagedApplicationStatus['pending']>;
  readonly nextEdge?: Date | undefined;
};

/** `kept`: what the guest says; `restored`: the Restore of that uid of this very application. */
export function keptData(
  kept: readonly Kept[],
  restored: (uid: string) => Restored | undefined,
  now: Date,
): KeptDecision {
  const each = kept.map(data => ({ data, ...endOf(restored(data.restore), now) }));
  return {
    retires: each.find(({ goes }) => goes)?.data.restore,
    pending: each.map(({ data: { restore, bytes }, says, until }) => ({
      what: `The data of before a restore (before-restore-${restore}, ${mebibytes(bytes)} MiB in the guest) ${says}`,
      ...(until !== undefined && { notBefore: instant(until) }),
    })),
    nextEdge: earliest(...each.map(({ goes, until }) => (goes ? undefined : until))),
  };
}

type End = { readonly goes: boolean; readonly says: string; readonly until?: Date };

function endOf(restored: Restored | undefined, now: Date): End {
  const { name, change } = restored ?? {};
  if (change === undefined)
    return {
      goes: false,
      says: 'are kept: neither can their restore be accepted, for it or its ChangeRequest is not there any more, nor is their time known. A person of the provider removes them.',
    };
  const { class: kind, result } = change.spec;
  if (kind === 'Standard') {
    if (result === undefined) return { goes: false, says: `are kept: Restore ${name} has no result yet.` };
    const until = new Date(Date.parse(result.finishedAt) + RETIRED_AFTER_DAYS * 86_400_000);
    const says = `are kept for ${RETIRED_AFTER_DAYS} days, until ${instant(until)}, for a Standard change is not accepted one by one: Restore ${name}.`;
    return { goes: until <= now, says, until };
  }
  const { name: request } = change.metadata;
  if (change.status?.conditions?.some(({ type, status }) => type === 'Accepted' && status === 'True'))
    return { goes: true, says: `are being removed: ChangeRequest ${request} is accepted.` };
  return {
    goes: false,
    says: `are kept until the customer accepts ChangeRequest ${request} of Restore ${name} (GE-13); then they are removed.`,
  };
}

const mebibytes = (bytes: number): number => Math.ceil(bytes / 1_048_576);

/** The plan as it is with it: once all else is as planned. */
export function withRetired(plan: ApplicationPlan, restore: string | undefined): ApplicationPlan {
  if (restore === undefined) return plan;
  return { ...plan, steps: [...plan.steps, { type: 'dataRetire', name: 'data-retire', restore }] };
}
