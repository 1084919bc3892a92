import type { Condition } from '../api/common.ts';
import type { ConditionInput } from '../domain/condition.ts';
import { mergeConditions } from '../runtime/conditions.ts';
import type { ReconcileContext } from '../runtime/controller.ts';
import type { KubeObject } from '../runtime/object.ts';
import type { StatusIntervals } from '../runtime/statuspace.ts';

type Assessed = { readonly status: Readonly<Record<string, unknown>>; readonly conditions: readonly ConditionInput[] };
type WithConditions = KubeObject & { readonly status?: { readonly conditions?: Condition[] | undefined } };

/**
 * A machine passes a dozen states when it starts or stops, and on a busy node each of them lasts seconds; every write costs every watcher.
 * A plain start is told in four: ordered, provisioned, the agent answers, ready.
 */
export const STATUS_INTERVALS: StatusIntervals = { newsMs: 300, progressMs: 1000, restMs: 2000, stepMs: 60_000 };

/** An object that sums up thousands of ManagedVMs is concerned by each of their changes, and looks at all of them in each pass. */
export const SUMMARY_SHARE = 0.02;

/**
 * Writes an assessment as the object's status, once, and an event when Ready has changed. That a new object is not ready yet is no news,
 * unless it waits for somebody to act.
 */
export async function report(context: ReconcileContext<WithConditions>, assessment: Assessed): Promise<void> {
  const { metadata, status: stored } = context.object;
  const conditions = mergeConditions(stored?.conditions, assessment.conditions, context.now, metadata.generation);
  if (!(await context.status({ ...assessment.status, conditions }))) return;
  const was = conditionOf(stored?.conditions, 'Ready')?.status;
  const is = conditionOf(conditions, 'Ready');
  const expected = was === undefined && conditionOf(conditions, 'Reconciling')?.status === 'True';
  if (is && was !== is.status && !expected)
    context.event(is.status === 'True' ? 'Normal' : 'Warning', is.reason, is.message);
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find(condition => condition.type === type);
}
