import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { KIND_WORDS } from './configured.ts';
import { enumerated, quoted } from './words.ts';

export type News = { readonly reason: string; readonly message: string };

type Assessed = {
  readonly status: Omit<ManagedVMStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
};

/** What an event tells of the inside of a guest besides conditions that break and heal, once its status is written. */
export function guestNews({ status: before }: ManagedVM, after: Assessed): readonly News[] {
  return [...strangers(before?.access, after.status.access), ...mismatch(before, after)];
}

/** Accounts, keys and sudo rules that nobody ordered, when they are seen for the first time (MO-16). */
function strangers(before: ManagedVMStatus['access'], after: ManagedVMStatus['access']): readonly News[] {
  const known = new Set(before?.foreign?.map(({ kind, name }) => `${kind} ${name}`));
  const fresh = (after?.foreign ?? []).filter(({ kind, name }) => !known.has(`${kind} ${name}`));
  if (fresh.length === 0) return [];
  const told = fresh.map(({ kind, name, detail }) => `${KIND_WORDS[kind]} ${quoted(name)} (${quoted(detail, 80)})`);
  return [{ reason: 'AccessNotOrdered', message: `Found in the guest, and ordered by nobody: ${enumerated(told)}.` }];
}

/** That a condition is broken is told by its own event; that it is broken in this way now must be told too. */
function mismatch(before: ManagedVMStatus | undefined, { conditions }: Assessed): readonly News[] {
  const was = before?.conditions?.find(({ type }) => type === 'GuestReachable');
  const is = conditions.find(({ type }) => type === 'GuestReachable');
  if (is?.reason !== 'HostKeyMismatch' || was?.status !== 'False' || was.reason === is.reason) return [];
  return [{ reason: is.reason, message: `GuestReachable is broken: ${is.message}` }];
}
