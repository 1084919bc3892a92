import type { GuestStateStatus } from '../../api/gueststate.ts';
import { LOG_LINE_LENGTH, type LogLine } from '../../api/loglines.ts';
import { sealed } from '../../domain/contract/applicationplan.ts';
import { applicationOfSetting, stepOfSetting } from '../../domain/contract/applicationsetting.ts';
import { cut, excerpt } from '../../domain/contract/excerpt.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { ApplicationUpdate, LineChangeFound, LogLineFound, Look } from '../../domain/guest/look.ts';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import type { FailureReason } from '../../guest/transport/failure.ts';
import { formatTime } from '../../runtime/api/conditions.ts';
import { deepEqual } from '../../runtime/api/json.ts';
import { backupRecord } from './backuprecord.ts';
import { hindrance } from './hindrance.ts';
import { putBackOf } from './putback.ts';
import { restoreRecord } from './restorerecord.ts';
import { hasRun } from './standstill.ts';

/** Whether a guest was reached, or why not: a word of ours in any case. */
export type Outcome =
  | 'Reached'
  | FailureReason
  /** No instance runs. */
  | 'PoweredOff'
  /** It runs, and has no address on the Pod network. */
  | 'NoPath'
  /** There are no keys that the guest was given. */
  | 'KeysMissing'
  /** The stored keys are not those that the guest was given. */
  | 'KeysDiffer'
  /** No hands for this system: Windows, where the worker is not told to work in it. */
  | 'NotSupported';

export type Contact = {
  readonly outcome: Outcome;
  readonly detail?: string;
  readonly address?: string;
  /** Absent: dialled directly, or not at all. */
  readonly way?: 'PortForward';
};

/** What a look found, and what it was compared with. */
export type Found = {
  readonly look: Look;
  readonly desired: DesiredGuest;
  /** Fingerprint of the provider's key that has opened the guest. */
  readonly opened: string;
  /** UID of the VirtualMachineInstance. */
  readonly instance: string;
  /** Generation of the ManagedVM. */
  readonly generation: number;
};

/** What one attempt to look into a guest came to. */
export type Seen = {
  /** Lease of the shard. */
  readonly worker: string;
  readonly contact: Contact;
  /** Where it was reached. */
  readonly found?: Found | undefined;
  /** Settings that had been as ordered, were found otherwise, and were told to be put back. */
  readonly drifted?: ReadonlySet<string>;
};

/**
 * The next status, from the one before and from what was seen. What stays the same keeps its time, and where nothing is new the status is
 * the one before: a guest that is looked into for years costs no write. Where the guest was not reached, what was found last stays, with the
 * instance and the generation that it was of. Leases and steps are left as they are.
 */
export function judged(previous: GuestStateStatus, seen: Seen, now: Date): GuestStateStatus {
  const at = formatTime(now);
  const contact = contactOf(previous.contact, seen.contact, at);
  const reached = { ...previous, worker: seen.worker, contact };
  const { soleRoot: _root, applications: _plans, lines: _lines, ...rest } = reached;
  const next = seen.found === undefined ? reached : { ...rest, ...compared(previous, seen.found, seen.drifted, at) };
  return deepEqual(next, previous) ? previous : { ...next, ...(seen.found !== undefined && { lookedAt: at }) };
}

/** Words that change while the matter stays the same are no news. */
function contactOf(
  before: GuestStateStatus['contact'],
  { outcome, detail, address, way }: Contact,
  at: string,
): NonNullable<GuestStateStatus['contact']> {
  if (before?.outcome === outcome && before.address === address && before.way === way) return before;
  return {
    outcome,
    ...(detail !== undefined && detail !== '' && { detail: excerpt(detail, 256) }),
    ...(address !== undefined && { address: cut(address, 64) }),
    ...(way !== undefined && { way }),
    since: before?.outcome === outcome ? before.since : at,
  };
}

function compared(
  previous: GuestStateStatus,
  { look, desired, opened, instance, generation }: Found,
  drifted: ReadonlySet<string> | undefined,
  at: string,
): Partial<GuestStateStatus> {
  const differences = differencesOf(previous, look, at);
  const healed = healedOf(previous, look, drifted);
  const drift = driftOf(previous.drift, healed, at);
  return {
    providerKey: { opened, ordered: desired.provider.sshKeys.map(fingerprintOfLine) },
    ...{ instance, compared: generation, bootId: cut(look.bootId, 36), differences },
    access: accessOf(look, desired),
    foreign: foreignOf(previous, look, at),
    ...(desired.soleRoot && { soleRoot: true }),
    ...(desired.applications.length > 0 && { applications: applicationsOf(previous, desired, look, healed, at) }),
    accounts: accountsOf(previous.accounts, desired, look),
    ...(drift !== undefined && { drift }),
    ...(look.lines && { lines: look.lines.map(linesOf) }),
  };
}

function linesOf({ at, event, text }: LogLineFound): LogLine {
  return { at: formatTime(at), event, text: excerpt(text, LOG_LINE_LENGTH) };
}

