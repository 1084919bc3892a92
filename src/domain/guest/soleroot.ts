import type { SoleRoot } from '../../api/insideguest.ts';
import { instant } from '../contract/condition.ts';

/** As many as the status holds. */
export const MOST_APPLICATIONS = 16;

/**
 * Whether the provider alone holds root in a guest, since when, and for which managed applications (AP-9); undefined where it shares root with
 * the customer (MO-8). Where it cannot be read what runs there, it stays as it was: nobody gets rights back by our ignorance.
 */
export function soleRootFor(
  applications: readonly string[] | undefined,
  before: SoleRoot | undefined,
  now: Date,
): SoleRoot | undefined {
  if (applications === undefined) return before;
  if (applications.length === 0) return undefined;
  const named = { applications: applications.toSorted().slice(0, MOST_APPLICATIONS) };
  return before === undefined ? { since: instant(now), ...named } : { ...before, ...named };
}
