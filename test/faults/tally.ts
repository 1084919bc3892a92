/** Runs classes of faults, listens for silence over the namespaces of several at once, sees everything deleted, and counts. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultClass, Outcome } from './cases.ts';
import { differences } from './picture.ts';
import type { FaultRun } from './run.ts';

export type Tally = {
  readonly id: number;
  readonly title: string;
  readonly passed: number;
  readonly failed: number;
  /** Cases in which the fault did not take place. */
  readonly idle: number;
  readonly seconds: number;
  /** Each failed case and what was wrong. */
  readonly failures: readonly string[];
};

/** Namespaces that are left for one silence: each further operator has to look at all of them first. */
const MOST_LEFT = 350;

/** Each class in turn; every now and then, and in the end, a silence over what they have left. */
export async function runClasses(
  run: FaultRun,
  chosen: Iterable<FaultClass> | AsyncIterable<FaultClass>,
  only: (name: string) => boolean,
): Promise<Tally[]> {
  const tallies: Tally[] = [];
  const silences: Outcome[] = [];
  const began = performance.now();
  let listened = 0;
  const listen = async () => {
    const from = performance.now();
    const outcomes = await guarded(run, 'silence', () => silence(run));
    listened += performance.now() - from;
    silences.push(...outcomes);
    for (const { name, failure } of outcomes)
      console.log(failure === undefined ? `    ${name}` : `  FAILED ${told('', name, failure)}`);
  };
  for await (const faults of chosen) {
    tallies.push(await runClass(run, faults, only));
    if (run.used.size >= MOST_LEFT) await listen();
  }
  if (run.used.size > 0) await listen();
  run.progress(
    `${Math.round(listened / 1000)} of ${Math.round((performance.now() - began) / 1000)} s for silence and deletion`,
  );
  return [...tallies, tallyOf(0, 'silence after the classes', silences, listened)];
}

async function runClass(run: FaultRun, faults: FaultClass, only: (name: string) => boolean): Promise<Tally> {
  const began = performance.now();
  run.draw(faults.id);
  const outcomes = await guarded(run, 'the class ran to its end', () => faults.run(run, only));
  return report(tallyOf(faults.id, faults.title, outcomes, performance.now() - began));
}

/** One that breaks off has failed, and leaves nothing behind that others would stumble over. */
async function guarded(
  run: FaultRun,
  name: string,
  work: () => Promise<readonly Outcome[]>,
): Promise<readonly Outcome[]> {
  try {
    return await work();
  } catch (error) {
    const failure = String(error instanceof Error ? error.stack : error);
    await run.purge().catch((left: unknown) => console.log(`    ${left}`));
    return [{ name, failure }];
  }
}

export function tallyOf(id: number, title: string, outcomes: readonly Outcome[], tookMs: number): Tally {
  const failures = outcomes.flatMap(({ name, failure }) =>
    failure === undefined ? [] : [told(id === 0 ? '' : `${id}. `, name, failure)],
  );
  const idle = outcomes.filter(each => each.idle === true).length;
  const failed = failures.length;
  const passed = outcomes.length - idle - failed;
  return { id, title, failed, idle, passed, seconds: Math.round(tookMs / 1000), failures };
}

/** Prints a class and what has failed in it. */
export function report(tally: Tally): Tally {
  const { id, title, passed, failed, idle, seconds, failures } = tally;
  for (const failure of failures) console.log(`  FAILED ${failure}`);
  const without = idle === 0 ? '' : `, ${idle} without effect`;
  console.log(`${String(id).padStart(2)}. ${title}: ${passed} passed, ${failed} failed${without} (${seconds} s)`);
  return tally;
}

function told(which: string, name: string, failure: string): string {
  return `${which}${name}\n      ${failure}`;
}

/** A new operator over everything that is left: it may read, and must write nothing. Then all is deleted. */
async function silence(run: FaultRun): Promise<Outcome[]> {
  const running = await run.start();
  const before = [...run.world.byScope().keys()].map(scope => ({ scope, picture: run.picture(scope) }));
  const name = `${run.silenceSeconds} s of silence over ${before.length} namespaces, with no orphan left after deletion`;
  await run.until('every object has been looked at', async () => (await running.steward.passes()) >= before.length);
  await sleep(run.silenceSeconds * 1000);
  const { writes } = running.interception;
  const changed = before.filter(({ scope, picture }) => differences(picture, run.picture(scope)).length > 0);
  const journal = before.flatMap(({ scope }) => running.interception.journal(scope)).slice(0, 20);
  await run.clean(running);
  await running.steward.stop();
  if (writes === 0 && changed.length === 0) return [{ name }];
  const whose = changed.slice(0, 10).map(({ scope }) => run.labelOf(scope));
  return [{ name, failure: [`${writes} writes, ${changed.length} changed`, ...whose, ...journal].join('\n      ') }];
}

export function totalOf(tallies: readonly Tally[]): { passed: number; failed: number } {
  const sum = (of: 'passed' | 'failed') => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}
