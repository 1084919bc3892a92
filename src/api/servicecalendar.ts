import { z } from 'zod';
import { Conditions, GROUP, nameFitsLabel, ObservedGeneration, VERSION } from './common.ts';
import { Day } from './day.ts';
import type { KindDefinition, Resource } from './kind.ts';
import { keyedList, stringSet, withRules } from './rules.ts';
import { DisplayName } from './text.ts';
import { TimeOfDay } from './timeofday.ts';
import { TimeZone } from './timezone.ts';

/** In the order in which ISO 8601 counts them. */
export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

const CoreHours = withRules(
  z.strictObject({
    days: stringSet(z.enum(WEEKDAYS), { min: 1, max: 7 }).describe('Days of the week.'),
    from: TimeOfDay.describe('First minute that belongs to it, e.g. 09:00.'),
    to: TimeOfDay.describe('First minute that does not, e.g. 18:00; 24:00 is the end of the day.'),
  }),
  {
    rule: 'self.from < self.to',
    message:
      'to comes after from on the same day; what goes on past midnight ends at 24:00 and is 00:00 of the next day',
    fieldPath: '.to',
    holds: ({ from, to }) => from < to,
  },
);
export type CoreHours = z.infer<typeof CoreHours>;

const CoreHoursList = withRules(z.array(CoreHours).min(1).max(21).meta({ 'x-kubernetes-list-type': 'atomic' }), {
  rule: 'self.all(a, self.filter(b, a.from < b.to && b.from < a.to && a.days.exists(day, day in b.days)).size() <= 1)',
  message: 'two entries overlap on a day of the week',
  holds: entries =>
    entries.every(
      a => entries.filter(b => a.from < b.to && b.from < a.to && a.days.some(day => b.days.includes(day))).length <= 1,
    ),
});

const DatedDay = z.strictObject({
  date: Day.describe('The day, e.g. 2026-12-24.'),
  name: DisplayName(60).describe('What it is called, or why it is here.'),
});

/** Regions whose public holidays Steward computes, by ISO 3166-2. */
export const HolidayRegion = z.enum(['DE-NI']);
export type HolidayRegion = z.infer<typeof HolidayRegion>;

const Holidays = withRules(
  z.strictObject({
    region: HolidayRegion.optional().describe(
      'Whose public holidays are observed: DE-NI is Lower Saxony (GE-5). Absent: none are.',
    ),
    additional: keyedList(DatedDay, 'date', { max: 100 }).optional().describe('Days on which it is closed besides.'),
    removed: keyedList(DatedDay, 'date', { max: 100 })
      .optional()
      .describe('Holidays of the region on which it is open as on any such day of the week.'),
  }),
  {
    rule: '!has(self.additional) || !has(self.removed) || !self.additional.exists(a, self.removed.exists(r, r.date == a.date))',
    message: 'a day is both additional and removed',
    holds: ({ additional = [], removed = [] }) => !additional.some(a => removed.some(r => r.date === a.date)),
  },
  {
    rule: 'has(self.region) || !has(self.removed) || self.removed.size() == 0',
    message: 'removed takes away holidays of a region, and no region is named',
    fieldPath: '.removed',
    holds: ({ region, removed = [] }) => region !== undefined || removed.length === 0,
  },
);
export type Holidays = z.infer<typeof Holidays>;

export const ServiceCalendarSpec = z
  .strictObject({
    timeZone: TimeZone.prefault('Europe/Berlin').describe('IANA zone in which hours and days are read (GE-5).'),
    coreHours: CoreHoursList.describe(
      'When the service is worked on, by the clock on the wall (GE-5: Monday to Friday, 09:00 to 18:00); round the clock is every day from 00:00 to 24:00.',
    ),
    holidays: Holidays.optional().describe('Whole days, from midnight to midnight, on which there are no core hours.'),
  })
  .describe('When the service is worked on.');
export type ServiceCalendarSpec = z.infer<typeof ServiceCalendarSpec>;

export const ServiceCalendarStatus = z
  .strictObject({
    observedGeneration: ObservedGeneration.optional(),
    revision: z
      .string()
      .max(71)
      .optional()
      .describe(
        'SHA-256 of everything that decides when it is open: two calendars of the same revision are open at the same instants. Names do not count.',
      ),
    holidays: z
      .array(DatedDay)
      .max(256)
      .meta({ 'x-kubernetes-list-type': 'atomic' })
      .optional()
      .describe('Holidays of this year and the next in its zone, and so at any time those of the next twelve months.'),
    conditions: Conditions.optional(),
  })
  .describe('What follows from it; written by the operator.');
export type ServiceCalendarStatus = z.infer<typeof ServiceCalendarStatus>;

export type ServiceCalendar = Resource<ServiceCalendarSpec, ServiceCalendarStatus>;

export const serviceCalendar: KindDefinition = {
  group: GROUP,
  version: VERSION,
  kind: 'ServiceCalendar',
  plural: 'servicecalendars',
  singular: 'servicecalendar',
  shortNames: ['mcal'],
  namespaced: false,
  description: 'When the service is worked on: core hours in a time zone, and the holidays of a region (GE-5).',
  spec: ServiceCalendarSpec,
  status: ServiceCalendarStatus,
  validations: [nameFitsLabel],
  selectableFields: [],
  printerColumns: [
    { name: 'Zone', type: 'string', jsonPath: '.spec.timeZone', description: 'Time zone.' },
    { name: 'Holidays of', type: 'string', jsonPath: '.spec.holidays.region', description: 'Region of the holidays.' },
    {
      name: 'Ready',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].status',
      description: 'Whether it can be read.',
    },
    {
      name: 'Revision',
      type: 'string',
      jsonPath: '.status.revision',
      description: 'What decides when it is open, as a hash.',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Age.' },
  ],
};
