import type { Outcome } from '../cases.ts';
import { report, type Tally, tallyOf } from '../tally.ts';

/** Runs a class, prints it with what has failed in it, and counts. One that breaks off has failed. */
export async function timed(id: number, title: string, work: () => Promise<readonly Outcome[]>): Promise<Tally> {
  const began = performance.now();
  const outcomes = await work().catch((error: unknown) => [
    { name: 'the class ran to its end', failure: String(error instanceof Error ? error.stack : error) },
  ]);
  return report(tallyOf(id, title, outcomes, performance.now() - began));
}
