/** Runs a class of faults, then listens for silence over all its namespaces, sees everything deleted, and counts. */
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
};

export async function runClass(run: FaultRun, faults: FaultClass, only: (name: string) => boolean): Promise<Tally> {
  const began = performance.now();
  const outcomes: Outcome[] = [];
  try {
    outcomes.push(...(await faults.run(run, only)));
    outcomes.push(...(await silence(run)));
  } catch (error) {
    outcomes.push({ name: 'the class ran to its end', failure: String(error instanceof Error ? error.stack : error) });
  }
  const failures = outcomes.filter(({ failure }) => failure !== undefined);
  for (const { name, failure } of failures) console.log(`  FAILED ${faults.id}. ${name}\n      ${failure}`);
  const idle = outcomes.filter(each => each.idle === true).length;
  const tally = {
    ...{ id: faults.id, title: faults.title, passed: outcomes.length - idle - failures.length },
    ...{ failed: failures.length, idle, seconds: Math.round((performance.now() - began) / 1000) },
  };
  console.log(
    `${String(tally.id).padStart(2)}. ${tally.title}: ${tally.passed} passed, ${tally.failed} failed` +
      `${idle === 0 ? '' : `, ${idle} without effect`} (${tally.seconds} s)`,
  );
  return tally;
}

/** A new operator over everything that the class has left: it may read, and must write nothing. Then all is deleted. */
async function silence(run: FaultRun): Promise<Outcome[]> {
  const name = `${run.silenceSeconds} s of silence over all namespaces, with no orphan left after deletion`;
  const running = await run.start();
  const before = [...run.world.byScope().keys()].map(scope => ({ scope, picture: run.picture(scope) }));
  await run.until('every object has been looked at', async () => (await running.steward.passes()) >= before.length);
  await sleep(run.silenceSeconds * 1000);
  const { writes } = running.interception;
  const changed = before.filter(({ scope, picture }) => differences(picture, run.picture(scope)).length > 0);
  const journal = before.flatMap(({ scope }) => running.interception.journal(scope)).slice(0, 20);
  await run.clean(running);
  await running.steward.stop();
  if (writes === 0 && changed.length === 0) return [{ name }];
  return [{ name, failure: [`${writes} writes, ${changed.length} namespaces changed`, ...journal].join('\n      ') }];
}

export function totalOf(tallies: readonly Tally[]): { passed: number; failed: number } {
  const sum = (of: 'passed' | 'failed') => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}
