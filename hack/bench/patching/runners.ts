/** The Pods of the Job: `steward patch` as processes of their own, under the chart's account, with a clock that the bench moves on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeEnvironment, runnerContainer } from '../../steward/nodeenvironment.ts';
import { type StewardProcess, startSteward } from '../../steward/steward.ts';
import type { TestBed } from '../../testbed/testbed.ts';
import { POLICY_UID } from './fleet.ts';

export type Pod = { readonly steward: StewardProcess; later(minutes: number): Promise<void> };

type Job = { readonly port: number; readonly shards: number; readonly parallel: number; readonly until: string };

export async function startPod(bed: TestBed, { port, shards, parallel, until }: Job, shard: number): Promise<Pod> {
  const file = join(bed.dir, `later-${shard}-${Math.round(performance.now())}`);
  let minutes = 0;
  await writeFile(file, '0');
  const steward = await startSteward(bed, {
    command: 'patch',
    preload: join(import.meta.dirname, 'preload.ts'),
    environment: {
      ...nodeEnvironment(await runnerContainer(bed)),
      ...{ STEWARD_PATCH_POLICY: POLICY_UID, STEWARD_PATCH_UNTIL: until, JOB_COMPLETION_INDEX: `${shard}` },
      ...{ STEWARD_PATCH_SHARDS: `${shards}`, STEWARD_PATCH_PARALLEL: `${parallel}`, BENCH_LATER: file },
      ...{ STEWARD_GUEST_SSH_PORT: `${port}`, STEWARD_LOG_LEVEL: 'info', NODE_NO_WARNINGS: '1' },
    },
  });
  return {
    steward,
    later: async more => {
      minutes += more;
      await writeFile(file, `${minutes * 60_000}`);
    },
  };
}
