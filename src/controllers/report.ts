import type { Condition } from '../api/common.ts';
import type { ConditionInput } from '../domain/contract/condition.ts';
import { countedConditions } from '../domain/managedvm/conditions.ts';
import { PROMISES } from '../domain/managedvm/promises.ts';
import { mergeConditions } from '../runtime/api/conditions.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { ConditionSeries } from '../runtime/observe/conditionseries.ts';
import type { OpenRegistry } from '../runtime/observe/registry.ts';
import type { ReconcileContext } from '../runtime/pass/controller.ts';
import type { StatusIntervals } from '../runtime/pass/statusthrottle.ts';

type Assessed = { readonly status: Readonly<Record<string, unknown>>; readonly conditions: readonly ConditionInput[] };
type WithConditions = KubeObject & { readonly status?: { readonly conditions?: Condition[] | undefined } };

/**
 * A machine passes a dozen states when it starts or stops, and on a busy node each of them lasts seconds; every write costs every watcher.
 * A plain start is told in four: ordered, provisioned, the agent answers, ready.
 */
export const STATUS_INTERVALS: StatusIntervals = { newsMs: 300, progressMs: 1000, restMs: 2000, stepMs: 60_000 };

/** An object that sums up thousands of ManagedVMs is concerned by each of their changes, and looks at all of them in each pass. */
export const SUMMARY_SHARE = 0.02;

/** Promises whose breaking and healing is told in events: each tells it itself, so their sum (SLACompliant) does not. */
const TOLD: ReadonlySet<string> = new Set(Object.keys(countedConditions(PROMISES)));

/** Tells what holds: in the status of objects, in metrics and in events. One for all controllers. */
export class Reporter {
  readonly #series = new ConditionSeries('steward_condition');
  /** Promises that were last said to be broken, by UID of those objects that have any. Unknown says nothing either way. */
  readonly #broken = new Map<string, ReadonlySet<string>>();

  constructor(registry: OpenRegistry) {
    registry.add(this.#series);
  }

  /**
   * Writes an assessment as the object's status, once. False: the write waits for its turn, and nothing has been told yet.
   * Events tell when Ready changes, and when a promise breaks or heals. That a new object is not ready yet is no news,
   * unless it waits for somebody to act.
   */
  readonly report = async (context: ReconcileContext<WithConditions>, assessment: Assessed): Promise<boolean> => {
    const { status: stored } = context.object;
    const conditions = await written(context, assessment);
    if (conditions === undefined) return false;
    this.#series.record(context.object, conditions);
    this.#tellPromises(context, stored?.conditions, conditions);
    return true;
  };

  /** The same of a record, which has series only as long as it is open: those that are closed pile up. */
  readonly reportOpen = async (
    context: ReconcileContext<WithConditions>,
    assessment: Assessed & { readonly isOpen: boolean },
  ): Promise<void> => {
    const conditions = await written(context, assessment);
    if (conditions === undefined) return;
    if (assessment.isOpen) this.#series.record(context.object, conditions);
    else this.#series.forget(context.object.metadata.uid ?? '');
  };

  readonly forget = (uid: string): void => {
    this.#series.forget(uid);
    this.#broken.delete(uid);
  };

  /** What the first status of an object says is where it starts from, and no news. */
  #tellPromises(
    { object, event }: ReconcileContext<WithConditions>,
    stored: readonly Condition[] | undefined,
    conditions: readonly Condition[],
  ): void {
    const { uid = '' } = object.metadata;
    const before = this.#broken.get(uid) ?? new Set(brokenOf(stored ?? conditions));
    const broken = new Set(before);
    for (const { type, status, reason, message } of conditions.filter(each => TOLD.has(each.type))) {
      if (status === 'False' && !before.has(type)) {
        broken.add(type);
        event('Warning', reason, `${type} is broken: ${message}`);
      } else if (status === 'True' && before.has(type)) {
        broken.delete(type);
        event('Normal', reason, `${type} is kept again: ${message}`);
      }
    }
    if (broken.size > 0) this.#broken.set(uid, broken);
    else this.#broken.delete(uid);
  }
}

/**
 * Writes an assessment of a record as its status. Records pile up, so that none has a series of its own in metrics for good; events tell when
 * Ready changes. False: the write waits for its turn.
 */
export async function reportRecord(context: ReconcileContext<WithConditions>, assessment: Assessed): Promise<boolean> {
  return (await written(context, assessment)) !== undefined;
}

/** What the status says now, and its readiness told; undefined where the write waits for its turn. */
async function written(
  context: ReconcileContext<WithConditions>,
  assessment: Assessed,
): Promise<readonly Condition[] | undefined> {
  const { metadata, status: stored } = context.object;
  const conditions = mergeConditions(stored?.conditions, assessment.conditions, context.now, metadata.generation);
  if (!(await context.status({ ...assessment.status, conditions }))) return undefined;
  tellReadiness(context, stored?.conditions, conditions);
  return conditions;
}

function tellReadiness(
  { event }: ReconcileContext<WithConditions>,
  stored: readonly Condition[] | undefined,
  conditions: readonly Condition[],
): void {
  const was = conditionOf(stored, 'Ready')?.status;
  const is = conditionOf(conditions, 'Ready');
  const expected = was === undefined && conditionOf(conditions, 'Reconciling')?.status === 'True';
  if (is && was !== is.status && !expected) event(is.status === 'True' ? 'Normal' : 'Warning', is.reason, is.message);
}

function brokenOf(conditions: readonly Condition[]): readonly string[] {
  return conditions.filter(({ type, status }) => status === 'False' && TOLD.has(type)).map(({ type }) => type);
}

function conditionOf(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find(condition => condition.type === type);
}
