import { describe, expect, test } from 'vitest';
import { type ApplicationPlan, type PlanStep, sealed, unsealed } from '../contract/applicationplan.ts';
import { dueNow } from './holdback.ts';

const file = (content: string, how: 'Reload' | 'Restart'): PlanStep => ({
  ...{ type: 'file', name: how === 'Restart' ? 'memory' : 'settings', path: '/etc/x', owner: 'root', group: 'root' },
  ...{ mode: '0644', content, change: { unit: 'x.service', how } },
});
const packages = (...names: string[]): PlanStep => ({ type: 'package', name: 'packages', packages: names });
const plan = (...steps: PlanStep[]): ApplicationPlan => ({
  ...{ application: 'shop', uid: 'u', present: true, steps, probes: [], versionOf: 'x' },
});

const now = new Date('2026-12-01T02:00:00Z');
const CLOSED = { now, found: {} };
const OPEN = { ...CLOSED, open: { cutoff: new Date('2026-12-01T04:00:00Z') } };

describe('what a change of an order does before its window (MO-4, AP-2)', () => {
  const before = plan(packages('x'), file('a', 'Restart'), file('a', 'Reload'));

  test.each([
    ['a file that is reloaded goes ahead', plan(packages('x'), file('a', 'Restart'), file('b', 'Reload')), []],
    ['a file that takes a restart waits', plan(packages('x'), file('b', 'Restart'), file('a', 'Reload')), ['memory']],
    ['packages wait', plan(packages('x', 'y'), file('a', 'Restart'), file('a', 'Reload')), ['packages']],
    ['what is new has interrupted nobody yet', plan(packages('x'), { ...file('b', 'Restart'), name: 'new' }), []],
  ])('%s', (_, wanted, waits) => {
    const { plan: due, waiting } = dueNow(wanted, before, CLOSED);
    expect(waiting.map(({ name }) => name)).toEqual(waits);
    for (const step of due.steps) {
      const told = before.steps.find(({ name }) => name === step.name);
      expect(step).toEqual(waits.includes(step.name) ? told : wanted.steps.find(({ name }) => name === step.name));
    }
  });

  test('what was told is known again as it is read back, whatever the order of its fields', () => {
    const told = sealed(before);
    const reversed = (step: PlanStep) => Object.fromEntries(Object.entries(step).toReversed()) as PlanStep;
    const wanted = { ...before, steps: before.steps.map(reversed) };
    const { plan: due, waiting } = dueNow(wanted, unsealed(told.text, told.revision), CLOSED);
    expect(waiting).toEqual([]);
    expect(sealed(due)).toEqual(told);
  });

  test('in a window all of it is done, and so it is at the first time and at the last', () => {
    const wanted = plan(packages('y'), file('b', 'Restart'));
    expect(dueNow(wanted, before, OPEN)).toEqual({ plan: wanted, waiting: [] });
    expect(dueNow(wanted, undefined, CLOSED)).toEqual({ plan: wanted, waiting: [] });
    expect(dueNow({ ...wanted, present: false }, before, CLOSED).waiting).toEqual([]);
    expect(dueNow(wanted, { ...before, present: false }, CLOSED).waiting).toEqual([]);
  });
});
