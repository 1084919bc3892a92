import { shortHash } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { GRACE_MS } from './run.ts';

const MINUTE = 60_000;
/** What a Pod may take to start, and to end. */
const SLACK_MS = 10 * MINUTE;
/** Longest name of a CronJob, so that those of its Jobs fit. */
const LONGEST = 52;

/** In which opening of which policy guests are patched. */
export type Opening = {
  readonly policy: { readonly name: string; readonly uid: string; readonly suspended: boolean };
  readonly start: Date;
  readonly cutoff: Date;
  readonly end: Date;
};

/** How runners run here: the chart's Pod, into how many shards VMs are divided, and how many guests one works in at once. */
export type JobSettings = {
  readonly namespace: string;
  readonly pod: { readonly metadata?: object; readonly spec: { readonly containers: readonly Container[] } };
  readonly shards: number;
  readonly parallel: number;
};
type Container = { readonly env?: readonly Variable[]; readonly [field: string]: unknown };
type Variable = { readonly name: string; readonly [field: string]: unknown };

/** Says in whose place a CronJob stands: of which opening. */
export const OPENS_AT = 'managed.systems/opens-at';

/** Name of the CronJob of a policy: two policies never share one, whatever their scope and namespace. */
export function cronJobName({ name, uid }: Opening['policy']): string {
  const hash = shortHash(uid, 10);
  return `patch-${name
    .slice(0, LONGEST - hash.length - 7)
    .replace(/[.-]+$/, '')
    .replaceAll('.', '-')}-${hash}`;
}

/**
 * The CronJob that starts the runners of a policy once, when its window opens (docs/adr/0154). Its schedule is that one instant in UTC, so that no
 * reading of zones and clock changes but Steward's own counts. `standing`: the schedule of the CronJob that stands for the same opening: it stays, for what would be
 * moved while it fires might not fire. One that is made in an open window fires within two minutes.
 */
export function cronJobOf(
  opening: Opening,
  { namespace, pod, shards, parallel }: JobSettings,
  standing: string | undefined,
  now: Date,
) {
  const { policy, start, cutoff, end } = opening;
  const [first, ...others] = pod.spec.containers;
  const own = (first?.env ?? []).filter(({ name }) => !name.startsWith('STEWARD_PATCH_'));
  const env = [
    ...own,
    { name: 'STEWARD_PATCH_POLICY', value: policy.uid },
    { name: 'STEWARD_PATCH_UNTIL', value: instant(cutoff) },
    { name: 'STEWARD_PATCH_SHARDS', value: `${shards}` },
    { name: 'STEWARD_PATCH_PARALLEL', value: `${parallel}` },
  ];
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: cronJobName(policy), namespace, annotations: { [OPENS_AT]: instant(start) } },
    spec: {
      schedule: standing ?? scheduleAt(start > now ? start : new Date(now.getTime() + MINUTE)),
      timeZone: 'Etc/UTC',
      suspend: policy.suspended,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: (cutoff.getTime() - start.getTime()) / 1000,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          completionMode: 'Indexed',
          completions: shards,
          parallelism: shards,
          backoffLimit: 0,
          podReplacementPolicy: 'Failed',
          // A Pod that is evicted is not begun again by itself: whoever comes next only observes.
          podFailurePolicy: {
            rules: [{ action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
          },
          activeDeadlineSeconds: Math.ceil((end.getTime() - start.getTime() + GRACE_MS + SLACK_MS) / 1000),
          template: {
            ...pod,
            spec: { ...pod.spec, restartPolicy: 'Never', containers: [{ ...first, env }, ...others] },
          },
        },
      },
    },
  };
}

/** Once a year at that minute of UTC, and in truth once: it is moved on when the window has closed. Seconds are rounded up. */
function scheduleAt(time: Date): string {
  const at = new Date(Math.ceil(time.getTime() / MINUTE) * MINUTE);
  return `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
}
