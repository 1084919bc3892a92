import { z } from 'zod';
import { Instant } from './common.ts';
import { oncePerDay } from './cron.ts';
import { Day } from './day.ts';
import { Duration, secondsOf } from './duration.ts';
import { Line } from './line.ts';
import { withRules } from './rules.ts';
import { TimeZone } from './timezone.ts';

const HOUR = 3600;
const OncePerDay = oncePerDay('a window opens at most once a day; another time is another window');

const Exclusion = withRules(
  z.strictObject({
    from: Day.describe('First day, in the zone of the window.'),
    to: Day.describe('Last day.'),
    reason: Line(200).describe('Why, for who waits for a patch.'),
  }),
  {
    rule: 'self.from <= self.to',
    message: 'to is not before from',
    fieldPath: '.to',
    holds: ({ from, to }) => from <= to,
  },
);

/** When a window opens and for how long: fields of a MaintenanceWindow, and of a window within a ClusterPatchPolicy. */
export const WINDOW_FIELDS = {
  schedule: OncePerDay.describe(
    'When it opens: cron with five numeric fields (minute hour day-of-month month day-of-week), one minute and one hour, by the clock on the wall of timeZone.',
  ),
  timeZone: TimeZone.prefault('Europe/Berlin').describe('IANA zone in which schedule and days are read (GE-5).'),
  duration: Duration.describe('How long it is open, in real time, e.g. 4h; at most 72h.'),
  cutoff: Duration.prefault('30m').describe(
    'How long before the end nothing begins any more: the reserve for a reboot, checks and a way back.',
  ),
  exclusions: z
    .array(Exclusion)
    .max(64)
    .meta({ 'x-kubernetes-list-type': 'atomic' })
    .optional()
    .describe('Days on which it stays closed. What would reach into one of them does not open at all.'),
  validFrom: Day.optional().describe('First day on which it opens.'),
  validUntil: Day.optional().describe('Last day on which it opens.'),
};

type WindowTimes = z.infer<z.ZodObject<typeof WINDOW_FIELDS>>;

/** Rules that hold among {@link WINDOW_FIELDS}. */
export const WINDOW_RULES = [
  {
    rule: "duration(self.duration) <= duration('72h')",
    message: 'duration is at most 72h',
    fieldPath: '.duration',
    holds: ({ duration }: WindowTimes) => secondsOf(duration) <= 72 * HOUR,
  },
  {
    rule: 'duration(self.cutoff) < duration(self.duration)',
    message: 'cutoff is shorter than duration: something must be able to begin',
    fieldPath: '.cutoff',
    holds: ({ cutoff, duration }: WindowTimes) => secondsOf(cutoff) < secondsOf(duration),
  },
  {
    rule: '!has(self.validFrom) || !has(self.validUntil) || self.validFrom <= self.validUntil',
    message: 'validUntil is not before validFrom',
    fieldPath: '.validUntil',
    holds: ({ validFrom, validUntil }: WindowTimes) =>
      validFrom === undefined || validUntil === undefined || validFrom <= validUntil,
  },
];

/** One opening of a window, as a status tells it. */
export const WindowOccurrence = z.strictObject({
  window: z.string().max(63).describe('Name of the window.'),
  date: Day.describe('Day of its schedule, in its zone: with the name, what it is known by.'),
  start: Instant.describe('When it opens.'),
  cutoff: Instant.describe('From when nothing begins any more.'),
  end: Instant.describe('When it closes.'),
});
export type WindowOccurrence = z.infer<typeof WindowOccurrence>;
