import { describe, expect, it } from 'vitest';
import { billOf, totalsOf } from './bill.ts';
import { acme, LEVEL, plan, pricesOf, running, vmNamed, type Written } from './history.fixtures.ts';
import type { Facts } from './history.ts';

const STREAM = 'contract-acme';
const db = vmNamed('shop-db');

function bill(written: Written, month = '2026-11') {
  const found = billOf(written.history, 'acme', month);
  if (found === undefined) throw new Error('the contract of the tests is in the records');
  return found;
}
const told = (written: Written, month?: string) =>
  bill(written, month).lines.map(({ kind, level, quantity, rate, amount, days, note }) =>
    [kind, level, quantity, rate, amount, days?.join(' '), note].filter(part => part !== undefined).join(' '),
  );
/** So that the records reach past the month. */
const until = (written: Written, at = '2027-01-01T00:00:00Z') => written.add('cluster', at, 'KeyRotated');

describe('GE-1: a system is billed by level and day, from records', () => {
  it('a whole month costs exactly what the plan says, in one line that names its records', () => {
    const written = until(acme().is(STREAM, '2026-10-05T10:00:00Z', db, running()));
    expect(told(written)).toEqual([`SystemFee ${LEVEL} 30/30 49.00 49.00 2026-11-01/2026-11-30`]);
    const [line] = bill(written).lines;
    expect(line).toMatchObject({ contract: 'acme', billingId: '10042', currency: 'EUR', records: [2] });
    expect(line?.plan).toEqual({ name: 'advanced-2026', revision: 'sha256:49.00' });
  });

  it('a part of a month costs its days of the days of that month, rounded once', () => {
    const written = until(acme().is(STREAM, '2026-11-21T10:00:00Z', db, running()));
    expect(told(written)).toEqual([`SystemFee ${LEVEL} 10/30 49.00 16.33 2026-11-21/2026-11-30`]);
    expect(told(written, '2026-10')).toEqual([]);
    expect(told(written, '2026-12')).toEqual([`SystemFee ${LEVEL} 31/31 49.00 49.00 2026-12-01/2026-12-31`]);
  });

  it('days are those of the contract’s zone, and one of 25 or 23 hours is a day', () => {
    // 23:30 UTC on 31 October is 00:30 on 1 November in Berlin.
    const written = until(acme().is(STREAM, '2026-10-31T23:30:00Z', db, running()));
    expect(told(written, '2026-10')).toEqual([]);
    expect(told(written)).toEqual([`SystemFee ${LEVEL} 30/30 49.00 49.00 2026-11-01/2026-11-30`]);
    const october = until(acme().is(STREAM, '2026-10-25T00:30:00Z', db, running()));
    expect(told(october, '2026-10')).toEqual([`SystemFee ${LEVEL} 7/31 49.00 11.06 2026-10-25/2026-10-31`]);
  });

  it('it costs from when it was first set up until it is gone, and the day of either is a day', () => {
    const written = acme()
      .is(STREAM, '2026-11-02T10:00:00Z', db, running({ 'condition.Provisioned': 'False Pending' }))
      .is(STREAM, '2026-11-04T10:00:00Z', db, running())
      .is(STREAM, '2026-11-05T10:00:00Z', db, running({ 'condition.Provisioned': 'Unknown KindNotReadable' }))
      .gone(STREAM, '2026-11-10T00:30:00Z', db);
    expect(told(until(written))).toEqual([`SystemFee ${LEVEL} 7/30 49.00 11.43 2026-11-04/2026-11-10`]);
  });

  it('what ends within the first minute of a day, as records notice it, is no day more', () => {
    const gone = (at: string) =>
      told(until(acme().is(STREAM, '2026-11-01T10:00:00Z', db, running()).gone(STREAM, at, db)));
    expect(gone('2026-11-09T23:00:08Z')).toEqual([`SystemFee ${LEVEL} 9/30 49.00 14.70 2026-11-01/2026-11-09`]);
    expect(gone('2026-11-09T23:01:01Z')).toEqual([`SystemFee ${LEVEL} 10/30 49.00 16.33 2026-11-01/2026-11-10`]);
  });

  it('on a day of two levels the higher counts, and each level has a line', () => {
    const written = acme()
      .is(STREAM, '2026-10-05T10:00:00Z', db, running({ 'spec.serviceLevel': 'Admin' }))
      .is(STREAM, '2026-11-16T10:00:00Z', db, running())
      .is(STREAM, '2026-11-20T10:00:00Z', db, running({ 'spec.serviceLevel': 'Admin' }));
    expect(told(until(written))).toEqual([
      'SystemFee Admin 25/30 19.00 15.83 2026-11-01/2026-11-15 2026-11-21/2026-11-30',
      `SystemFee ${LEVEL} 5/30 49.00 8.17 2026-11-16/2026-11-20`,
    ]);
  });

  it('a plan that follows in mid-month costs from its first day on', () => {
    const plans = { [`spec.plans.${LEVEL}.2026-11-16`]: 'advanced-2027' };
    const written = acme({ plans })
      .is('cluster', '2026-11-01T00:00:00Z', plan('advanced-2027'), pricesOf('60.00'))
      .is(STREAM, '2026-10-05T10:00:00Z', db, running());
    expect(told(until(written))).toEqual([
      `SystemFee ${LEVEL} 15/30 49.00 24.50 2026-11-01/2026-11-15`,
      `SystemFee ${LEVEL} 15/30 60.00 30.00 2026-11-16/2026-11-30`,
    ]);
  });

  it('a day on which it was powered off is free where the plan says so, and told all the same', () => {
    const prices = { 'spec.prices.billWhenStopped': false };
    const written = acme({ prices })
      .is(STREAM, '2026-10-05T10:00:00Z', db, running())
      .is(STREAM, '2026-11-10T10:00:00Z', db, running({ 'spec.powerState': 'Stopped' }))
      .is(STREAM, '2026-11-21T10:00:00Z', db, running());
    expect(told(until(written))).toEqual([
      `SystemFee ${LEVEL} 20/30 49.00 32.67 2026-11-01/2026-11-10 2026-11-21/2026-11-30`,
      `SystemFee ${LEVEL} 10/30 0.00 0.00 2026-11-11/2026-11-20 powered off`,
    ]);
  });

  it('GE-12: from the day on which its services have ceased nothing is due', () => {
    const ceased = { 'status.endOfLife.ceased': '2026-11-14T23:00:00Z' };
    const written = acme()
      .is(STREAM, '2026-10-05T10:00:00Z', db, running())
      .is(STREAM, '2026-11-14T23:00:20Z', db, running(ceased));
    expect(told(until(written))).toEqual([
      `SystemFee ${LEVEL} 14/30 49.00 22.87 2026-11-01/2026-11-14`,
      `SystemFee ${LEVEL} 16/30 0.00 0.00 2026-11-15/2026-11-30 services ceased`,
    ]);
  });

  it('what no price is agreed for is named with its days, and never left out silently', () => {
    const written = until(
      acme().is(STREAM, '2026-11-29T10:00:00Z', db, running({ 'spec.serviceLevel': 'MonitoringAndPatching' })),
    );
    expect(bill(written)).toMatchObject({ lines: [], open: [{ days: ['2026-11-29/2026-11-30'] }] });
    expect(bill(written).open[0]?.why).toMatch(/^Contract acme names no ServicePlan that applies at Monitor/);
  });

  it('a plan that was made anew with other prices is not the one that was agreed', () => {
    const written = acme()
      .gone('cluster', '2026-02-01T00:00:00Z', plan('advanced-2026'))
      .is('cluster', '2026-02-01T00:01:00Z', { ...plan('advanced-2026'), uid: 'another' }, pricesOf('99.00'))
      .is(STREAM, '2026-10-05T10:00:00Z', db, running());
    expect(told(until(written))).toEqual([`SystemFee ${LEVEL} 30/30 49.00 49.00 2026-11-01/2026-11-30`]);
  });

  it('what was recorded after the month changes neither its lines nor their ids', () => {
    const written = acme().is(STREAM, '2026-10-05T10:00:00Z', db, running());
    const before = bill(until(written, '2026-12-01T00:00:00Z')).lines;
    written.gone(STREAM, '2026-12-10T00:00:00Z', db);
    expect(bill(until(written)).lines).toEqual(before);
  });
});

