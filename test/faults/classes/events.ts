import { type Case, type FaultClass, runCases } from '../cases.ts';
import type { EventFate, WatchLine } from '../interception.ts';
import { OPERATIONS, type Operation } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

const FATES = ['drop', 'twice', 'pause', 'replay'] as const;
const HOW = { drop: 'dropped', twice: 'told twice', pause: 'held back with its kind', replay: 'told again later' };

/** Each watch event: dropped, repeated, overtaken by those of other kinds, or told again when it is of the past. */
export const events: FaultClass = {
  id: 3,
  title: 'watch event dropped, duplicated, delayed, reordered',
  run: async (run, only) => {
    const outcomes = [];
    const chosen = run.chosen(
      FATES.flatMap(fate => OPERATIONS.flatMap(operation => casesOf(run, operation, fate))).filter(({ name }) =>
        only(name),
      ),
      20,
    );
    const dropped = chosen.filter(({ fate }) => fate === 'drop');
    const others = chosen.filter(({ fate }) => fate !== 'drop');
    outcomes.push(...(await runCases(run, others)));
    // What a watch has not told is found by the next complete list: that one is made here, not waited for.
    const during = async (running: Running) => {
      await run.still(running, 400);
      running.interception.relist();
    };
    outcomes.push(...(await runCases(run, dropped, { during })));
    return outcomes;
  },
};

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
