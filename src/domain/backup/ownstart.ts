import { secondsOf } from '../../api/duration.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { shortHash } from '../contract/child.ts';
import { type AvoidedSpan, movesIntoAvoided } from '../time/avoidedspans.ts';
import { laterStarts } from '../time/laterstarts.ts';

/** Starts of a schedule that may be later. */
export type Start = {
  /** The object of a policy that has the schedule, as it was read: thousands of VMs share one, and each asks in every pass. */
  readonly of: object;
  readonly schedule: string;
  /** Within which starts are spread, as the policy says it. */
  readonly spread: string;
  /** Into which no start is moved. */
  readonly avoided?: readonly AvoidedSpan[];
};

const starts = new WeakMap<object, Start & { readonly schedules: readonly string[] }>();

/** The schedule with the delay that this VM has, by its UID: Velero works through a namespace one after the other, so many VMs under one policy do not all start in one minute. */
export function ownStart({ metadata }: ManagedVM, start: Start): string {
  const schedules = spreadSchedules(start);
  return schedules[Number.parseInt(shortHash(metadata.uid ?? ''), 16) % schedules.length] ?? start.schedule;
}

function spreadSchedules(start: Start): readonly string[] {
  const { of, schedule, spread, avoided = [] } = start;
  const known = starts.get(of);
  if (known?.spread === spread && known.avoided === start.avoided && known.schedule === schedule)
    return known.schedules;
  const later = laterStarts(schedule, secondsOf(spread) / 60);
  const isWrong = later.length > 1 && avoided.length > 0 ? movesIntoAvoided(schedule, avoided) : () => false;
  const schedules = later.filter(each => !isWrong(each));
  starts.set(of, { ...start, schedules });
  return schedules;
}
