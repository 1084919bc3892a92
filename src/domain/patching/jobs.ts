import type { PatchRun } from '../../api/patchrun.ts';
import { shortHash } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { instantsOf } from './notice.ts';
import { GRACE_MS } from './run.ts';

const MINUTE = 60_000;
/** What a Pod may take to start, and to end. */
const SLACK_MS = 10 * MINUTE;
/** So long before it starts a CronJob must stand, or its time may have passed when it does. */
const SOON_MS = 30_000;
/** So long after its time nothing was started: it will not be. */
const LATE_MS = 3 * MINUTE;
/** How often a Pod of a shard that failed is begun again. */
const RETRIES = 5;
/** How long a Job that has ended can be looked at. Seconds. */
const KEPT_S = 7 * 24 * 3600;
/** Longest name of a CronJob, so that those of its Jobs fit. */
const LONGEST = 52;

/** In which opening of which policy guests are patched. */
export type Opening = {
  readonly policy: { readonly name: string; readonly uid: string; readonly suspended: boolean };
  readonly start: Date;
  readonly cutoff: Date;
  readonly end: Date;
  /** Not one of the windows of the policy as they stand: one that was ordered, or postponed. */
  readonly isExtra?: boolean;
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

/** On a CronJob: of which opening it is, and when it starts its Job: later than that where it was made in an open window. */
export const OPENS_AT = 'managed.systems/opens-at';
export const STARTS_AT = 'managed.systems/starts-at';

/** The CronJob as it stands, as far as it decides when it starts its Job. */
export type Standing = {
  readonly opensAt: string | undefined;
  readonly startsAt: string | undefined;
  /** When it last started one; undefined: never. */
  readonly startedAt: string | undefined;
};

/** Most openings of a policy that have a CronJob of their own at once: a runner follows all runs of its policy, whichever opening has started it. */
const MOST_EXTRA = 8;

/** The openings in which a policy has runs that are open, and which are none of its windows as they stand: the next to close first. */
export function extraOpenings(
  policy: Opening['policy'],
  runs: readonly Pick<PatchRun, 'spec' | 'status'>[],
  own: Pick<Opening, 'start' | 'end'> | undefined,
): readonly Opening[] {
  const open = runs.filter(({ status }) => status?.ended === undefined).map(({ spec }) => spec.occurrence);
  const others = open.filter(
    ({ start, end }) => own === undefined || start !== instant(own.start) || end !== instant(own.end),
  );
  const distinct = new Map(others.map(each => [`${each.end} ${each.start}`, each]));
  const inOrder = [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.slice(0, MOST_EXTRA).map(([, each]) => ({ policy, ...instantsOf(each), isExtra: true }));
}

/** Name of the CronJob of a policy, and of an extra opening of it: two policies never share one, whatever their scope and namespace. */
export function cronJobName({ name, uid }: Pick<Opening['policy'], 'name' | 'uid'>, extra?: Date): string {
  const hash = shortHash(extra === undefined ? uid : `${uid} ${instant(extra)}`, 10);
  const room = LONGEST - hash.length - 7;
  return `patch-${name
    .slice(0, room)
    .replace(/[.-]+$/, '')
    .replaceAll('.', '-')}-${hash}`;
}

/** Name of the CronJob of an opening. */
export function nameOf({ policy, start, isExtra = false }: Pick<Opening, 'policy' | 'start' | 'isExtra'>): string {
  return cronJobName(policy, isExtra ? start : undefined);
}

/**
 * When the CronJob of an opening starts its Job: when the window opens, and where it is made later than that, soon. What it was told stays, for what is
 * moved while it starts might not start; only where its time has passed by long and nothing was started is it told again.
 */
export function startOf({ policy, start, end }: Opening, standing: Standing | undefined, now: Date): Date {
  const told = new Date(standing?.opensAt === instant(start) ? (standing.startsAt ?? '') : '');
  const isToStand =
    told >= start && told < end && (policy.suspended || isStarted(standing, told) || now < lateAt(told));
  if (isToStand) return told;
  return now.getTime() + SOON_MS < start.getTime() ? start : minuteAfter(new Date(now.getTime() + SOON_MS));
}

/** When to look at it again: its window has closed, or its Job should have been started by then. */
export function lookAgainAt(opening: Opening, startsAt: Date, standing: Standing | undefined): Date {
  const settled = opening.policy.suspended || isStarted(standing, startsAt);
  return settled || lateAt(startsAt) > opening.end ? opening.end : lateAt(startsAt);
}

function isStarted(standing: Standing | undefined, startsAt: Date): boolean {
  return new Date(standing?.startedAt ?? '') >= startsAt;
}

function lateAt(startsAt: Date): Date {
  return new Date(startsAt.getTime() + LATE_MS);
}

function minuteAfter(time: Date): Date {
  return new Date(Math.ceil(time.getTime() / MINUTE) * MINUTE);
}

/**
 * The CronJob that starts the runners of a policy once, when its window opens (docs/adr/0154). Its schedule is that one instant in UTC, so that no
 * reading of zones and clock changes but Steward's own counts. A Pod that is lost is begun again: the records let it follow what has begun, and no more.
 */
export function cronJobOf(opening: Opening, { namespace, pod, shards, parallel }: JobSettings, startsAt: Date) {
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
    metadata: {
      ...{ name: nameOf(opening), namespace },
      annotations: { [OPENS_AT]: instant(start), [STARTS_AT]: instant(startsAt) },
    },
    spec: {
      schedule: scheduleAt(startsAt),
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
          backoffLimitPerIndex: RETRIES,
          // Never two Pods of a shard at once, as far as the cluster knows.
          podReplacementPolicy: 'Failed',
          // What is evicted has not failed.
          podFailurePolicy: {
            rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] }],
          },
          // Where its CronJob is gone, nobody else clears it away.
          ttlSecondsAfterFinished: KEPT_S,
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

/** Once a year at that minute of UTC, and in truth once: it is moved on when the window has closed. */
function scheduleAt(at: Date): string {
  return `${at.getUTCMinutes()} ${at.getUTCHours()} ${at.getUTCDate()} ${at.getUTCMonth() + 1} *`;
}
