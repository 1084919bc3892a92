import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { DoneRemedy, OrderedRemedy } from '../../api/remedy.ts';
import { instant } from '../../domain/contract/condition.ts';
import { outcomeOf } from '../../guest/remedy/outcome.ts';
import { openStep } from '../../guest/run/steprecords.ts';
import { firstGeneration, giveBack, isHeldBy, type VMLease } from '../../guest/run/vmlease.ts';
import { type Draft, leaseTaken } from './draft.ts';
import { hindered, unhindered } from './hindrance.ts';
import type { PassResult } from './memory.ts';
import { leaseHeldOn, type Work } from './putright.ts';

const PURPOSE = 'Remedy';

/** What is to be mended in the guest and was not answered yet, where nothing else runs there. */
export function remedyDue({ spec, status }: ManagedVM, record: GuestStateStatus): OrderedRemedy | undefined {
  const ordered = status?.remedy;
  if (ordered === undefined || record.remedy?.change.uid === ordered.change.uid) return undefined;
  const open = openStep(record.steps);
  if (open !== undefined) return open.id === stepOf(ordered) ? ordered : undefined;
  return spec.paused === undefined ? ordered : undefined;
}

/**
 * Mends something in the guest by one step that never begins twice, as far as it comes now (MO-6): its id is that of the change by which it is done. Leaves
 * the last change of the status to its caller to write. Throws GuestFailure, ApiError.
 */
export async function mend(work: Work, ordered: OrderedRemedy, draft: Draft): Promise<PassResult> {
  const { reachable, desired, parts } = work;
  const { hands, clock, identity, metrics } = parts;
  const id = stepOf(ordered);
  const stored = draft.status.steps?.find(step => step.id === id);
  const mayBegin = () => clock.now() < new Date(ordered.until);
  if (!hands.canMend(desired, ordered))
    return answered(work, draft, ordered, {
      outcome: 'NotFound',
      says: 'Steward mends nothing like it in guests of this family.',
    });
  if (stored === undefined && !mayBegin()) return answered(work, draft, ordered, TOO_LATE);
  const lease = isHeldBy(draft.status, identity) ? draft.status.lease : await taken(work, draft);
  if (lease === undefined) return 'Waiting';
  const progress = await hands.mend(reachable.target, desired, ordered, { id, lease, draft, mayBegin, clock });
  switch (progress.state) {
    case 'NotRecorded': {
      // A disk on which no step can be written down is what this is for. Run again it does nothing more, so that it need not be one.
      if (ordered.action === 'FreeSpace' && progress.why !== 'Locked' && mayBegin())
        return answered(work, draft, ordered, await hands.mendAtOnce(reachable.target, desired, ordered));
      draft.status = hindered(draft.status, { why: progress.why, folder: hands.stepsFolderOf(desired) }, clock.now());
      return given(draft, 'Fruitless');
    }
    case 'Overtaken':
      return given(draft, 'Failed');
    case 'NotBegun':
      return answered(work, draft, ordered, TOO_LATE);
    case 'Ended': {
      metrics.ended(progress.verdict);
      const output =
        progress.verdict.kind === 'Finished' ? await hands.outputOf(reachable.target, desired, id) : undefined;
      return answered(work, draft, ordered, outcomeOf(progress.verdict, output));
    }
    case 'Waiting':
    case 'Running':
      draft.status = unhindered(draft.status);
      leaseHeldOn(work, lease, draft);
      return 'Working';
  }
}

const TOO_LATE = { outcome: 'NotBegun', says: 'It was too late for it when the guest could be worked in.' } as const;

/** Written with the lease given back: what is looked at next is looked at by anybody. */
function answered(
  { parts: { clock }, tell }: Work,
  draft: Draft,
  { change, action }: OrderedRemedy,
  { outcome, says }: Pick<DoneRemedy, 'outcome' | 'says'>,
): PassResult {
  draft.status = { ...unhindered(draft.status), remedy: { change, outcome, says, at: instant(clock.now()) } };
  if (outcome === 'Failed' || outcome === 'Unknown')
    tell('RemedyFailed', `${action} of ChangeRequest ${change.name}: ${says}`);
  return given(draft, 'Again');
}

function given(draft: Draft, result: PassResult): PassResult {
  draft.status = giveBack(draft.status);
  return result;
}

function taken({ record, memory, parts: { clock, identity } }: Work, draft: Draft): Promise<VMLease | undefined> {
  const unchangedMs = memory.leaseUnchangedMs(draft.status.lease, clock.monotonic());
  const first = firstGeneration(record.metadata.creationTimestamp);
  return leaseTaken(draft, { holder: identity, purpose: PURPOSE }, { now: clock.now(), unchangedMs, first });
}

/** One for each change, and no other ever has it. */
function stepOf({ change }: OrderedRemedy): string {
  return `remedy-${change.uid}`;
}
