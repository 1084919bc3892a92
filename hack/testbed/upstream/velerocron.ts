/** When Velero would start backups, said by the very cron that it uses (go/velerocron). */
import { join } from 'node:path';
import { goArtifact } from '../build/artifact.ts';
import { artifacts } from '../build/artifacts.ts';
import { ensureArtifacts } from '../build/build.ts';
import type { Progress } from '../build/progress.ts';
import { run } from '../process/command.ts';

const veleroCron = goArtifact({
  what: 'the cron that Velero uses',
  minutes: 0.2,
  ...{ module: 'velerocron', packages: ['.'], expectedPackages: 100 },
});

export type CronQuestion = {
  /** As in spec.schedule of a Schedule, with its zone: `CRON_TZ=Europe/Berlin 0 1 * * *`. */
  readonly schedule: string;
  readonly after: Date;
  /** How many runs are asked for. */
  readonly count: number;
};
/** `error`: why Velero would refuse the Schedule. */
export type CronAnswer = { readonly error?: string; readonly runs?: readonly string[] };

/** One answer for each question. */
export async function askVeleroCron(questions: readonly CronQuestion[], progress: Progress): Promise<CronAnswer[]> {
  const folders = await ensureArtifacts({ tools: artifacts.tools, veleroCron }, progress);
  const input = questions.map(question => JSON.stringify(question)).join('\n');
  const output = await run(join(folders.veleroCron, 'velerocron'), [], { input });
  return output
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as CronAnswer);
}
