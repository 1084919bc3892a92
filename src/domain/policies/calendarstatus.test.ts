import { describe, expect, it } from 'vitest';
import { type ServiceCalendar, serviceCalendar } from '../../api/servicecalendar.ts';
import { calendarOf } from '../time/calendar.fixtures.ts';
import { revisionOf } from '../time/calendarrevision.ts';
import { assessServiceCalendar } from './calendarstatus.ts';

const now = new Date('2026-11-27T12:00:00Z');

function ordered(spec: unknown): ServiceCalendar {
  const { group, version, kind } = serviceCalendar;
  const metadata = { name: 'lower-saxony', generation: 3 };
  return { apiVersion: `${group}/${version}`, kind, metadata, spec: spec as ServiceCalendar['spec'] };
}

const regular = ordered(calendarOf());

describe('GE-5: the status of a ServiceCalendar', () => {
  it('names the holidays of this year and the next, and the revision', () => {
    const { status, conditions } = assessServiceCalendar(regular, now);
    expect(status).toMatchObject({ observedGeneration: 3, revision: revisionOf(calendarOf()) });
    expect(status.holidays?.map(({ date }) => date)).toEqual([
      ...['2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-05-14', '2026-05-25', '2026-10-03'],
      ...['2026-10-31', '2026-12-25', '2026-12-26', '2027-01-01', '2027-03-26', '2027-03-29', '2027-05-01'],
      ...['2027-05-06', '2027-05-17', '2027-10-03', '2027-10-31', '2027-12-25', '2027-12-26'],
    ]);
    expect(conditions).toEqual([
      {
        ...{ type: 'Ready', status: 'True', reason: 'Readable' },
        message: 'Open 45h a week in Europe/Berlin, except on holidays: 10 in 2026, 10 in 2027.',
      },
    ]);
  });

  it('stays the same until New Year in its zone, and is assessed again then', () => {
    const newYear = new Date('2026-12-31T23:00:00Z');
    const before = new Date(newYear.getTime() - 1);
    expect(assessServiceCalendar(regular, now).nextEdge).toEqual(newYear);
    expect(assessServiceCalendar(regular, before)).toEqual(assessServiceCalendar(regular, now));
    const after = assessServiceCalendar(regular, newYear);
    expect(after.status.holidays?.[0]?.date).toBe('2027-01-01');
    expect(after.status.revision).toBe(assessServiceCalendar(regular, now).status.revision);
    expect(after.nextEdge).toEqual(new Date('2027-12-31T23:00:00Z'));
  });

  it('is within the bounds of its schema for the calendar that has the most', () => {
    const additional = Array.from({ length: 100 }, (_, index) => ({
      date: new Date(Date.UTC(2026, 5, 1 + index)).toISOString().slice(0, 10),
      name: 'Closed',
    }));
    const full = ordered(calendarOf({ holidays: { region: 'DE-NI', additional } }));
    const { status } = assessServiceCalendar(full, now);
    expect(status.holidays).toHaveLength(120);
    expect(serviceCalendar.status.safeParse(status).error).toBeUndefined();
  });

  it('is Stalled by a removed day that is no holiday: another one was meant', () => {
    const removed = [{ date: '2026-10-30', name: 'Inventory' }];
    const { status, conditions } = assessServiceCalendar(
      ordered(calendarOf({ holidays: { region: 'DE-NI', removed } })),
      now,
    );
    const said = {
      reason: 'NoSuchHoliday',
      message:
        'spec.holidays.removed names 2026-10-30 (Inventory), which is no holiday of DE-NI: name one that is, or take it out.',
    };
    expect(conditions).toEqual([
      { type: 'Ready', status: 'False', ...said },
      { type: 'Stalled', status: 'True', ...said },
    ]);
    expect(status.holidays).toHaveLength(20);
  });

  it('is the same with fields that a later release has added', () => {
    const { coreHours, ...spec } = calendarOf();
    const later = { ...spec, future: 'later', coreHours: coreHours.map(each => ({ ...each, future: 1 })) };
    expect(assessServiceCalendar(ordered(later), now)).toEqual(assessServiceCalendar(regular, now));
  });

  it.each([
    ['no spec at all', undefined, /^spec: /],
    [
      'a zone that does not exist',
      { ...calendarOf(), timeZone: 'Mars/Base' },
      /^spec\.timeZone: must be an IANA time zone/,
    ],
    ['no core hours', { timeZone: 'UTC', coreHours: [] }, /^spec\.coreHours: /],
    ['core hours that are none', { timeZone: 'UTC', coreHours: 'office' }, /^spec\.coreHours: /],
  ])('is Stalled where an object stored under another schema cannot be read: %s', (_, spec, message) => {
    const { status, conditions, nextEdge } = assessServiceCalendar(ordered(spec), now);
    expect(status).toEqual({ observedGeneration: 3 });
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'InvalidCalendar', message: expect.stringMatching(message) },
      { type: 'Stalled', status: 'True' },
    ]);
    expect(nextEdge).toBeUndefined();
  });
});
