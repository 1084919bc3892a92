import { ServiceCalendarSpec } from '../../api/servicecalendar.ts';

type Written = Partial<Parameters<typeof ServiceCalendarSpec.parse>[0] & object>;

/** Regular hours of the service description (GE-5), with what a test wants otherwise. */
export function calendarOf(spec: Written = {}): ServiceCalendarSpec {
  const days = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday'];
  return ServiceCalendarSpec.parse({
    coreHours: [{ days, from: '09:00', to: '18:00' }],
    holidays: { region: 'DE-NI' },
    ...spec,
  });
}

const everyDay = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** Round the clock, holidays or not. */
export const alwaysOpen: ServiceCalendarSpec = ServiceCalendarSpec.parse({
  coreHours: [{ days: everyDay, from: '00:00', to: '24:00' }],
});

/** What admission does not let in. */
export const neverOpen: ServiceCalendarSpec = { timeZone: 'Europe/Berlin', coreHours: [] };
