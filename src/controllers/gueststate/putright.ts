import type { GuestState, GuestStateStatus } from '../../api/gueststate.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Verdict } from '../../guest/run/step.ts';
import { openStep, readStep } from '../../guest/run/steprecords.ts';
import { firstGeneration, giveBack, isHeldBy, renewLease, type VMLease } from '../../guest/run/vmlease.ts';
import { type Draft, leaseTaken, stepWritten } from './draft.ts';
import { hindered, unhindered } from './hindrance.ts';
import type { GuestMemory, PassResult } from './memory.ts';
import type { Parts } from './parts.ts';
import type { Reachable } from './reach.ts';

const PURPOSE = 'Configuration';
const OURS = 'configure-';

/** The record under whose lease the guest is worked in. */
export type Work = {
  readonly record: GuestState;
  readonly reachable: Reachable;
  /** How the guest shall be, by the key that has opened it. */
  readonly desired: DesiredGuest;
  readonly memory: GuestMemory;
  readonly parts: Parts;
  /** Tells a person what went wrong, by a Warning. */
  readonly tell: (reason: string, message: string) => void;
};

/**
 * Puts settings right by one step for each taking of the VM's lease, as far as it comes now. A step that another has claimed and left is
 * brought to its end first. Leaves the last change of the status to its caller to write. Throws GuestFailure, ApiError.
 */
export async function putRight(work: Work, settings: readonly string[], draft: Draft): Promise<PassResult> {
  const { parts } = work;
  const mine = isHeldBy(draft.status, parts.identity);
  const open = openStep(draft.status.steps);
  if (settings.length === 0 && open === undefined) return ended(draft, mine, 'Kept');
  if (mine && open === undefined && hasStep(draft.status)) return ended(draft, mine, 'Fruitless');
  const lease = mine ? draft.status.lease : await taken(work, draft);
  if (lease === undefined) return 'Waiting';
  return carriedOn(work, lease, open?.id ?? idOf(lease), settings, draft);
}

/** Goes on with the step that runs under our lease. */
export async function carriedOn(
  { reachable, desired, memory, parts, tell }: Work,
  lease: VMLease,
  id: string,
  settings: readonly string[],
  draft: Draft,
): Promise<PassResult> {
  const { hands, clock, metrics } = parts;
  const stored = draft.status.steps?.find(step => step.id === id);
  const remembered = draft.status.steps?.map(step => step.id) ?? [];
  // Of what another was about to do (a patch) we only see the end: it is not ours to begin.
  const mayBegin = () => isOurs(id);
  const step = { id, generation: lease.generation, record: stored && readStep(stored), remembered, mayBegin };
  const progress = await hands.heal(reachable.target, desired, settings, step, record =>
    stepWritten(draft, id, record, clock.now()),
  );
  switch (progress.state) {
    case 'NotRecorded':
      draft.status = hindered(draft.status, { why: progress.why, folder: hands.stepsFolderOf(desired) }, clock.now());
      return ended(draft, true, 'Fruitless');
    case 'Ended':
      draft.status = unhindered(draft.status);
      metrics.ended(progress.verdict);
      tellEnd(id, progress.verdict, tell);
      return 'Again';
    case 'NotBegun':
    case 'Overtaken':
      return ended(draft, true, 'Failed');
    case 'Waiting':
    case 'Running': {
      draft.status = unhindered(draft.status);
      leaseHeldOn({ memory, parts }, lease, draft);
      return 'Working';
    }
  }
}

/** Who works in the guest says so anew, in time. */
export function leaseHeldOn(
  { memory, parts: { clock } }: Pick<Work, 'memory' | 'parts'>,
  lease: VMLease,
  draft: Draft,
): void {
  const unchangedMs = memory.leaseUnchangedMs(draft.status.lease, clock.monotonic());
  draft.status = { ...draft.status, lease: renewLease(lease, { now: clock.now(), unchangedMs }) };
}

function taken({ record, memory, parts }: Work, draft: Draft): Promise<VMLease | undefined> {
  const { clock, identity } = parts;
  const unchangedMs = memory.leaseUnchangedMs(draft.status.lease, clock.monotonic());
  const first = firstGeneration(record.metadata.creationTimestamp);
  return leaseTaken(draft, { holder: identity, purpose: PURPOSE }, { now: clock.now(), unchangedMs, first });
}

function ended(draft: Draft, mine: boolean, result: PassResult): PassResult {
  if (mine) draft.status = giveBack(draft.status);
  return result;
}

/** What nobody sees by the settings: that they are looked at again, and put right by another step, says nothing of this one. */
function tellEnd(id: string, { kind }: Verdict, tell: Work['tell']): void {
  const never = 'It is never begun again; what still differs is put right by another.';
  if (kind === 'CutOff') tell('StepCutOff', `Step ${id} began in the guest and left no result. ${never}`);
  if (kind === 'Unknown')
    tell(
      'StepUnknown',
      `Whether step ${id} ran is not known: the guest has booted since and does not remember it. ${never}`,
    );
  if (kind === 'Withdrawn')
    tell(
      'StepWithdrawn',
      `Step ${id} had not begun in the guest, and whoever claimed it works there no more. It never begins.`,
    );
}

/** Each taking of the lease has a step of its own, and its generation is never used again. */
function idOf({ generation }: VMLease): string {
  return `${OURS}${generation}`;
}

function isOurs(id: string): boolean {
  return id.startsWith(OURS);
}

function hasStep({ lease, steps = [] }: GuestStateStatus): boolean {
  return lease !== undefined && steps.some(({ id }) => id === idOf(lease));
}
