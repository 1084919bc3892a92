/** How far a ring is with proving what the rings after it install (MO-11). */

import type { GateCheck } from '../../api/patchrules.ts';
import { earliest, instant } from '../contract/condition.ts';
import { alertsAgainst, type VMAlerts } from './newalerts.ts';
import type { Severity } from './update.ts';

const HOUR = 3_600_000;
/** How long after its window a run may still say how it ended; who says nothing by then has failed. */
export const RUN_GRACE_MS = HOUR;

/** So many, or so many of a hundred. */
export type Share = number | `${number}%`;

/** What a ring asks before it proves anything: part of the ring of a policy. */
export type RingTerms = {
  readonly party: 'Provider' | 'Customer';
  readonly name: string;
  readonly maxFailures: Share;
  readonly soakMs: number;
  readonly checks: readonly GateCheck[];
};

/** A PatchRun, as far as it is evidence. */
export type RingRun = {
  /** `namespace/name`. */
  readonly name: string;
  /** UID of the ManagedVM. */
  readonly managedVM: string;
  /** When its window opens and closes. */
  readonly start: Date;
  readonly end: Date;
  /** When its verdict was written; undefined: it has none. */
  readonly ended: Date | undefined;
  /** Left: nothing was installed and nothing went wrong, which proves nothing. */
  readonly outcome: 'Succeeded' | 'Failed' | 'Left' | undefined;
  /** What was read back from the guest, by package. */
  readonly installed: ReadonlyMap<string, Installed>;
};

export type Installed = {
  readonly version: string;
  readonly security?: boolean | undefined;
  /** The guest did not have the package before. */
  readonly comesAlong?: boolean | undefined;
  readonly severity?: Severity | undefined;
};

/** That a ring was halted: it stays so, whatever becomes of the run, the VM or the number of VMs. */
export type Halt = { readonly by: string; readonly at: Date };

export type RingEvidence = {
  readonly ring: RingTerms;
  /** UIDs of the ManagedVMs that are in it. */
  readonly members: ReadonlySet<string>;
  /** Of these the UIDs whose guests are not healthy now: what they have installed is proven by none of them. */
  readonly unhealthy: ReadonlySet<string>;
  /** Of the members, where the ring checks them. */
  readonly alerts: ReadonlyMap<string, VMAlerts>;
  /** Runs of this policy in this ring. */
  readonly runs: readonly RingRun[];
  /** As the policy's status has it. */
  readonly halted: Halt | undefined;
  /** The run of which somebody has said that the ring goes on after it. */
  readonly resumedAfter: string | undefined;
};

type Counts = { readonly members: number; readonly running: number; readonly failed: number };

export type RingVerdict = Counts & {
  readonly state: 'Empty' | 'Waiting' | 'Open' | 'Soaking' | 'Proven' | 'Halted';
  /** Full sentence with numbers. */
  readonly reason: string;
  readonly halt: Halt | undefined;
  /** What it has proven so far: versions by package, with the instant at which the soak was over. */
  readonly content: ReadonlyMap<string, Proven>;
  /** When time alone changes it. */
  readonly nextEdge: Date | undefined;
};

/** `at`: when the soak was over; `installedAt`: when it began. */
export type Proven = Installed & { readonly at: Date; readonly installedAt: Date };

/**
 * What the runs of a ring show. A VM counts by its last run: who failed and succeeded since is no failure any more, but a halt stays until somebody
 * resumes it, and then forgives failures up to the run that he names and none after it.
 */
export function ringVerdict(evidence: RingEvidence, now: Date): RingVerdict {
  const { ring, members } = evidence;
  const last = lastRuns(evidence, now);
  const running = last.filter(({ outcome }) => outcome === undefined);
  const failures = unforgiven(evidence, last);
  const halt = haltOf(evidence, failures);
  const counts = { members: members.size, running: running.length, failed: failures.length };
  const content = halt === undefined ? provenBy(evidence, now) : new Map<string, Proven>();
  const said = (state: RingVerdict['state'], reason: string, nextEdge?: Date): RingVerdict => ({
    ...counts,
    ...{ state, reason: `Ring ${ring.name} ${reason}`, halt, content, nextEdge },
  });
  if (halt !== undefined) return said('Halted', haltedWords(ring, halt, counts));
  if (members.size === 0) return said('Empty', emptyWords(ring));
  const gate = heldByGate(evidence, last);
  const done = `${progress(evidence, last, counts)}${gate === undefined ? '' : `; ${gate}`}`;
  const closing = earliest(...running.map(({ end }) => new Date(end.getTime() + RUN_GRACE_MS)));
  if (running.length > 0) return said('Open', `is patched: ${done}.`, closing);
  const soaked = nextSoaked(evidence, now);
  if (soaked !== undefined) {
    return said('Soaking', `runs with what it has installed until ${instant(soaked)}: ${done}.`, soaked);
  }
  if (gate !== undefined) return said('Waiting', `proves nothing new: ${done}.`);
  if (content.size === 0) return said('Waiting', `has proven nothing yet: ${done}.`);
  return said('Proven', `has proven ${content.size} packages: ${done}.`);
}

/**
 * Why no guest of a ring may be begun; undefined: it may. A halted ring stops itself and all after it. The provider's empty canary stops those after it,
 * for nothing proves their content; a customer's own ring only adds, so that an empty one is passed over. A ring is known by its party and name: both
 * policies may have one of a name.
 */
