import { describe, expect, it } from 'vitest';
import type { MaintenanceWindow } from '../../api/maintenancewindow.ts';
import { maintenanceWindowSpec } from '../patching/patching.fixtures.ts';
import { assessMaintenanceWindow } from './windowstatus.ts';

const NOW = new Date('2026-11-23T12:00:00Z');

function assessed(spec: object = {}, now = NOW) {
  const window: MaintenanceWindow = {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: 'MaintenanceWindow' },
    metadata: { name: 'tuesday-night', namespace: 'acme', generation: 4 },
    spec: maintenanceWindowSpec({ ...spec }),
  };
  return assessMaintenanceWindow(window, now);
}

function ready(spec: object = {}, now = NOW) {
  return assessed(spec, now).conditions.find(({ type }) => type === 'Ready');
}

describe('MO-4: what a MaintenanceWindow says', () => {
  it('when it opens the next five times, and that the pass is made again then', () => {
    const { status, nextEdge } = assessed();
    expect(status.next?.map(({ date, start }) => `${date} ${start}`)).toEqual([
      ...['2026-11-24 2026-11-24T01:00:00Z', '2026-12-01 2026-12-01T01:00:00Z', '2026-12-08 2026-12-08T01:00:00Z'],
      ...['2026-12-15 2026-12-15T01:00:00Z', '2026-12-22 2026-12-22T01:00:00Z'],
    ]);
    expect(status).toMatchObject({ observedGeneration: 4 });
    expect(status.open).toBeUndefined();
    expect(nextEdge?.toISOString()).toBe('2026-11-24T01:00:00.000Z');
    expect(ready()).toMatchObject({
      ...{ status: 'True', reason: 'InForce' },
      message:
        'It opens next on 2026-11-24T01:00:00Z (2026-11-24 in Europe/Berlin) for 4h, the last 45m of it for reboots, checks and a way back.',
    });
  });

  it('that it is open, and that the pass is made again when it closes', () => {
    const now = new Date('2026-11-24T02:00:00Z');
    const { status, nextEdge } = assessed({}, now);
    expect(status.open).toMatchObject({
      date: '2026-11-24',
      cutoff: '2026-11-24T04:15:00Z',
      end: '2026-11-24T05:00:00Z',
    });
    expect(status.next?.[0]?.date).toBe('2026-12-01');
    expect(nextEdge?.toISOString()).toBe('2026-11-24T05:00:00.000Z');
    expect(ready({}, now)?.message).toMatch(/^It is open until 2026-11-24T05:00:00Z\. It opens next on /);
  });

  it('not those that are excluded', () => {
    const exclusions = [{ from: '2026-12-01', to: '2026-12-20', reason: 'Christmas trade' }];
    expect(assessed({ exclusions }).status.next?.map(({ date }) => date)).toEqual([
      ...['2026-11-24', '2026-12-22', '2026-12-29', '2027-01-05', '2027-01-12'],
    ]);
  });

  it('what clocks make of its minute in the next year', () => {
    expect(assessed({ schedule: '30 2 * * 0' }).status.warnings).toEqual([
      'On 2027-03-28 the clocks of Europe/Berlin skip the minute at which it opens: it opens when they go on, on 2027-03-28T01:00:00Z.',
      'On 2027-10-31 the clocks of Europe/Berlin show the minute at which it opens twice: it opens the first time, and not again, on 2027-10-31T00:30:00Z.',
    ]);
    expect(assessed({ schedule: '30 4 * * 0' }).status.warnings).toBeUndefined();
  });

  it.each<[string, object, string, RegExp]>([
    [
      'it would open before it has closed',
      { schedule: '0 2 * * *', duration: '30h' },
      'OpensBeforeItHasClosed',
      /closes on 2026-11-24T07:00:00Z, after it would open again on 2026-11-24T01:00:00Z/,
    ],
    [
      'its last day has passed',
      { validUntil: '2026-11-01' },
      'NeverOpens',
      /^It does not open: validUntil is 2026-11-01\.$/,
    ],
    [
      'no day is left',
      { exclusions: [{ from: '2026-01-01', to: '2099-01-01', reason: 'never' }] },
      'NeverOpens',
      /exclusions leave no day/,
    ],
  ])('that it cannot be worked by: %s', (_, spec, reason, message) => {
    expect(ready(spec)).toMatchObject({ status: 'False', reason, message: expect.stringMatching(message) });
    expect(assessed(spec).conditions.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason });
  });

  it('that it was stored under another schema', () => {
    const window = { apiVersion: '', kind: '', metadata: { name: 'old' }, spec: { schedule: '0 2 * * *' } };
    const { conditions } = assessMaintenanceWindow(window as MaintenanceWindow, NOW);
    expect(conditions[0]).toMatchObject({ reason: 'InvalidWindow', message: expect.stringContaining('spec.duration') });
  });
});
