/** What a rung of a Product's ladder is taken for: a probe that has failed for its minutes, or an alert that fires (AP-3, AP-4). */
import type { ProductRemediation, ProductRung, RemediationAlert } from '../../api/productremediation.ts';
import { earliest } from './condition.ts';

const MINUTE = 60_000;

/** For so many minutes a probe has failed when its alert begins to fire. */
export const PROBE_ALERT_MINUTES = 5;

export type TroubleSeen = {
  /** Probes that fail, and since when. */
  readonly failing: readonly { readonly probe: string; readonly since: Date }[];
  readonly firing: readonly RemediationAlert[];
};

export function isTriggered({ trigger }: ProductRung, { failing, firing }: TroubleSeen, now: Date): boolean {
  const { probes = [], alerts = [], forMinutes } = trigger;
  const isRipe = (since: Date) => now.getTime() - since.getTime() >= forMinutes * MINUTE;
  return (
    failing.some(({ probe, since }) => probes.includes(probe) && isRipe(since)) ||
    firing.some(alert => alerts.includes(alert))
  );
}

/** When a probe will have failed for long enough for the next rung. */
export function ripeAt(ladder: ProductRemediation, { failing }: TroubleSeen, now: Date): Date | undefined {
  const times = failing.flatMap(({ probe, since }) =>
    ladder
      .filter(({ trigger }) => trigger.probes?.includes(probe))
      .map(({ trigger }) => new Date(since.getTime() + trigger.forMinutes * MINUTE)),
  );
  return earliest(...times.filter(time => time > now));
}