export function frozenBy(
  verdicts: readonly (readonly [Pick<RingTerms, 'name' | 'party'>, Pick<RingVerdict, 'state' | 'reason'>])[],
  ring: Pick<RingTerms, 'name' | 'party'> | undefined,
): string | undefined {
  const position = verdicts.findIndex(([{ name, party }]) => name === ring?.name && party === ring.party);
  const halted = verdicts.slice(0, position + 1).find(([, { state }]) => state === 'Halted');
  if (halted) return halted[1].reason;
  const empty = verdicts
    .slice(0, Math.max(position, 0))
    .find(([{ party }, { state }]) => party === 'Provider' && state === 'Empty');
  return empty?.[1].reason;
}

/** Of each VM the run that began last, those of VMs that are not in the ring any more left out. A run that says nothing in time has failed. */
function lastRuns({ members, runs }: RingEvidence, now: Date): readonly RingRun[] {
  const last = new Map<string, RingRun>();
  for (const run of runs) {
    const before = last.get(run.managedVM);
    if (members.has(run.managedVM) && (before === undefined || before.end <= run.end)) last.set(run.managedVM, run);
  }
  return [...last.values()].map(run => inTime(run, now));
}

function inTime(run: RingRun, now: Date): RingRun {
  const limit = new Date(run.end.getTime() + RUN_GRACE_MS);
  return run.outcome === undefined && now >= limit ? { ...run, outcome: 'Failed', ended: limit } : run;
}

/** Those that failed, in the order in which they did, but for what somebody has forgiven. */
function unforgiven({ runs, halted, resumedAfter }: RingEvidence, last: readonly RingRun[]): readonly RingRun[] {
  const named = runs.find(({ name }) => name === resumedAfter);
  const forgiven = halted?.by === resumedAfter ? halted?.at : (named?.ended ?? named?.end);
  return last
    .filter(({ outcome, ended }) => outcome === 'Failed' && (forgiven === undefined || (ended ?? forgiven) > forgiven))
    .toSorted((a, b) => (a.ended?.getTime() ?? 0) - (b.ended?.getTime() ?? 0) || (a.name < b.name ? -1 : 1));
}

function haltOf(evidence: RingEvidence, failures: readonly RingRun[]): Halt | undefined {
  const { ring, members, halted, resumedAfter } = evidence;
  if (halted !== undefined && halted.by !== resumedAfter) return halted;
  const last = failures[allowed(ring.maxFailures, members.size)];
  return last && { by: last.name, at: last.ended ?? last.end };
}

/** How many may fail; of a share nothing is rounded up. */
export function allowed(share: Share, members: number): number {
  return typeof share === 'number' ? share : Math.floor((Number.parseInt(share, 10) * members) / 100);
}

/** What was installed and ran for the soak, and runs still. Of two versions of a package the one that was installed later counts. */
export function provenBy(evidence: RingEvidence, now: Date): ReadonlyMap<string, Proven> {
  if (heldByGate(evidence, lastRuns(evidence, now)) !== undefined) return new Map();
  const soaked = succeeded(evidence).filter(({ at, run }) => at <= now && !evidence.unhealthy.has(run.managedVM));
  // The newest first: of thousands of guests nearly all have installed the same.
  const proven = new Map<string, Proven>();
  for (const { run, at, installedAt } of soaked.toSorted((a, b) => a.at.getTime() - b.at.getTime()).toReversed())
    for (const [name, installed] of run.installed)
      if (!proven.has(name)) proven.set(name, { ...installed, at, installedAt });
  return proven;
}

/** Why nothing gets through its gate, in words for a sentence. A run that has changed nothing is no matter of it. */
function heldByGate({ ring, alerts }: RingEvidence, last: readonly RingRun[]): string | undefined {
  if (!ring.checks.includes('no-new-alerts')) return undefined;
  return alertsAgainst(
    last.filter(({ outcome }) => outcome !== 'Left'),
    alerts,
  );
}

function nextSoaked(evidence: RingEvidence, now: Date): Date | undefined {
  const soaking = succeeded(evidence).filter(({ run, at }) => at > now && run.installed.size > 0);
  return earliest(...soaking.map(({ at }) => at));
}

type Succeeded = { readonly run: RingRun; readonly installedAt: Date; readonly at: Date };

function succeeded({ ring, runs, members }: RingEvidence): readonly Succeeded[] {
  return runs.flatMap(run => {
    if (run.outcome !== 'Succeeded' || run.ended === undefined || !members.has(run.managedVM)) return [];
    return [{ run, installedAt: run.ended, at: new Date(run.ended.getTime() + ring.soakMs) }];
  });
}

function progress(evidence: RingEvidence, last: readonly RingRun[], { members, running, failed }: Counts): string {
  const done = last.filter(({ outcome }) => outcome === 'Succeeded' || outcome === 'Left').length;
  const sick = last.filter(({ managedVM }) => evidence.unhealthy.has(managedVM)).length;
  const health = sick === 0 ? '' : `; ${sick} not healthy, which prove nothing`;
  return `${done} of ${members} VMs done, ${running} under way, ${failed} failed${health}`;
}

function haltedWords({ maxFailures }: RingTerms, { by, at }: Halt, { failed, members }: Counts): string {
  return `is halted since ${instant(at)}, when PatchRun ${by} failed: ${failed} of ${members} VMs failed, ${maxFailures} may; it goes on once spec.resume names that run.`;
}

function emptyWords({ party }: RingTerms): string {
  return party === 'Provider'
    ? 'has no VM, so nothing is proven and the rings after it wait (MO-11).'
    : 'has no VM and is passed over: what the provider has proven is installed.';
}