describe('GE-1, AP-1: an application and its licence', () => {
  const application = { kind: 'ManagedApplication', namespace: 'acme', name: 'orders', uid: 'uid-app' };
  const facts = (more: Facts = {}) => ({
    ...{ 'spec.serviceLevel': 'Expert', 'spec.product': 'oracle', 'spec.managedVMs': ['shop-db'] },
    'condition.Provisioned': 'True Installed',
    ...more,
  });
  const licence = { 'status.licence': { metric: 'PerVCPU', amount: 4, billed: true, at: '2026-11-01T00:00:00Z' } };
  const priced = {
    'spec.prices.applications': [{ level: 'Expert', perMonth: '200.00' }],
    'spec.prices.licences': [{ product: 'oracle', perMonth: '10.00' }],
  };

  it('cost by the price list of the VM that runs it; of a licence, as many as are metered', () => {
    const written = acme({ prices: priced })
      .is(STREAM, '2026-10-05T10:00:00Z', db, running())
      .is(STREAM, '2026-11-16T10:00:00Z', application, facts(licence));
    expect(told(until(written)).slice(0, 2)).toEqual([
      'ApplicationFee Expert 15/30 200.00 100.00 2026-11-16/2026-11-30',
      'Licence Expert 60/30 10.00 20.00 2026-11-16/2026-11-30',
    ]);
  });

  it('without a price are named as what cannot be billed', () => {
    const written = acme()
      .is(STREAM, '2026-10-05T10:00:00Z', db, running())
      .is(STREAM, '2026-11-16T10:00:00Z', application, facts(licence));
    expect(bill(until(written)).open.map(({ why }) => why)).toEqual([
      'ServicePlan advanced-2026 has no price of an application at Expert',
      'ServicePlan advanced-2026 has no price of a licence of oracle',
    ]);
  });
});

