import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dayIn, startOfDay } from './day.ts';

it.each([
  ['Europe/Berlin', '2026-12-31T22:59:59Z', '2026-12-31'],
  ['Europe/Berlin', '2026-12-31T23:00:00Z', '2027-01-01'],
  ['UTC', '2026-12-31T23:59:59Z', '2026-12-31'],
  ['America/New_York', '2027-01-01T04:59:59Z', '2026-12-31'],
])('GE-5: in %s %s falls on %s', (zone, instant, day) => {
  expect(dayIn(zone, new Date(instant))).toBe(day);
});

it.each([
  ['Europe/Berlin', '2026-07-01', '2026-06-30T22:00:00.000Z'],
  // Clocks went from midnight to one.
  ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z'],
])('a day in %s begins with its first instant, also where there is no midnight', (zone, day, instant) => {
  expect(startOfDay(day, zone).toISOString()).toBe(instant);
});

it('a day begins where the one before it ends', () => {
  const zone = fc.constantFrom('Europe/Berlin', 'UTC', 'America/Sao_Paulo', 'Pacific/Auckland', 'Asia/Kathmandu');
  const instant = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(zone, instant, (zone, instant) => {
      const start = startOfDay(dayIn(zone, instant), zone);
      expect(start.getTime()).toBeLessThanOrEqual(instant.getTime());
      expect(dayIn(zone, start)).toBe(dayIn(zone, instant));
      expect(dayIn(zone, new Date(start.getTime() - 1)) < dayIn(zone, start)).toBe(true);
    }),
  );
});
