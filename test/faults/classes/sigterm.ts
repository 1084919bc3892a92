import { setTimeout as sleep } from 'node:timers/promises';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';
import { type Blow, casesOfPair, type Pair, type PairFault, underTwo } from '../operator/replicas.ts';
import type { FaultRun, Running } from '../run.ts';
import { UNREAD_MS } from './stopped.ts';

const ROUNDS = 9;
/** The longest that passes in flight may take to end, and some more for a busy machine. */
const LONGEST_STOP_MS = 25_000;
/** How soon a second signal must end it. */
const AT_ONCE_MS = 2_000;

/** The operator is told to end when write k of a batch is under way: it finishes, writes no more, and the next goes on. */
export const sigterm: FaultClass = {
  id: 13,
  title: 'SIGTERM in mid-reconcile',
  names: run => [
    ...roundsOf(run, ROUNDS).flatMap(round => namesOf(casesOf(round))),
    ...processes.flatMap(fault => namesOf(casesOfPair(fault, OPERATIONS))),
  ],
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    for (const round of roundsOf(run, run.quick ? 1 : ROUNDS)) {
      const chosen = run.chosen(
        casesOf(round).filter(({ name }) => only(name)),
        5,
      );
      outcomes.push(...(await terminated(run, chosen, round.after)));
    }
    for (const fault of run.chosen(processes, 1)) {
      const mine = casesOfPair(fault, OPERATIONS).filter(({ name }) => only(name));
      outcomes.push(...(await underTwo(run, fault, run.chosen(mine, 4))));
    }
    return outcomes;
  },
};

type Round = { readonly number: number; readonly after: number };

function roundsOf(run: FaultRun, count: number): Round[] {
  return Array.from({ length: count }, (_, index) => ({
    ...{ number: index + 1, after: 1 + run.random.below(OPERATIONS.length * 3) },
  }));
}

function casesOf({ number, after }: Round): Case[] {
  return OPERATIONS.map(operation => ({ operation, name: `${operation}, ended at write ${after} (round ${number})` }));
}

/** Processes of their own, with another one ready to go on. */
const processes: readonly PairFault[] = [
  ...[1, 8, 16, 24, 40].map(writes => ({
    name: `SIGTERM to its process at write ${writes}`,
    happens: terminate(writes),
  })),
  { name: 'SIGTERM to its process before it has seen anything', happens: terminate(0) },
  { name: 'SIGTERM to its process twice', happens: insist },
];

function terminate(writes: number) {
  return async ({ first, firstWrote }: Pair): Promise<Blow> => {
    if (writes > 0) await firstWrote(writes);
    const asked = performance.now();
    const { code } = await first.stop();
    const tookMs = Math.round(performance.now() - asked);
    const failures = [
      ...(code === 0 ? [] : [`it ended with ${code}`]),
      ...(tookMs > LONGEST_STOP_MS ? [`it took ${tookMs} ms to end`] : []),
    ];
    return { deadline: Date.now(), failures };
  };
}

/** Whoever is told twice ends at once, and what it leaves is finished when its Lease is over. */
async function insist({ first, firstWrote }: Pair): Promise<Blow> {
  await firstWrote(12);
  first.kill('SIGTERM');
  await sleep(5);
  const asked = performance.now();
  first.kill('SIGTERM');
  await first.exited;
  const tookMs = Math.round(performance.now() - asked);
  return { deadline: Date.now() + UNREAD_MS, failures: tookMs > AT_ONCE_MS ? [`it took ${tookMs} ms to end`] : [] };
}

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
    await sleep(500);
    if (interception.writes !== writes) failure = 'it wrote after it had ended';
  };
  const before = async ({ interception }: Running) => {
    start = interception.writes;
  };
  const outcomes = await runCases(run, cases, { before, during, next: true });
  return failure === undefined ? outcomes : [...outcomes, { name: `ended at write ${after}`, failure }];
}
