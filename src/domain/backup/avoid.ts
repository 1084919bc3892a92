import type { BackupPolicySpec, BackupTier } from '../../api/backuppolicy.ts';
import { secondsOf } from '../../api/duration.ts';
import { instant } from '../contract/condition.ts';
import { type AvoidedSpan, avoidedRuns, withoutAvoided } from '../time/avoidedspans.ts';
import { type Cron, parseCron } from '../time/cron.ts';

/** How far ahead runs within a span are looked for: holds each change of clocks, a leap year. */
const AHEAD = 5 * 366 * 24 * 3_600_000;
/** Runs that are told. */
const TOLD = 3;

type Avoid = NonNullable<BackupPolicySpec['avoid']>;

const NONE: readonly AvoidedSpan[] = [];

/** By the list as it was read: thousands of VMs share one. */
const read = new WeakMap<Avoid, readonly AvoidedSpan[]>();

/**
 * The spans in which no backup may start.
 * @throws InvalidCron for a schedule that cannot be read: admission lets none in.
 */
export function avoidedSpans({ avoid }: Pick<BackupPolicySpec, 'avoid'>): readonly AvoidedSpan[] {
  if (avoid === undefined) return NONE;
  const known = read.get(avoid);
  if (known !== undefined) return known;
  const spans = avoid.map(({ name, schedule, duration }) => {
    return { name, cron: parseCron(schedule), minutes: secondsOf(duration) / 60 };
  });
  read.set(avoid, spans);
  return spans;
}

/** The schedule of a tier without the runs that are to be avoided; as it was written where one cron cannot leave them out, for a mistake must cost no backup. */
export function scheduleOutside(tier: BackupTier, spans: readonly AvoidedSpan[]): string {
  if (spans.length === 0) return tier.schedule;
  const known = outside.get(tier);
  if (known?.spans === spans) return known.schedule;
  const schedule = withoutAvoided(tier.schedule, spans) ?? tier.schedule;
  outside.set(tier, { spans, schedule });
  return schedule;
}

/** By the tier as it was read: each of its VMs asks in every pass. */
const outside = new WeakMap<BackupTier, { readonly spans: readonly AvoidedSpan[]; readonly schedule: string }>();

/** Which runs of the tiers start within a span all the same, from an instant on; undefined: none does. */
export function startsWithin(
  tiers: readonly { readonly name: string; readonly cron: Cron }[],
  spans: readonly AvoidedSpan[],
  timeZone: string,
  from: Date,
): string | undefined {
  if (spans.length === 0) return undefined;
  const until = new Date(from.getTime() + AHEAD);
  const told = tiers.flatMap(({ name, cron }) => {
    const first = [...avoidedRuns(cron, spans, timeZone, from, until).take(TOLD)];
    const runs = first.map(({ time, span }) => `${instant(time)} (${span})`).join(', ');
    return first.length === 0 ? [] : [`of tier ${name} those of ${runs}${first.length === TOLD ? ' and more' : ''}`];
  });
  if (told.length === 0) return undefined;
  return `Runs start within spans of spec.avoid, which one cron cannot leave out, so they are made all the same: ${told.join('; ')}.`;
}
