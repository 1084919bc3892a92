import type { ServiceLevel } from '../../api/common.ts';
import type { PlanFromDay } from '../../api/contract.ts';

/**
 * The plan that applies at a level on a day: the last that has begun. From its first day on a level has exactly one on every day, and none
 * before: that is how a list of beginnings can have neither gaps nor overlaps.
 */
export function planOn(plans: readonly PlanFromDay[], level: ServiceLevel, day: string): PlanFromDay | undefined {
  return ofLevel(plans, level).findLast(({ from }) => from <= day);
}

/** The plan that follows at a level after a day. */
export function planAfter(plans: readonly PlanFromDay[], level: ServiceLevel, day: string): PlanFromDay | undefined {
  return ofLevel(plans, level).find(({ from }) => from > day);
}

function ofLevel(plans: readonly PlanFromDay[], level: ServiceLevel): readonly PlanFromDay[] {
  return plans.filter(each => each.level === level).toSorted((a, b) => (a.from < b.from ? -1 : 1));
}