describe('GE-2, GE-3: what was done', () => {
  const request = { kind: 'ServiceRequest', namespace: 'acme', name: 'extra', uid: 'uid-req' };
  const change = { kind: 'ChangeRequest', namespace: 'acme', name: 'chg-1', uid: 'uid-chg' };
  const incident = { kind: 'Incident', namespace: 'acme', name: 'inc-1', uid: 'uid-inc' };
  const target = { kind: 'ManagedVM', name: 'shop-db' };
  const ordered = {
    'spec.service': 'PatchRun',
    'spec.target': target,
    'status.change': { name: 'chg-1', uid: 'uid-chg' },
  };
  const priced = { 'spec.prices.onDemand': [{ service: 'PatchRun', price: '25.00' }] };
  const done = { 'condition.Done': 'True Succeeded' };
  const work = (written: Written, month?: string) =>
    told(until(written), month).filter(line => !line.startsWith('SystemFee'));
  const start = (prices: Facts = priced) => acme({ prices }).is(STREAM, '2026-10-05T10:00:00Z', db, running());
  const changed = { 'spec.target': target, 'spec.result.effort': '1h30m' };

  it('a service with a price costs that, once, in the month in which it was done, and no effort besides', () => {
    const written = start()
      .is(STREAM, '2026-10-30T10:00:00Z', request, ordered)
      .is(STREAM, '2026-10-30T10:00:01Z', change, { 'spec.target': target })
      .is(STREAM, '2026-11-03T10:00:00Z', change, { ...changed, ...done })
      .is(STREAM, '2026-11-03T10:00:01Z', request, { ...ordered, ...done, 'status.effort': '1h30m' });
    expect(work(written)).toEqual(['OnDemand 1/1 25.00 25.00']);
    expect([work(written, '2026-10'), work(written, '2026-12')]).toEqual([[], []]);
  });

  it('one that has failed costs nothing', () => {
    const written = start()
      .is(STREAM, '2026-11-02T10:00:00Z', request, ordered)
      .is(STREAM, '2026-11-03T10:00:01Z', request, { ...ordered, 'condition.Done': 'True Failed' });
    expect(work(written)).toEqual([]);
  });

  it('one without a price costs the effort that was booked on its change, by the price of the day of the order', () => {
    const written = start({})
      .is(STREAM, '2026-11-02T10:00:00Z', request, ordered)
      .is(STREAM, '2026-11-02T10:00:01Z', change, { 'spec.target': target })
      .is(STREAM, '2026-11-03T10:00:00Z', change, { ...changed, ...done })
      .is(STREAM, '2026-11-03T10:00:01Z', request, { ...ordered, ...done });
    expect(work(written)).toEqual(['Effort 5400/3600 120.00 180.00']);
  });

  it('an incident that is by effort costs what was booked, once it is closed; one that is included costs nothing', () => {
    const of = (billing: string) => ({
      ...{ 'spec.subject': { ...target, uid: db.uid }, 'spec.rating.billing': billing },
      'spec.handling.resolution.effort': '45m',
    });
    const closed = (billing: string) =>
      work(
        start()
          .is(STREAM, '2026-11-02T10:00:00Z', incident, { ...of(billing), 'status.phase': 'Resolved' })
          .is(STREAM, '2026-11-05T10:00:00Z', incident, { ...of(billing), 'status.phase': 'Closed' }),
      );
    expect(closed('ByEffort')).toEqual(['Effort 2700/3600 120.00 90.00']);
    expect(closed('Included')).toEqual([]);
  });

  it('effort that an earlier version has told by a hash is named as what cannot be billed', () => {
    const hidden = { 'spec.target': target, 'spec.result': `sha256:${'a'.repeat(64)}` };
    const written = start().is(STREAM, '2026-11-03T10:00:00Z', change, { ...hidden, ...done });
    expect(bill(until(written)).open.map(({ why }) => why)).toEqual([
      'its effort is told by a hash in the record, which was made by an earlier version',
    ]);
  });
});

describe('totals', () => {
  it('are the sums of the lines, of each currency for itself', () => {
    const lines = [
      { currency: 'EUR', amount: '16.33' },
      { currency: 'CHF', amount: '1.00' },
      { currency: 'EUR', amount: '-0.34' },
    ];
    expect(totalsOf(lines)).toEqual([
      { currency: 'CHF', amount: '1.00' },
      { currency: 'EUR', amount: '15.99' },
    ]);
  });
});
