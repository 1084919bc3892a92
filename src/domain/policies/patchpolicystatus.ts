import {
  type ClusterPatchPolicy,
  ClusterPatchPolicySpec,
  type ClusterPatchPolicyStatus,
} from '../../api/clusterpatchpolicy.ts';
import type { MaintenanceWindowSpec } from '../../api/maintenancewindow.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type PatchPolicy, PatchPolicySpec, type PatchPolicyStatus } from '../../api/patchpolicy.ts';
import type { PatchRun } from '../../api/patchrun.ts';
import { type ConditionInput, earliest, instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { type Readable, readable } from '../contract/readable.ts';
import type { Unreadable } from '../contract/unreadable.ts';
import { ringProblem, ringStatus } from '../patching/evidence.ts';
import { occurrenceStatus } from '../patching/notice.ts';
import { nextOccurrence, type Occurrence, occurrenceAt, type Window } from '../patching/window.ts';
import { usableOf, windowOf } from '../patching/windows.ts';
import { progressOf, upcomingOf } from './patchoutlook.ts';
import { type Assessment, notReadable, observed, stalled } from './policystatus.ts';

/** A reason why a policy cannot be worked by as it is written. */
type Problem = { readonly reason: string; readonly message: string };
type RingVerdicts = Parameters<typeof ringProblem>[0];
/** Rules of the policy, the windows that can be worked by, and what is wrong with the others. */
type Windows = { readonly usable: readonly Window[]; readonly problem: Problem | undefined };
type Excluded = readonly { readonly package: string; readonly reason: string; readonly until: string }[];
type Rules = {
  readonly approve?: { readonly exclude?: Excluded | undefined } | undefined;
  readonly suspend: boolean;
  readonly postponable?: string | undefined;
};
type Facts<Policy> = {
  readonly policy: Policy;
  /** The ManagedVMs that it applies to, as they say themselves. */
  readonly members: readonly ManagedVM[];
  /** How its rings stand, in their order. */
  readonly verdicts: RingVerdicts;
  /** Their PatchRuns. */
  readonly runs: readonly PatchRun[];
  /** A kind that cannot be read and without which nothing can be said. */
  readonly unreadable: Unreadable | undefined;
  readonly now: Date;
};

export type PatchPolicyFacts = Facts<PatchPolicy> & {
  /** A MaintenanceWindow of its namespace, if it exists. */
  readonly window: (name: string) => Readable<MaintenanceWindowSpec> | undefined;
  /** Who may decide for the customer, by name; undefined: that is not known. */
  readonly approvers: readonly string[] | undefined;
};

/** Whether a PatchPolicy can be worked by, when, and how its ManagedVMs fare (MO-4). */
export function assessPatchPolicy(facts: PatchPolicyFacts): Assessment<PatchPolicyStatus> {
  const { policy, now } = facts;
  const { spec, problem } = readable(PatchPolicySpec, policy.spec);
  if (spec === undefined) return invalid(facts, problem);
  return assessed(facts, spec, windowsNamed(spec.windowRefs, facts.window, now), facts.approvers);
}

/** Whether a ClusterPatchPolicy can be worked by, when, and how the ManagedVMs fare whose patches it proves (MO-3, MO-11). */
export function assessClusterPatchPolicy(facts: Facts<ClusterPatchPolicy>): Assessment<ClusterPatchPolicyStatus> {
  const { policy, now } = facts;
  const { spec, problem } = readable(ClusterPatchPolicySpec, policy.spec);
  if (spec === undefined) return invalid(facts, problem);
  const windows = spec.windows.map(({ name, ...times }) => windowOf(name, times));
  return assessed(facts, spec, overlapping(windows, now));
}

type Counted = Pick<PatchPolicyStatus, 'observedGeneration' | 'managedVMs' | 'compliant'>;

function invalid({ policy, members }: Facts<PatchPolicy | ClusterPatchPolicy>, problem: string): Assessment<Counted> {
  return { status: counted(policy, members), conditions: stalled('InvalidPolicy', cut(`${problem}.`, 300)) };
}

function counted({ metadata }: PatchPolicy | ClusterPatchPolicy, members: readonly ManagedVM[]): Counted {
  const keeps = ({ status }: ManagedVM) =>
    status?.conditions?.some(({ type, status: said }) => type === 'PatchCompliant' && said === 'True') ?? false;
  return { ...observed(metadata.generation), managedVMs: members.length, compliant: members.filter(keeps).length };
}

function assessed(
  { policy, members, verdicts, runs, unreadable, now }: Facts<PatchPolicy | ClusterPatchPolicy>,
  rules: Rules,
  { usable, problem }: Windows,
  approvers?: readonly string[],
): Assessment<PatchPolicyStatus> {
  const whose = { kind: policy.kind, postponable: rules.postponable };
  const open = occurrenceAt(usable, now);
  const next = nextOccurrence(usable, now);
  const excluded = rules.approve?.exclude ?? [];
  const edges = verdicts.map(([, verdict]) => verdict.nextEdge);
  const nextEdge = earliest(...edges, open?.end, next?.start, ...excluded.map(endOf).filter(end => end > now));
  const status = {
    ...counted(policy, members),
    ...(open && { open: occurrenceStatus(open) }),
    ...(next && { next: occurrenceStatus(next) }),
    ...(next && unreadable === undefined && { upcoming: upcomingOf(whose, members, next, approvers) }),
    ...(open && unreadable === undefined && { progress: progressOf(whose, members, runs, open) }),
    ...ringsOf(policy, verdicts, unreadable),
  };
  const conditions = [
    ...readiness(rules, problem ?? halted(verdicts), next),
    exclusionsInForce(excluded, now),
    proving(verdicts),
  ];
  return {
    status,
    conditions: unreadable ? notReadable(unreadable, 'ExclusionsInForce', 'Proving') : conditions,
    ...(nextEdge && { nextEdge }),
  };
}

/** Rings that cannot be judged stand as they did: a halt among them must not be lost. */
function ringsOf(
  { status }: PatchPolicy | ClusterPatchPolicy,
  verdicts: RingVerdicts,
  unreadable: Unreadable | undefined,
): Pick<PatchPolicyStatus, 'rings'> {
  const rings = unreadable === undefined ? verdicts.map(ringStatus) : (status?.rings ?? []);
  return rings.length === 0 ? {} : { rings };
}

/** A policy that does only half of what it says is not as it was written, and somebody must look. */
function readiness(rules: Rules, problem: Problem | undefined, next: Occurrence | undefined): ConditionInput[] {
  const when =
    next === undefined ? '' : ` Guests are patched next from ${instant(next.start)} on (window ${next.window}).`;
  if (problem !== undefined) return stalled(problem.reason, `${problem.message}${when}`);
  if (next === undefined) {
    return stalled('NoWindowLeft', 'None of its windows opens any more: see their validUntil and exclusions.');
  }
  if (rules.suspend) {
    const message = `spec.suspend is true: no further guest is begun, and what is under way ends. The next window opens on ${instant(next.start)}.`;
    return [{ type: 'Ready', status: 'True', reason: 'Suspended', message }];
  }
  return [{ type: 'Ready', status: 'True', reason: 'InForce', message: when.trim() }];
}

/** A person must look before anything goes on. */
function halted(verdicts: RingVerdicts): Problem | undefined {
  const problem = ringProblem(verdicts);
  return problem?.reason === 'RingHalted' ? problem : undefined;
}

/** Whether content gets through the rings (MO-11): an empty canary proves nothing, and what is proven already is installed all the same. */
function proving(verdicts: RingVerdicts): ConditionInput {
  const problem = ringProblem(verdicts);
  if (problem !== undefined) return { type: 'Proving', status: 'False', ...problem };
  const message = `${verdicts.length} rings: none is halted, and none that others wait for is empty.`;
  return { type: 'Proving', status: 'True', reason: 'RingsInOrder', message };
}

/** What was withheld for a time is installed when that has passed: somebody may have counted on more. */
function exclusionsInForce(excluded: Excluded, now: Date): ConditionInput {
  const type = 'ExclusionsInForce';
  const expired = excluded.filter(exclusion => endOf(exclusion) <= now);
  if (expired.length === 0) {
    const message = `${excluded.length} ${excluded.length === 1 ? 'package is' : 'packages are'} withheld for a time.`;
    return { type, status: 'True', reason: excluded.length === 0 ? 'NoneWithheld' : 'InForce', message };
  }
  const few = expired.slice(0, 5).map(each => `${each.package} (${each.reason}) on ${each.until}`);
  const more = expired.length > 5 ? ` and ${expired.length - 5} more` : '';
  const message = cut(`Ended, and installed again: ${few.join(', ')}${more}.`, 1024);
  return { type, status: 'False', reason: 'ExclusionExpired', message };
}

function endOf({ until }: Excluded[number]): Date {
  return new Date(Date.parse(until) + 86_400_000);
}

function windowsNamed(names: readonly string[], window: PatchPolicyFacts['window'], now: Date): Windows {
  const stored = names.map(name => ({ name, times: window(name) }));
  const there = stored.flatMap(({ name, times }) => (times?.spec === undefined ? [] : [windowOf(name, times.spec)]));
  const windows = overlapping(there, now);
  const missing = stored.filter(({ times }) => times === undefined).map(({ name }) => name);
  if (missing.length > 0) {
    const message = `There is no MaintenanceWindow ${missing.join(', ')} (spec.windowRefs) in this namespace.`;
    return { ...windows, problem: { reason: 'WindowNotFound', message } };
  }
  const unread = stored.find(({ times }) => times?.spec === undefined);
  if (unread === undefined) return windows;
  const message = `MaintenanceWindow ${unread.name} (spec.windowRefs) cannot be read: see its Ready.`;
  return { ...windows, problem: { reason: 'WindowNotUsable', message } };
}

function overlapping(windows: readonly Window[], now: Date): Windows {
  const { usable, problem } = usableOf(windows, now);
  return { usable, problem: problem === undefined ? undefined : { reason: 'WindowNotUsable', message: problem } };
}
