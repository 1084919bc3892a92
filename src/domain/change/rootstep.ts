/** How far a change is by which a root disk is made anew: as the ManagedVM says, and nothing that the change says of itself (MO-2, GE-11). */
import type { NewRoot, NewRootPhase } from '../../api/newroot.ts';
import { instant } from '../contract/condition.ts';
import { endedBySteward, type Result } from '../contract/stewardchange.ts';
import { BEGIN_MS, whyNot } from '../machine/newroot.ts';
import type { OperationFacts, OperationStep } from './operation.ts';

const NO_INSTANCE = 'none';

const OUTCOMES: Partial<Readonly<Record<NewRootPhase, Result['outcome']>>> = {
  OnTrial: 'Succeeded',
  Accepted: 'Succeeded',
  TakenBack: 'RolledBack',
  Failed: 'Failed',
};

/** Undefined: it has a result. */
export function rootStep(facts: OperationFacts & { readonly uid: string | undefined }): OperationStep | undefined {
  const { spec, uid, claim, target, mayBegin, now } = facts;
  if (spec.result !== undefined) return undefined;
  if (target.unknown !== undefined) return { says: target.unknown, claim };
  const over = (outcome: Result['outcome'], says: string): OperationStep => ({
    ...{ says, claim },
    result: endedBySteward(outcome, says, now),
  });
  const { managedVM } = target;
  const name = `ManagedVM ${spec.target.name}`;
  if (managedVM === undefined || managedVM.metadata.uid !== spec.target.uid)
    return over(claim ? 'Failed' : 'Cancelled', `${name} of uid ${spec.target.uid} is gone.`);
  const at = managedVM.status?.newRoot;
  if (at?.change.uid === uid && at !== undefined) return underWay(at, over, claim);
  if (claim === undefined) {
    if (!mayBegin)
      return { says: 'Steward carries it out once Agreed and InWindow are True, and does nothing before.' };
    if (managedVM.metadata.deletionTimestamp !== undefined) return over('Cancelled', `${name} is being deleted.`);
    const why = waitsFor(facts, name);
    if (why !== undefined) return { says: why };
    const instance = target.instance?.uid ?? NO_INSTANCE;
    return { says: `Steward makes the new root disk of ${name}.`, claim: { instance, at: instant(now) } };
  }
  const until = new Date(Date.parse(claim.at) + BEGIN_MS);
  if (now < until) return { says: `Steward makes the new root disk of ${name}.`, claim, nextEdge: until };
  const why = whyNot(managedVM) ?? 'It is not known why.';
  return over(
    'Cancelled',
    `The new root disk was not begun within ${BEGIN_MS / 60_000} minutes: ${why} Nothing was done.`,
  );
}

/** What must be over before it is set out to do. */
function waitsFor({ target: { managedVM } }: OperationFacts, name: string): string | undefined {
  if (managedVM === undefined) return undefined;
  if (managedVM.spec.paused !== undefined) return `${name} is paused by spec.paused: Steward waits for its end.`;
  const other = managedVM.status?.newRoot;
  if (other === undefined) return whyNot(managedVM);
  const follow = other.phase === 'Accepted' ? `spec.operatingSystem must say ${other.operatingSystem} first.` : '';
  return `The root disk of ${name} is made anew by ChangeRequest ${other.change.name} (${other.phase}): Steward waits for its end. ${follow}`.trim();
}

function underWay(
  { phase, message, operation, ranAt, until }: NewRoot,
  over: (outcome: Result['outcome'], says: string) => OperationStep,
  claim: OperationStep['claim'],
): OperationStep {
  if (operation === 'Rescue') {
    if (phase === 'TakenBack' && ranAt !== undefined)
      return over('Succeeded', `The rescue system ran from ${ranAt} on. ${message}`);
    if (phase === 'OnTrial') return { says: message, claim, ...(until && { nextEdge: new Date(until) }) };
  }
  const outcome = OUTCOMES[phase];
  return outcome === undefined ? { says: message, claim } : over(outcome, message);
}
