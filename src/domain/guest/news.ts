import type { SoleRoot } from '../../api/insideguest.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { ConditionInput } from '../contract/condition.ts';
import { attestedWords } from './attestedroot.ts';
import { KIND_WORDS } from './configured.ts';
import { enumerated, named, quoted } from './words.ts';

export type News = { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly message: string };

type Assessed = {
  readonly status: Omit<ManagedVMStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
};

/** What an event tells of the inside of a guest besides conditions that break and heal, once its status is written. */
export function guestNews({ status: before }: ManagedVM, after: Assessed): readonly News[] {
  return [
    ...strangers(before?.access, after.status.access),
    ...putBack(before?.drift, after.status.drift),
    ...mismatch(before, after),
    ...rights(before?.soleRoot, after.status.soleRoot),
    ...attestation(before?.soleRoot, after.status.soleRoot),
  ];
}

/** Accounts, keys and sudo rules that nobody ordered, when they are seen for the first time (MO-16). */
function strangers(before: ManagedVMStatus['access'], after: ManagedVMStatus['access']): readonly News[] {
  const known = new Set(before?.foreign?.map(({ kind, name }) => `${kind} ${name}`));
  const fresh = (after?.foreign ?? []).filter(({ kind, name }) => !known.has(`${kind} ${name}`));
  if (fresh.length === 0) return [];
  const told = fresh.map(({ kind, name, detail }) => `${KIND_WORDS[kind]} ${quoted(name)} (${quoted(detail, 80)})`);
  const message = `Found in the guest, and ordered by nobody: ${enumerated(told)}.`;
  return [{ type: 'Warning', reason: 'AccessNotOrdered', message }];
}

/** Settings that somebody had changed, once they are as ordered again: the same words each time, so that repetitions are one series. */
function putBack(before: ManagedVMStatus['drift'], after: ManagedVMStatus['drift']): readonly News[] {
  const last = after?.last;
  if (last === undefined || after === undefined || after.count <= (before?.count ?? 0)) return [];
  const message = `${named(last.setting, 80)} was changed in the guest, and is as ordered again; found was ${quoted(last.before, 200)}.`;
  return [{ type: 'Normal', reason: 'SettingPutBack', message }];
}

/** That a condition is broken is told by its own event; that it is broken in this way now must be told too. */
function mismatch(before: ManagedVMStatus | undefined, { conditions }: Assessed): readonly News[] {
  const was = before?.conditions?.find(({ type }) => type === 'GuestReachable');
  const is = conditions.find(({ type }) => type === 'GuestReachable');
  if (is?.reason !== 'HostKeyMismatch' || was?.status !== 'False' || was.reason === is.reason) return [];
  return [{ type: 'Warning', reason: is.reason, message: `GuestReachable is broken: ${is.message}` }];
}

/** Who holds root from now on: the change is documented on the object that it concerns (AP-9). */
function rights(before: SoleRoot | undefined, after: SoleRoot | undefined): readonly News[] {
  if (before === undefined && after !== undefined) {
    const message = `From now on the provider alone holds root in the guest, for ${enumerated(after.applications)}: the accounts of spec.access are closed, and what nobody ordered is taken away.`;
    return [{ type: 'Normal', reason: 'SoleRootOrdered', message }];
  }
  if (before === undefined || after !== undefined) return [];
  const message =
    'Provider and customer share root in the guest again: the accounts of spec.access are opened; what was taken away from others is given back by nobody.';
  return [{ type: 'Normal', reason: 'RootShared', message }];
}

/** That it is believed, by whose word; and that it is not any more. */
function attestation(before: SoleRoot | undefined, after: SoleRoot | undefined): readonly News[] {
  const [was, is] = [before?.attested, after?.attested];
  if (is !== undefined && was?.change.uid !== is.change.uid)
    return [{ type: 'Normal', reason: 'RootAttested', message: attestedWords(is) }];
  if (was === undefined || is !== undefined) return [];
  return [{ type: 'Warning', reason: 'AttestationEnded', message: `It does not hold any more: ${attestedWords(was)}` }];
}
