import { type Case, type FaultClass, type Outcome, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';

const ROUNDS = 12;
/** The longest that passes in flight may take to end, and some more for a busy machine. */
const LONGEST_STOP_MS = 25_000;

/** The process is told to end when write k of a batch is under way: it finishes, writes no more, and the next goes on. */
export const sigterm: FaultClass = {
  id: 13,
  title: 'SIGTERM in mid-reconcile',
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    for (let round = 1; round <= (run.quick ? 1 : ROUNDS); round += 1) {
      const after = 1 + run.random.below(OPERATIONS.length * 3);
      const cases = OPERATIONS.map((operation): Case => ({ operation, name: `${operation}, ended at write ${after}` }));
      const chosen = run.chosen(
        cases.filter(({ name }) => only(name)),
        6,
      );
      outcomes.push(...(await terminated(run, chosen, after)));
    }
    return outcomes;
  },
};

async function terminated(run: FaultRun, cases: readonly Case[], after: number): Promise<Outcome[]> {
  let failure: string | undefined;
  let start = 0;
  const during = async ({ steward, interception }: Running) => {
    await run.until(
      'the write is under way',
      async () => interception.writes >= start + after || (await steward.idle()),
    );
    const asked = performance.now();
    await steward.stop();
    if (performance.now() - asked > LONGEST_STOP_MS) failure = 'it took too long to end';
    const { writes } = interception;
    await new Promise(resolve => setTimeout(resolve, 500));
    if (interception.writes !== writes) failure = 'it wrote after it had ended';
  };
  const before = async ({ interception }: Running) => {
    start = interception.writes;
  };
  const outcomes = await runCases(run, cases, { before, during, next: true });
  return failure === undefined ? outcomes : [...outcomes, { name: `ended at write ${after}`, failure }];
}
