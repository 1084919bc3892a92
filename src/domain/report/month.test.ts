import { describe, expect, it } from 'vitest';
import type { DayFacts } from './day.ts';
import type { PlanLine, Stretch } from './format.ts';
import { closeMonth } from './month.ts';
import { closed, entriesOf, hashed, PLAN, VM } from './report.fixtures.ts';

const monthOf = (days: readonly (readonly string[])[], gaps: readonly string[] = []) =>
  closeMonth({ month: '2026-12', since: '2026-12-01', days: days.map(hashed), gaps });
const lineOf = (lines: readonly string[], line: string) =>
  lines.map(text => JSON.parse(text)).filter(each => each.line === line);

const entries = entriesOf([{ at: '2026-11-30T20:00:00.000Z', after: VM }]);
const all = { first: 1, last: 1 };

describe('a month', () => {
  it('MO-5: adds its days, raw and without what is excused, and judges by the plan', () => {
    const bad = (from: number, to: number): Partial<DayFacts> => ({
      measured: () => ({ bad: [[from, to]] as Stretch[], noData: [] }),
    });
    const lines = monthOf([closed(0, entries, all, bad(100, 130)), closed(1, entries, all)]);
    expect(lineOf(lines, 'System')).toMatchObject([
      {
        days: 2,
        there: 2880,
        periods: [
          {
            target: '99.9',
            raw: { good: 2850, bad: 30, noData: 0, percent: '98.958' },
            verdict: 'Broken',
            from: '2026-12-01',
            to: '2026-12-02',
          },
        ],
        outages: [{ from: '2026-12-01T00:40:00Z', to: '2026-12-01T01:10:00Z' }],
      },
    ]);
    expect(lineOf(lines, 'Summary')).toMatchObject([
      { promises: { kept: 1, broken: 1, unproven: 0, of: 2 }, systems: 1 },
    ]);
  });

  it('GE-1: keeps apart what was served by a plan that changed in the middle of the month', () => {
    const later: PlanLine = {
      ...PLAN,
      plan: 'advanced-2027',
      revision: 'sha256:2',
      spec: { availability: { target: '99.5' } },
    };
    const [system] = lineOf(monthOf([closed(0, entries, all), closed(1, entries, all, { plans: [later] })]), 'System');
    expect(system.periods.map(({ plan, target }: never) => [plan, target])).toEqual([
      ['advanced-2026', '99.9'],
      ['advanced-2027', '99.5'],
    ]);
  });

  it('GE-8: proves nothing kept where a day was never closed, and names it', () => {
    const lines = monthOf([closed(0, entries, all)], ['2026-12-02']);
    expect(lineOf(lines, 'Report')).toMatchObject([{ gaps: ['2026-12-02'] }]);
    expect(lineOf(lines, 'Summary')).toMatchObject([{ promises: { kept: 0, unproven: 2 } }]);
  });

  it('GE-4: names the decisions that the customer owes when it ends', () => {
    const change = {
      'spec.title': 'Upgrade',
      'status.waitingFor': { what: 'Agreement', whom: ['Customer'], since: '2026-12-01T00:00:00Z' },
    };
    const owed = entriesOf([{ at: '2026-11-30T20:00:00.000Z', kind: 'ChangeRequest', name: 'chg-1', after: change }]);
    // Nothing was recorded of it in this month.
    expect(lineOf(monthOf([closed(0, owed, { first: 2, last: 1 })]), 'Summary')).toMatchObject([
      { decisions: [{ namespace: 'acme', change: 'chg-1', title: 'Upgrade', what: 'Agreement', until: '' }] },
    ]);
  });
});
