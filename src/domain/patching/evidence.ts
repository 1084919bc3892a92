/** What ManagedVMs and their PatchRuns show about the rings of a policy. */
import type { PatchRun } from '../../api/patchrun.ts';
import type { RingStatus } from '../../api/ringstatus.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import type { VMAlerts } from './newalerts.ts';
import {
  type Halt,
  type Installed,
  type RingEvidence,
  type RingRun,
  type RingTerms,
  type RingVerdict,
  ringVerdict,
} from './rings.ts';

/** A ManagedVM that a policy applies to. */
export type RingMember = {
  readonly uid: string;
  /** Name of the ring that it is in. */
  readonly ring: string | undefined;
  readonly operatingSystem: string;
  /** It does not run, or not as it should (Available is False). */
  readonly unhealthy: boolean;
  readonly runs: readonly PatchRun[];
  /** Asked only where a ring checks it. */
  readonly alerts: () => VMAlerts;
};

export type PolicyEvidence = {
  readonly rings: readonly RingTerms[];
  readonly members: readonly RingMember[];
  /** What the policy's status says of its rings. */
  readonly before: readonly RingStatus[];
  /** spec.resume. */
  readonly resume: { readonly ring: string; readonly afterRun: string } | undefined;
};

/** Phases of a verdict by which a guest was patched, and those that tell nothing; all other verdicts are failures: also what nobody knows. */
const SUCCESS: ReadonlySet<string> = new Set(['Succeeded']);
const NOTHING: ReadonlySet<string> = new Set(['NothingToDo', 'Skipped', 'SucceededRebootPending']);

/** A run as far as it is evidence. What is not read back from the guest was not installed. */
export function runEvidence({ metadata, spec, status }: PatchRun): RingRun {
  const ended = status?.ended === undefined ? undefined : new Date(status.ended);
  return {
    name: `${metadata.namespace}/${metadata.name}`,
    managedVM: spec.managedVM.uid,
    start: new Date(spec.occurrence.start),
    end: new Date(spec.occurrence.end),
    ended,
    outcome: ended === undefined ? undefined : outcomeOf(status),
    // Only of few is it asked, and of a fleet there are a hundred thousand runs.
    get installed() {
      return installedBy(status);
    },
  };
}

function outcomeOf(status: PatchRun['status']): RingRun['outcome'] {
  const { phase = 'Unknown', packages = [] } = status ?? {};
  if (SUCCESS.has(phase)) return 'Succeeded';
  if (NOTHING.has(phase)) return 'Left';
  // A window that was over before anything was changed shows nothing about the content.
  return phase === 'WindowExceeded' && packages.every(({ state }) => state === 'Pending' || state === 'Left')
    ? 'Left'
    : 'Failed';
}

function installedBy(status: PatchRun['status']): ReadonlyMap<string, Installed> {
  const installed = (status?.packages ?? []).filter(({ state }) => state === 'Installed');
  return new Map(
    installed.map(({ package: name, from, to, security, severity }) => [
      name,
      { version: to, security, severity, comesAlong: from === undefined },
    ]),
  );
}

/** What is known of one ring; `operatingSystem`: of its guests of that system alone. */
export function ringEvidence(
  { members, before, resume }: PolicyEvidence,
  ring: RingTerms,
  operatingSystem?: string,
): RingEvidence {
  const inRing = members.filter(
    member =>
      member.ring === ring.name && (operatingSystem === undefined || member.operatingSystem === operatingSystem),
  );
  return {
    ring,
    members: new Set(inRing.map(({ uid }) => uid)),
    unhealthy: new Set(inRing.filter(({ unhealthy }) => unhealthy).map(({ uid }) => uid)),
    alerts: new Map(ring.checks.includes('no-new-alerts') ? inRing.map(({ uid, alerts }) => [uid, alerts()]) : []),
    runs: inRing.flatMap(({ runs }) => runs.filter(run => isIn(run, ring)).map(runEvidence)),
    halted: haltIn(before.find(({ name }) => name === ring.name)),
    resumedAfter: resume?.ring === ring.name ? resume.afterRun : undefined,
  };
}

/** Both parties may have a ring of a name. */
function isIn({ spec }: PatchRun, ring: RingTerms): boolean {
  return spec.ring === ring.name && spec.ringOf === ring.party;
}

function haltIn(status: RingStatus | undefined): Halt | undefined {
  const { haltedBy: by, haltedAt: at } = status ?? {};
  return by === undefined || at === undefined ? undefined : { by, at: new Date(at) };
}

/** The verdict on each ring, in their order. */
export function ringVerdicts(evidence: PolicyEvidence, now: Date): readonly (readonly [RingTerms, RingVerdict])[] {
  return evidence.rings.map(ring => [ring, ringVerdict(ringEvidence(evidence, ring), now)]);
}

/** A verdict as the policy's status tells it. */
export function ringStatus([ring, verdict]: readonly [RingTerms, RingVerdict]): RingStatus {
  const { state, reason, members, running, failed, halt } = verdict;
  return {
    ...{ name: ring.name, state, reason: cut(reason, 512), members, running, failed },
    ...(halt && { haltedBy: halt.by, haltedAt: instant(halt.at) }),
  };
}

export type RingProblem = { readonly reason: 'RingHalted' | 'RingEmpty'; readonly message: string };

/** What keeps guests from being begun, of which a person must know. */
export function ringProblem(verdicts: readonly (readonly [RingTerms, RingVerdict])[]): RingProblem | undefined {
  const halted = verdicts.find(([, { state }]) => state === 'Halted');
  if (halted) return { reason: 'RingHalted', message: halted[1].reason };
  const empty = verdicts.slice(0, -1).find(([{ party }, { state }]) => party === 'Provider' && state === 'Empty');
  return empty && { reason: 'RingEmpty', message: empty[1].reason };
}
