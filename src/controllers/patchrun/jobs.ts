import type { ClusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import type { KindDefinition } from '../../api/kind.ts';
import type { PatchPolicy } from '../../api/patchpolicy.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { CronJob } from '../../api/upstream.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { textAt } from '../../domain/contract/json.ts';
import {
  cronJobName,
  cronJobOf,
  extraOpenings,
  lookAgainAt,
  nameOf,
  OPENS_AT,
  type Opening,
  STARTS_AT,
  type Standing,
  startOf,
} from '../../domain/patching/jobs.ts';
import { instantsOf } from '../../domain/patching/notice.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';

type Policy = (PatchPolicy | ClusterPatchPolicy) & KubeObject;

/** PatchRuns by the UID of their policy. */
const RUNS = 'runsOfPolicy';

/** On a policy that has a CronJob in another namespace, which goes with it. */
export const PATCH_JOBS_FINALIZER = 'managed.systems/patch-jobs';

/** Keeps for each policy the CronJobs that start its runners: when its window opens next, and at once for runs that were ordered or postponed (MO-2, MO-3, GE-4). What its windows are, the policy's own controller says. */
export function patchJobsController(kind: KindDefinition, settings: Settings): ControllerDefinition<Policy> {
  const { namespace, patchJobs } = settings;
  return defineController<Policy>({
    name: `patchjobs-${kind.plural}`,
    kind,
    finalizer: PATCH_JOBS_FINALIZER,
    owns: [
      {
        ...{ kind: CronJob, namespace },
        // Of its windows; those of extra openings are known by their mark.
        named: ({ metadata: { name, uid = '' } }, { metadata }) => metadata.name === cronJobName({ name, uid }),
        // A run that is under way ends on the terms it began with, whatever becomes of its policy.
        dependents: 'Orphan',
      },
    ],
    watches: [
      {
        kind: patchRun,
        indexes: { [RUNS]: run => [textAt(run, 'spec', 'policy', 'uid') ?? ''] },
        part: ({ status }) => textAt(status, 'ended'),
        toKeys: run => policyPatching(run, kind),
      },
    ],
    reconcile: async ({ object, read, now, apply, prune }) => {
      const own = openingOf(object, now);
      const runs = read.byIndex<PatchRun & KubeObject>(patchRun, RUNS, object.metadata.uid ?? '');
      const openings = [...(own ? [own] : []), ...extraOpenings(policyOf(object), runs, own)];
      const due = openings.map(opening => {
        const standing = standingOf(read.get(CronJob, { namespace, name: nameOf(opening) }));
        return { opening, standing, startsAt: startOf(opening, standing, now) };
      });
      const wanted = patchJobs ? due.map(({ opening, startsAt }) => cronJobOf(opening, patchJobs, startsAt)) : [];
      await apply(wanted);
      await prune(wanted);
      return {
        requeueAt: earliest(...due.map(({ opening, startsAt, standing }) => lookAgainAt(opening, startsAt, standing))),
      };
    },
    finalize: async ({ prune }) => ({ done: (await prune([])).every(({ action }) => action !== 'failed') }),
  });
}

function standingOf(cronJob: KubeObject | undefined): Standing | undefined {
  if (cronJob === undefined) return undefined;
  const { annotations = {} } = cronJob.metadata;
  const startedAt = textAt(cronJob, 'status', 'lastScheduleTime');
  return { opensAt: annotations[OPENS_AT], startsAt: annotations[STARTS_AT], startedAt };
}

/** The opening that is under way, else the next: the former is not moved away from before it has closed. */
function openingOf(object: Policy, now: Date): Opening | undefined {
  const { open, next } = object.status ?? {};
  const policy = policyOf(object);
  const found = open !== undefined && new Date(open.end) > now ? open : next;
  return found && { policy, ...instantsOf(found) };
}

function policyOf({ metadata, spec }: Policy): Opening['policy'] {
  return { name: metadata.name, uid: metadata.uid ?? '', suspended: spec.suspend };
}

function policyPatching(
  { metadata: { namespace = '' }, spec }: KubeObject,
  kind: KindDefinition,
): readonly ObjectKey[] {
  if (textAt(spec, 'policy', 'kind') !== kind.kind) return [];
  return [{ namespace: kind.namespaced ? namespace : '', name: textAt(spec, 'policy', 'name') ?? '' }];
}
