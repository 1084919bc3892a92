import type { ClusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import type { KindDefinition } from '../../api/kind.ts';
import type { PatchPolicy } from '../../api/patchpolicy.ts';
import { CronJob } from '../../api/upstream.ts';
import { textAt } from '../../domain/contract/json.ts';
import {
  cronJobName,
  cronJobOf,
  lookAgainAt,
  OPENS_AT,
  type Opening,
  STARTS_AT,
  type Standing,
  startOf,
} from '../../domain/patching/jobs.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';

type Policy = (PatchPolicy | ClusterPatchPolicy) & KubeObject;

/** On a policy that has a CronJob in another namespace, which goes with it. */
export const PATCH_JOBS_FINALIZER = 'managed.systems/patch-jobs';

/** Keeps for each policy the CronJob that starts its runners when its window opens next (MO-3). What its windows are, the policy's own controller says. */
export function patchJobsController(kind: KindDefinition, settings: Settings): ControllerDefinition<Policy> {
  const { namespace, patchJobs } = settings;
  return defineController<Policy>({
    name: `patchjobs-${kind.plural}`,
    kind,
    finalizer: PATCH_JOBS_FINALIZER,
    owns: [
      {
        ...{ kind: CronJob, namespace },
        named: (owner, { metadata }) => metadata.name === nameOf(owner as Policy),
        // A run that is under way ends on the terms it began with, whatever becomes of its policy.
        dependents: 'Orphan',
      },
    ],
    watches: [],
    reconcile: async ({ object, read, now, apply, prune }) => {
      const opening = openingOf(object, now);
      const standing = standingOf(read.get(CronJob, { namespace, name: nameOf(object) }));
      const startsAt = opening && startOf(opening, standing, now);
      const wanted = opening && startsAt && patchJobs ? [cronJobOf(opening, patchJobs, startsAt)] : [];
      await apply(wanted);
      await prune(wanted);
      return { requeueAt: opening && startsAt && lookAgainAt(opening, startsAt, standing) };
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
function openingOf({ metadata, spec, status }: Policy, now: Date): Opening | undefined {
  const { open, next } = status ?? {};
  const found = open !== undefined && new Date(open.end) > now ? open : next;
  if (found === undefined) return undefined;
  const policy = { name: metadata.name, uid: metadata.uid ?? '', suspended: spec.suspend };
  return { policy, start: new Date(found.start), cutoff: new Date(found.cutoff), end: new Date(found.end) };
}

function nameOf({ metadata: { name, uid = '' } }: Policy): string {
  return cronJobName({ name, uid, suspended: false });
}
