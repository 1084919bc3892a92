import { secondsOf } from '../../api/duration.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { shortHash } from '../contract/child.ts';
import { laterStarts } from '../time/laterstarts.ts';

/** By the object of a policy that has the schedule, as it was read: thousands of VMs share one, and each asks in every pass. */
const starts = new WeakMap<object, { readonly spread: string; readonly schedules: readonly string[] }>();

/** The schedule of `of` with the delay that this VM has, by its UID: Velero works through a namespace one after the other, so many VMs under one policy do not all start in one minute. */
export function ownStart({ metadata }: ManagedVM, of: object, schedule: string, spread: string): string {
  const schedules = spreadSchedules(of, schedule, spread);
  return schedules[Number.parseInt(shortHash(metadata.uid ?? ''), 16) % schedules.length] ?? schedule;
}

function spreadSchedules(of: object, schedule: string, spread: string): readonly string[] {
  const known = starts.get(of);
  if (known?.spread === spread) return known.schedules;
  const schedules = laterStarts(schedule, secondsOf(spread) / 60);
  starts.set(of, { spread, schedules });
  return schedules;
}