function applicationsOf(
  previous: GuestStateStatus,
  { applications }: DesiredGuest,
  look: Look,
  healed: readonly Difference[],
  at: string,
) {
  const before = new Map(previous.applications?.map(each => [each.name, each]));
  const found = new Map(look.applications.map(each => [each.name, each]));
  return applications.slice(0, 16).map(plan => {
    const { version, failing, backup, modules, update, line, restore } = found.get(plan.application) ?? {};
    const steps = healed.flatMap(({ setting }) =>
      applicationOfSetting(setting) === plan.application ? [stepOfSetting(setting)] : [],
    );
    const known = before.get(plan.application);
    const putBack = putBackOf(known?.putBack, steps, at);
    const { revision } = sealed(plan);
    return {
      ...{ name: cut(plan.application, 63), revision },
      ...(hasRun(plan, known, look) && { ran: true as const }),
      ...(version !== undefined && { version: cut(version, 128) }),
      ...(failing !== undefined && { failing: failing.slice(0, 8).map(probe => cut(probe, 32)) }),
      ...(backup !== undefined && { backup: backupRecord(backup) }),
      ...(putBack !== undefined && { putBack }),
      ...(modules !== undefined && { modules: { ...modules, named: [...modules.named] } }),
      ...(update !== undefined && { update: updateOf(update) }),
      ...(line !== undefined && { line: lineChangeOf(line) }),
      ...(restore !== undefined && { restore: restoreRecord(restore) }),
    };
  });
}

function lineChangeOf({ phase, at, checks }: LineChangeFound) {
  return { ...(phase && { phase }), ...(at && { at: formatTime(at) }), checks: cut(checks, 256) };
}

function updateOf({ from, to, outcome, at, closedSince }: ApplicationUpdate) {
  return {
    ...{ from: cut(from, 64), to: cut(to, 64), outcome, at: formatTime(at) },
    ...(closedSince !== undefined && { closedSince: formatTime(closedSince) }),
  };
}

/** Besides what keeps them from being put right. */
const MOST_DIFFERENCES = 63;

function differencesOf(previous: GuestStateStatus, { settings }: Look, at: string) {
  const before = new Map(previous.differences?.map(each => [each.setting, each]));
  const found = settings
    .filter(({ standing }) => standing !== 'Kept')
    .slice(0, MOST_DIFFERENCES)
    .map(({ setting, found }) => ({
      setting: cut(setting, 80),
      found: excerpt(found, 256),
      since: before.get(setting)?.since ?? at,
    }));
  return settings.some(({ standing }) => standing === 'Differs' || standing === 'Stopped')
    ? [...found, ...hindrance(previous)]
    : found;
}

type Difference = NonNullable<GuestStateStatus['differences']>[number];

/** Counted where it was put back, not where it was found: what cannot be put back stays a difference. */
function healedOf(
  { differences = [] }: GuestStateStatus,
  { settings }: Look,
  drifted: ReadonlySet<string> | undefined,
): readonly Difference[] {
  const kept = new Set(settings.filter(({ standing }) => standing === 'Kept').map(({ setting }) => setting));
  return differences.filter(({ setting }) => drifted?.has(setting) === true && kept.has(setting));
}

function driftOf(
  drift: GuestStateStatus['drift'],
  healed: readonly Difference[],
  at: string,
): GuestStateStatus['drift'] {
  const last = healed.at(-1);
  if (last === undefined) return drift;
  const { setting, found } = last;
  return {
    healed: (drift?.healed ?? 0) + healed.length,
    last: { setting, before: found, after: 'as ordered', at },
  };
}

/** The provider, those ordered, then the others, each by name: what falls out of the bounds is then nobody's order. */
function accessOf({ access }: Look, { provider, users }: DesiredGuest) {
  const ordered = new Set([provider.name, ...users.map(({ name }) => name)]);
  return access
    .map(({ name, login, administrator, keys }) => ({
      name: cut(name, 64),
      ordered: ordered.has(name),
      ...{ login, administrator },
      keys: keys.slice(0, 32).map(key => cut(key, 64)),
    }))
    .filter(({ name }) => name !== '')
    .sort((a, b) => Number(b.ordered) - Number(a.ordered) || compare(a.name, b.name))
    .slice(0, 64);
}

function foreignOf(previous: GuestStateStatus, { foreign }: Look, at: string) {
  const idOf = ({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`;
  const before = new Map(previous.foreign?.map(each => [idOf(each), each.since]));
  return foreign
    .map(({ kind, name, detail, changed }) => {
      const each = { kind, name: cut(name, 128), detail: excerpt(detail, 256) };
      const time = changed !== undefined && !Number.isNaN(changed.getTime()) ? { changed: formatTime(changed) } : {};
      return { ...each, ...time, since: before.get(idOf(each)) ?? at };
    })
    .filter(({ name }) => name !== '')
    .sort((a, b) => compare(idOf(a), idOf(b)))
    .slice(0, 32);
}

/**
 * Those ordered now, and those of before: whoever was ever given rights is looked after for good. Where there are more than the record holds, it
 * forgets such as the look has found without any right: what comes back to them is foreign, and is told as that. Whom the guest's notes bring back
 * has what room is left, so that a guest that notes ever more of them displaces nobody.
 */
function accountsOf(before: readonly string[] = [], { users }: DesiredGuest, { settings, noted }: Look): string[] {
  const closed = new Set(settings.filter(({ standing }) => standing === 'Kept').map(({ setting }) => setting));
  const names = [...new Set([...users.map(({ name }) => name), ...before])];
  const isClosed = (name: string) => closed.has(`former:${name}`);
  const known = [...names.filter(name => !isClosed(name)), ...names.filter(isClosed)];
  return [...new Set([...known, ...noted])].slice(0, 64).sort();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
