import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { KINDS } from '../cluster/world.ts';
import { type CopyCase, runWithCopies, WAYS } from '../copies.ts';
import type { EventFate, WatchLine } from '../interception.ts';
import { OPERATIONS, type Operation } from '../lives.ts';
import type { FaultRun } from '../run.ts';

const FATES = ['drop', 'twice', 'pause', 'replay'] as const;
const HOW = { drop: 'dropped', twice: 'told twice', pause: 'held back with its kind', replay: 'told again later' };

/** Each watch event: dropped, repeated, overtaken by those of other kinds, or told again when it is of the past. */
export const events: FaultClass = {
  id: 3,
  title: 'watch event dropped, duplicated, delayed, reordered',
  names: run => namesOf([...allOf(run), ...KINDS.flatMap(({ kind }) => reordered(kind)), ...copied()]),
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    const chosen = run.chosen(
      allOf(run).filter(({ name }) => only(name)),
      18,
    );
    const dropped = chosen.filter(({ fate }) => fate === 'drop');
    const others = chosen.filter(({ fate }) => fate !== 'drop');
    outcomes.push(...(await runCases(run, others, { afterFaults: interception => interception.tellAgain() })));
    // What a watch has not told is found by the next complete list: that one is made here, not waited for.
    outcomes.push(...(await runCases(run, dropped, { afterFaults: interception => interception.relist() })));
    // One kind at a time: were every watch held back, none would be behind the others.
    for (const { kind } of run.chosen(KINDS, 1)) {
      const cases = reordered(kind).filter(({ name }) => only(name));
      outcomes.push(...(await runCases(run, run.chosen(cases, 3))));
    }
    const copies = run.chosen(
      copied().filter(({ name }) => only(name)),
      3,
    );
    outcomes.push(...(await runWithCopies(run, copies, { relist: true })));
    return outcomes;
  },
};

function allOf(run: FaultRun): ReturnType<typeof casesOf> {
  return FATES.flatMap(fate => OPERATIONS.flatMap(operation => casesOf(run, operation, fate)));
}

function reordered(kind: string): Case[] {
  return OPERATIONS.map(operation => ({
    ...{ operation, name: `${operation}, events of ${kind} after those of every other kind` },
    fault: { event: (_number, { object }) => (object.kind === kind ? 'last' : 'pass') },
  }));
}

/** Children are copied meanwhile, and it is the copies whose events go wrong. */
function copied(): CopyCase[] {
  const operations = ['ManagedVM update', 'ManagedVM delete'] as const;
  return operations.flatMap(operation =>
    WAYS.flatMap(way =>
      FATES.map(fate => ({
        ...{ operation, way, name: `${operation}, every child is ${way.how}, events of copies ${HOW[fate]}` },
        fault: { event: (_: number, { object }: WatchLine) => (isCopy(object, way) ? fate : 'pass') },
      })),
    ),
  );
}

function isCopy({ metadata }: WatchLine['object'], way: CopyCase['way']): boolean {
  const { name, namespace } = way.metadata({ ...metadata, name: 'vm' });
  return name === 'vm' ? metadata.namespace === namespace : metadata.name.endsWith('-copy');
}

/** Statuses may be written in another number of steps. */
const MORE_WRITES = 5;

function casesOf(run: FaultRun, operation: Operation, fate: EventFate & keyof typeof HOW): (Case & { fate: string })[] {
  const all = Array.from({ length: run.reference(operation).events }, (_, index) => index + 1);
  return all.map(k => ({
    ...{ operation, fate, name: `${operation}, watch event ${k} ${HOW[fate]}` },
    // What is told twice is no news: it costs no more than without.
    check: (scope, interception) => {
      const { writes } = interception.count(scope);
      const usual = run.reference(operation).writes;
      return (fate === 'twice' || fate === 'replay') && writes > usual + MORE_WRITES
        ? `${writes} writes instead of ${usual}`
        : undefined;
    },
    fault: {
      // An object that is gone is never told of again by an API server.
      event: (number: number, { type }: WatchLine) =>
        number === k && !(fate === 'replay' && (type === 'DELETED' || operation.endsWith('delete'))) ? fate : 'pass',
    },
  }));
}
