import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { type ConditionInput, earliest } from '../contract/condition.ts';
import { bounded } from '../contract/excerpt.ts';
import type { Outcome } from '../contract/outcome.ts';
import type { Carried, FactsByPromise, Said } from '../contract/promise.ts';
import type { ConditionMeaning } from '../contract/reasons.ts';
import { asFarAsReadable } from '../contract/unreadable.ts';
import { ceasedSum } from '../machine/endoflifewords.ts';
import type { OfMachine } from '../machine/facts.ts';
import { orderProblem } from '../machine/order.ts';
import { lastKnown, machineUnreadable } from '../machine/unreadable.ts';
import { cooperationReasons, promisedConditions } from './conditions.ts';
import { pausedReadiness } from './paused.ts';
import { type Facts, PROMISES, type Promises } from './promises.ts';
import { readiness } from './readiness.ts';
import { slaCompliant } from './sla.ts';

/** What an assessment is made from: the order, what was read, and how applying its children went. */
export type AssessInput<F = Facts> = {
  readonly managedVM: ManagedVM;
  readonly facts: F;
  readonly outcomes: readonly Outcome[];
  readonly now: Date;
};

export type Assessment = {
  readonly status: Omit<ManagedVMStatus, 'conditions'>;
  readonly conditions: readonly ConditionInput[];
  /** When time alone changes the assessment. */
  readonly requeueAt?: Date;
};

/** The status of a ManagedVM: pure and total, the same facts give the same status. Every condition type is always there. */
export const assess: (input: AssessInput) => Assessment = assessmentBy<Facts>(PROMISES);

/** An assessment by these promises: what each of them says, whether all is in place, and their sum. */
export function assessmentBy<F extends FactsByPromise & OfMachine>(
  promises: Promises<F>,
): (input: AssessInput<F>) => Assessment {
  const all = Object.values(promises);
  const meanings = new Map(Object.entries(promisedConditions(promises)));
  const cooperation = cooperationReasons(promises);
  return input => {
    const { managedVM, facts } = input;
    const blocked = orderProblem(managedVM, facts.machine) !== undefined;
    const said = all.map(promise => promise.assess({ ...input, blocked }));
    const promised = promisedBy(said, facts, meanings);
    const status = statusOf(input, said);
    const summed = ceasedSum(status.endOfLife) ?? slaCompliant(managedVM, promised, { meanings, cooperation });
    const sum = { type: 'SLACompliant', ...summed };
    const requeueAt = earliest(...said.flatMap(edgesOf));
    return {
      status,
      conditions: [...readinessOf(managedVM, said), ...promised, sum].map(plain),
      ...(requeueAt && { requeueAt }),
    };
  };
}

/** What the promises say, in the order of `meanings`, as far as what each rests on can be read. */
function promisedBy(
  said: readonly Said[],
  facts: FactsByPromise,
  meanings: ReadonlyMap<string, ConditionMeaning>,
): readonly ConditionInput[] {
  const verdicts = new Map(said.flatMap(({ conditions }) => Object.entries(conditions)));
  const unreadable = Object.values(facts).flatMap(each => each.unreadable);
  return [...meanings].flatMap(([type, { restsOn = [] }]) => {
    const verdict = verdicts.get(type);
    return verdict === undefined ? [] : [{ type, ...asFarAsReadable(verdict, restsOn, unreadable) }];
  });
}

function readinessOf(managedVM: ManagedVM, said: readonly Said[]): readonly ConditionInput[] {
  const whenReady = said.flatMap(each => each.whenReady ?? []).join(' ');
  const ready = readiness(
    managedVM,
    said.flatMap(({ findings }) => findings),
    whenReady,
  );
  const { paused } = managedVM.spec;
  return paused === undefined ? ready : pausedReadiness(paused.reason, ready);
}

function statusOf(
  { managedVM, facts }: Pick<Carried<OfMachine>, 'managedVM' | 'facts'>,
  said: readonly Said[],
): Assessment['status'] {
  if (machineUnreadable(facts.machine.unreadable)) return lastKnown(managedVM);
  let status: Assessment['status'] = {};
  for (const part of said) status = { ...status, ...part.status };
  return status;
}

function edgesOf({ conditions, nextEdge }: Said): readonly (Date | undefined)[] {
  return [nextEdge, ...Object.values(conditions).map(verdict => verdict.nextEdge)];
}

/** Only the four fields of a condition, within their bounds. */
function plain({ type, status, reason, message }: ConditionInput): ConditionInput {
  return { type, status, reason, message: bounded(message) };
}
