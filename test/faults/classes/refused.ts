import { setTimeout as sleep } from 'node:timers/promises';
import type { CallAnswer } from '../../../src/runtime/http/exchange.ts';
import type { CallInfo } from '../../../src/runtime/http/transport.ts';
import { type Case, type FaultClass, namesOf, type Outcome, runCases } from '../cases.ts';
import { OPERATIONS } from '../lives.ts';
import type { FaultRun, Running } from '../run.ts';
import { runUnreadable, unreadableCases } from '../unreadable.ts';

const ANSWERS: Readonly<Record<string, CallAnswer>> = {
  '429 with Retry-After': { status: 429, headers: { 'retry-after': '1' }, body: '{"message":"not now"}' },
  '429': { status: 429, headers: {}, body: '{"message":"not now"}' },
  '500': { status: 500, headers: {}, body: '{"message":"not now"}' },
  '503': { status: 503, headers: {}, body: '{"message":"not now"}' },
};
/** A doubling delay makes about fifteen passes in a minute, of about sixteen writes each; those with Retry-After are tried four times. */
const MOST_TRIES = 1_000;
const RETRY_AFTER_MS = 1_000;

/**
 * Writes, and then lists and watches too, are refused for a while: nothing is lost, nobody hammers, Retry-After is kept to. One kind that
 * cannot be read holds up only what needs it.
 */
export const refused: FaultClass = {
  id: 6,
  title: '403, 429, 500, 503 on list, watch and write',
  names: run => namesOf([...[false, true].flatMap(watches => casesOf(run, watches)), ...unreadableCases()]),
  run: async (run, only) => {
    const outcomes: Outcome[] = [];
    for (const watches of [false, true]) {
      const cases = casesOf(run, watches).filter(({ name }) => only(name));
      outcomes.push(...(await round(run, run.chosen(cases, 8), watches)));
    }
    const unreadable = unreadableCases().filter(({ name }) => only(name));
    return [...outcomes, ...(await runUnreadable(run, run.chosen(unreadable, 2)))];
  },
};

type Watched = Case & { readonly hammering: () => string | undefined };

function secondsOf(run: FaultRun): number {
  return run.quick ? 2 : 60;
}

function casesOf(run: FaultRun, watches: boolean): Watched[] {
  const where = watches ? 'every list, watch and write' : 'every write';
  return OPERATIONS.flatMap(operation =>
    Object.entries(ANSWERS).map(([what, answer]) => {
      const name = `${operation}, ${what} for ${where}`;
      return { operation, name, ...refusing(answer, secondsOf(run) * 1000) };
    }),
  );
}

/** Refuses for a while from the first write on, and watches how often it is asked. */
function refusing(answer: CallAnswer, forMs: number): Pick<Watched, 'fault' | 'hammering'> {
  let until: number | undefined;
  let tries = 0;
  let soonest = Number.POSITIVE_INFINITY;
  const last = new Map<string, number>();
  const write = (_number: number, { method, path }: CallInfo) => {
    const now = performance.now();
    until ??= now + forMs;
    const before = last.get(`${method} ${path}`);
    if (before !== undefined) soonest = Math.min(soonest, now - before);
    if (now > until) return 'pass';
    last.set(`${method} ${path}`, now);
    tries += 1;
    return answer;
  };
  const hammering = () => {
    if (tries > MOST_TRIES) return `${tries} attempts`;
    const tooSoon = 'retry-after' in answer.headers && soonest < RETRY_AFTER_MS * 0.95;
    return tooSoon ? `asked again after ${Math.round(soonest)} ms, though told to wait ${RETRY_AFTER_MS}` : undefined;
  };
  return { fault: { write }, hammering };
}

async function round(run: FaultRun, cases: readonly Watched[], watches: boolean): Promise<Outcome[]> {
  const during = async ({ interception }: Running) => {
    if (!watches) return;
    const refusals = [429, 500, 503].map(status => run.refusal(status, 'NotNow', status === 429 ? 1 : undefined));
    interception.refuseWatches(refusals);
    interception.relist();
    await sleep(secondsOf(run) * 1000);
    interception.refuseWatches([]);
  };
  const outcomes = await runCases(run, cases, { during, limitMs: secondsOf(run) * 1000 + 2 * run.limitMs });
  return outcomes.map((outcome, index) => {
    const failure = outcome.failure ?? cases[index]?.hammering();
    return failure === undefined ? outcome : { ...outcome, failure };
  });
}
