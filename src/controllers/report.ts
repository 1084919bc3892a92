import type { Condition } from '../api/common.ts';
import type { ConditionInput } from '../domain/condition.ts';
import { mergeConditions } from '../runtime/conditions.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { KubeObject } from '../runtime/object.ts';
import type { StatusIntervals } from '../runtime/statuspace.ts';

type Assessed = { readonly status: Readonly<Record<string, unknown>>; readonly conditions: readonly ConditionInput[] };
type WithConditions = KubeObject & { readonly status?: { readonly conditions?: Condition[] | undefined } };

/** A machine passes several states within a second when it starts or stops; each write costs every watcher. */
export const STATUS_INTERVALS: StatusIntervals = { newsMs: 300, restMs: 2000 };

/** An object that sums up thousands of ManagedVMs is concerned by each of their changes, and looks at all of them in each pass. */
export const SUMMARY_SHARE = 0.05;

/** Writes an assessment as the object's status, once, and an event when Ready has changed. */
export async function report(context: ReconcileContext<WithConditions>, assessment: Assessed): Promise<void> {
  const { metadata, status: stored } = context.object;
  const conditions = mergeConditions(stored?.conditions, assessment.conditions, context.now, metadata.generation);
  if (!(await context.status({ ...assessment.status, conditions }))) return;
  const was = stored?.conditions?.find(({ type }) => type === 'Ready');
  const is = conditions.find(({ type }) => type === 'Ready');
  if (is && was?.status !== is.status)
    context.event(is.status === 'True' ? 'Normal' : 'Warning', is.reason, is.message);
}
