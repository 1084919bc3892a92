import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { berlin, coreSeconds, dateOf, dayOf, instantOf } from './civil.ts';
import { invariantsOf } from './invariants.ts';
import { live } from './year.ts';

const at = (text: string) => Date.parse(text) / 1000;

describe('a year in simulated time (npm run year)', () => {
  it('MO-4, MO-14, GE-1, GE-4, GE-6: a short one keeps every invariant, looked at by code that decides nothing', () => {
    const { violations, checked, world } = live({ seed: 7, systems: 8, days: 65, year: 2027 });
    expect(violations).toEqual([]);
    // And there was something to look at.
    const looked = [
      'each breach is in exactly one report',
      'no patch outside a window',
      'no clock runs in a pause',
      'money is conserved',
      'no change outside its window',
    ];
    for (const what of looked) expect(checked[what] ?? 0, what).toBeGreaterThan(0);
    expect(world.diary.faults.size).toBeGreaterThan(5);
  });

  it('of one seed is one year', () => {
    const said = () => JSON.stringify(live({ seed: 3, systems: 3, days: 20, year: 2027 }).checked);
    expect(said()).toBe(said());
  });

  it('notices a patch outside its window, a clock that runs in a pause, a day that is billed twice, and a change that nobody has agreed to', () => {
    const { world } = live({ seed: 7, systems: 8, days: 65, year: 2027 });
    const { diary } = world;
    const end = world.seconds;
    const broken = () => [...new Set(invariantsOf(diary, 2027, end).violations.map(each => each.split(':')[0]))].sort();
    expect(broken()).toEqual([]);
    const changed = [...diary.systems.values()].find(each => each.changed.length > 0)?.changed;
    changed?.push({ at: at('2027-01-13T11:00:00Z'), step: 'install', run: 'by hand' });
    expect(broken()).toEqual(['no patch outside a window']);
    changed?.pop();
    const [bill] = diary.bills;
    const line = bill?.lines.find(({ kind }) => kind === 'SystemFee');
    if (bill === undefined || line === undefined) throw new Error('there is a bill');
    const twice = { ...bill, lines: [...bill.lines, { ...line, id: 'another' }] };
    diary.bills[0] = twice;
    expect(broken()).toEqual(
      expect.arrayContaining(['bills are the sums of their lines', 'money is conserved', 'no day twice']),
    );
    diary.bills[0] = bill;
    const change = [...diary.changes.values()].find(({ begun }) => begun !== undefined);
    change?.decisions.splice(0);
    expect(broken()).toContain('no change that nobody has agreed to');
  });

  it('is looked at by code that imports nothing of Steward', () => {
    for (const file of ['invariants.ts', 'civil.ts', 'diary.ts', 'agreed.ts']) {
      const text = readFileSync(join(import.meta.dirname, file), 'utf8');
      expect(text).not.toMatch(/src\/|Temporal|Intl\.|node:/);
    }
  });
});

describe('civil time of the invariants', () => {
  it('knows the clock in Berlin through both its changes', () => {
    expect(instantOf(dayOf('2027-03-28'), 9000)).toBe(at('2027-03-28T01:00:00Z'));
    expect(instantOf(dayOf('2027-10-31'), 9000)).toBe(at('2027-10-31T00:30:00Z'));
    expect(instantOf(dayOf('2027-07-01'), 0)).toBe(at('2027-06-30T22:00:00Z'));
    expect(dateOf(berlin(at('2027-12-31T23:30:00Z')).day)).toBe('2028-01-01');
    expect(dateOf(dayOf('2028-02-29'))).toBe('2028-02-29');
  });

  it('GE-5: counts core hours without weekends and holidays', () => {
    // The vectors of research/monitoring.md 3, as spans.
    expect(coreSeconds(at('2026-03-27T16:30:00Z'), at('2026-03-30T08:30:00Z'))).toBe(7200);
    expect(coreSeconds(at('2026-10-23T15:00:00Z'), at('2026-10-26T09:00:00Z'))).toBe(7200);
    expect(coreSeconds(at('2026-04-02T15:30:00Z'), at('2026-04-07T07:30:00Z'))).toBe(3600);
    expect(coreSeconds(at('2026-12-24T16:00:00Z'), at('2026-12-28T11:00:00Z'))).toBe(4 * 3600);
  });
});
