/** When Alertmanager takes an instant to be in a time interval, by its own code (go/timeintervals). */
import { join } from 'node:path';
import { goArtifact } from '../build/artifact.ts';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { run } from '../process/command.ts';

const timeIntervals = goArtifact({
  what: 'the time intervals of Alertmanager',
  minutes: 0.2,
  ...{ module: 'timeintervals', packages: ['.'], expectedPackages: 100 },
});

export type IntervalQuestion = {
  /** As Alertmanager's configuration has them: start_time, days_of_month. */
  readonly intervals: readonly object[];
  readonly from: Date;
  readonly until: Date;
  readonly minutes: number;
};

/** For each step from the first instant to the last, which is excluded, whether it is in one of the intervals: 1 or 0. Throws where Alertmanager refuses them. */
export async function askTimeIntervals(question: IntervalQuestion, progress: Progress): Promise<string> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, timeIntervals }, progress);
  return run(join(folders.timeIntervals, 'timeintervals'), [], { input: JSON.stringify(question) });
}
