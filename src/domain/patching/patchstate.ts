/** What is known of the patches of one ManagedVM: its updates by the terms, its PatchRuns, and its windows. */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import type { UpdateSummary } from '../../api/patchsummary.ts';
import { earliest, instant } from '../contract/condition.ts';
import { nextCustomerWait, waitOf, waitSentence } from '../contract/customerwait.ts';
import { BUCKETS } from './approve.ts';
import { proofOf } from './baseline.ts';
import { type Compliance, type Counts, compliance } from './compliant.ts';
import type { PatchingFacts } from './facts.ts';
import { provingRing, ringOf } from './ringof.ts';
import { RUN_GRACE_MS } from './rings.ts';
import type { PatchTerms } from './terms.ts';

type Patching = NonNullable<ManagedVMStatus['patching']>;

export type PatchState = {
  readonly compliance: Compliance;
  /** What the status tells beside the policy and its next window. */
  readonly told: Pick<Patching, 'updates' | 'lastRun' | 'lastSuccess' | 'lastWindow' | 'missedWindow'>;
  readonly nextEdge: Date | undefined;
};

export function patchState(
  managedVM: ManagedVM,
  facts: PatchingFacts,
  terms: PatchTerms,
  next: Date | undefined,
  now: Date,
): PatchState {
  const runs = facts.runs.toSorted((a, b) => (a.spec.occurrence.start < b.spec.occurrence.start ? 1 : -1));
  const waiting = waitingIn(facts.changes(terms.policy), now);
  const said = compliance(
    {
      ...{ terms, updates: facts.updates, nextWindow: next, withheld: withheldBy(terms, next) ?? waiting?.sentence },
      proofOf: proofIn(managedVM, facts, terms),
      failures: failuresOf(runs.find(isEnded)),
    },
    now,
  );
  const [last] = runs;
  const before = managedVM.status?.patching;
  const lastWindow = lastWindowOf(before, now);
  const success = runs.find(({ status }) => status?.phase === 'Succeeded' || status?.phase === 'NothingToDo')?.status
    ?.ended;
  const missed = missedWindow(lastWindow, runs, isExpected(managedVM, facts, terms), now);
  return {
    compliance: said,
    told: {
      ...(lastWindow && { lastWindow }),
      ...(missed && { missedWindow: missed }),
      ...(said.counts && facts.updates && { updates: summaryOf(said.counts, facts.updates.at) }),
      ...(last && { lastRun: runSummary(last, now) }),
      // PatchRuns are thrown away some day; when one succeeded is not forgotten with it.
      ...((success ?? before?.lastSuccess) && { lastSuccess: success ?? before?.lastSuccess }),
    },
    nextEdge: earliest(
      nextCustomerWait(facts.changes(terms.policy), now),
      ...[lastWindow, last?.spec.occurrence].flatMap(each => closingAfter(each, now)),
    ),
  };
}

/** What the provider's ring before has proven of a package, in the order in which it knows the versions. */
export function proofIn(
  { metadata }: ManagedVM,
  facts: PatchingFacts,
  terms: PatchTerms,
): Parameters<typeof compliance>[0]['proofOf'] {
  const { namespace = '', labels = {} } = metadata;
  const before = provingRing(terms.rings, ringOf(terms.rings, { namespace, labels }));
  if (before === undefined) return () => 'NotNeeded';
  const content = facts.content(terms.provenBy);
  return update => proofOf(update, content, before.name);
}

/** A change that nobody but the customer can bring on: a window that he has postponed, or an order that he has not agreed to (GE-4). */
function waitingIn(changes: readonly ChangeRequest[], now: Date): { readonly sentence: string } | undefined {
  const [wait] = changes.filter(({ spec }) => spec.result === undefined).flatMap(change => waitOf(change, now) ?? []);
  return wait && { sentence: `${waitSentence(wait)}.` };
}

/** The windows of a PatchPolicy are the customer's to give (GE-4). */
function withheldBy({ policy }: PatchTerms, next: Date | undefined): string | undefined {
  if (next !== undefined || policy.kind !== 'PatchPolicy') return undefined;
  return `no window of PatchPolicy ${policy.name} opens any more.`;
}

function failuresOf(run: PatchRun | undefined): ReadonlyMap<string, string> {
  const failed = (run?.status?.packages ?? []).filter(({ state }) => state === 'Failed');
  return new Map(failed.map(({ package: name, reason }) => [name, reason ?? 'no reason is known']));
}

function isEnded({ status }: PatchRun): boolean {
  return status?.ended !== undefined;
}

/** Maintenance is a fact that routes of alerts may honour, so that a run which says nothing any more must not stay under way for ever. */
function runSummary({ metadata, spec, status }: PatchRun, now: Date): NonNullable<Patching['lastRun']> {
  return {
    ...{ name: metadata.name, phase: status?.phase ?? 'Planned', ...(status?.ended && { ended: status.ended }) },
    underWay: status?.ended === undefined && now < closing(spec.occurrence),
  };
}

/** What was announced as the next window is the last one once it has opened. */
function lastWindowOf(before: Patching | undefined, now: Date): Patching['lastWindow'] {
  const { nextWindow: next, lastWindow } = before ?? {};
  return next !== undefined && new Date(next.start) <= now ? next : lastWindow;
}

/** Nobody is missed who is off, paused, suspended, or held up by a ring: for them none is opened. */
function isExpected(
  { spec }: ManagedVM,
  { rings }: PatchingFacts,
  { policy, provenBy, suspendedBy }: PatchTerms,
): boolean {
  const held = [policy, provenBy].flatMap(rings).some(({ state }) => state === 'Halted' || state === 'Empty');
  return spec.powerState === 'Running' && spec.paused === undefined && suspendedBy === undefined && !held;
}

/** The last window, once it is closed and no run that worked in it came to its end. */
function missedWindow(
  last: Patching['lastWindow'],
  runs: readonly PatchRun[],
  isExpected: boolean,
  now: Date,
): Patching['missedWindow'] {
  if (last === undefined || !isExpected || now < closing(last)) return undefined;
  const itsRun = runs.find(
    ({ spec: { occurrence } }) => occurrence.window === last.window && occurrence.date === last.date,
  );
  const worked = itsRun !== undefined && isEnded(itsRun) && itsRun.status?.phase !== 'Skipped';
  return worked ? undefined : { window: last.window, end: last.end };
}

function closingAfter(window: { readonly end: string } | undefined, now: Date): readonly Date[] {
  return window !== undefined && closing(window) > now ? [closing(window)] : [];
}

function closing({ end }: { readonly end: string }): Date {
  return new Date(Date.parse(end) + RUN_GRACE_MS);
}

function summaryOf(
  { missing, security, byBucket, oldest, due, rebootPending }: Counts,
  askedAt: string,
): UpdateSummary {
  const standing = BUCKETS.flatMap(bucket => {
    if (bucket === 'Compliant' || bucket === 'PendingReboot') return [];
    return [...(byBucket.get(bucket) ?? [])].map(([severity, count]) => ({ bucket, severity, count }));
  });
  return {
    ...{ askedAt, missing, security, standing },
    ...(oldest && { oldest: instant(oldest) }),
    ...(due && { due: instant(due) }),
    ...(rebootPending !== undefined && { rebootPending }),
  };
}
