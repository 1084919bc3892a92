/** How far a change is by which something is mended in a guest: as the guest worker has answered, and nothing that the change says of itself. */
import type { ChangeRequestSpec, ChangeRequestStatus } from '../../api/changerequest.ts';
import type { DoneRemedy } from '../../api/remedy.ts';
import { instant } from '../contract/condition.ts';
import { endedBySteward, NOT_TO_BE_DONE, type Result } from '../contract/stewardchange.ts';
import type { OperationStep, OperationTarget } from './operation.ts';

/** So long after its window an answer of the guest worker is waited for: what began at its end is followed to its own. Milliseconds. */
const ANSWER_MS = 15 * 60_000;

export type RemedyWork = {
  readonly spec: ChangeRequestSpec;
  readonly uid: string | undefined;
  readonly window: ChangeRequestStatus['window'];
  readonly target: OperationTarget;
  readonly now: Date;
};

const OUTCOMES: Readonly<Record<DoneRemedy['outcome'], Result['outcome']>> = {
  Done: 'Succeeded',
  FoundHealthy: 'Cancelled',
  NotFound: 'Cancelled',
  Forbidden: 'Cancelled',
  NotBegun: 'Cancelled',
  Failed: 'Failed',
  Unknown: 'Failed',
};

/** Undefined: it has a result. */
export function remedyStep({ spec, uid, window, target, now }: RemedyWork): OperationStep | undefined {
  if (spec.result !== undefined) return undefined;
  if (target.unknown !== undefined) return { says: target.unknown };
  const over = (outcome: Result['outcome'], says: string, at = now) => ({
    says,
    result: endedBySteward(outcome, says, at),
  });
  const gone = goneOf(spec, target);
  if (gone !== undefined) return over('Cancelled', gone);
  const answer = target.remedy;
  if (answer !== undefined && answer.change.uid === uid)
    return over(OUTCOMES[answer.outcome], `${WORDS[answer.outcome]}: ${answer.says}.`, new Date(answer.at));
  const told = target.managedVM?.status?.remedy?.change.uid === uid;
  const [from, until] = [window?.notBefore, window?.notAfter].map(text => text && new Date(text));
  if (!until) return over('Cancelled', 'It has no window: nothing was done.');
  if (!told && until <= now)
    return over('Cancelled', `Nobody could be told of it until ${instant(until)}: nothing was done.`);
  const judgedAt = new Date(until.getTime() + ANSWER_MS);
  if (judgedAt <= now)
    return over(
      'Failed',
      `The guest worker has not answered until ${instant(judgedAt)}: whether it was done is not known, and it is not tried again.`,
    );
  const next = !told && from && from > now ? from : told ? judgedAt : until;
  const says = told
    ? `The guest worker is told to do it, and may begin until ${instant(until)}.`
    : 'The guest worker is told of it as soon as nothing stands against it.';
  return { says, nextEdge: next };
}

const WORDS: Readonly<Record<DoneRemedy['outcome'], string>> = {
  Done: 'Done in the guest',
  FoundHealthy: 'Found healthy in the guest',
  NotFound: NOT_TO_BE_DONE,
  Forbidden: 'Forbidden in the guest',
  NotBegun: 'Not begun in the guest',
  Failed: 'Tried in the guest',
  Unknown: 'Cut off in the guest',
};

function goneOf({ target: { name, uid } }: ChangeRequestSpec, { managedVM }: OperationTarget): string | undefined {
  if (managedVM === undefined || managedVM.metadata.uid !== uid)
    return `ManagedVM ${name} of uid ${uid} is gone: nothing was done.`;
  if (managedVM.metadata.deletionTimestamp !== undefined)
    return `ManagedVM ${name} is being deleted: nothing was done.`;
  if (managedVM.spec.powerState === 'Stopped') return `ManagedVM ${name} is powered off as ordered: nothing was done.`;
  return undefined;
}
