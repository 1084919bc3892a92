import { expect, test } from 'vitest';
import { watched } from '../application/watched.fixtures.ts';
import { type AdviceKnowledge, heardOfAdvice, knowingNoAdvice, missedAdvice, seenOf } from './advicewatch.ts';

const at = (minute: number) => new Date(Date.parse('2026-11-30T12:00:00Z') + minute * 60_000);
const own = { namespace: 'acme', managed_vm: 'shop-db', application: 'shop-orders' };
const series = (of: string, value: number | string, more: object = { advisor: 'disk' }) => ({
  metric: { of, ...own, ...more },
  value: [0, `${value}`],
});
const disk = [series('peak', 0.912), series('lasting', 0.9)];
const seen = (answer: readonly object[], before = knowingNoAdvice(at(0)), minute = 0) =>
  heardOfAdvice(before, answer, at(minute));
const of = (knowledge: AdviceKnowledge) => seenOf(knowledge, watched());

test('a reading is rounded so that it stands still, with what is known besides (AP-12)', () => {
  const exhausted = Date.parse('2026-12-20T17:00:00Z') / 1000;
  const more = [series('exhausted', exhausted), series('capacity', 5e9), series('unusual', 0.9), series('usual', 0.5)];
  const firing = series('firing', 1, { indicator: 'deadlocks' });
  expect(of(seen([...disk, ...more, firing]))).toEqual({
    ...{ decided: false, silence: undefined, firing: ['deadlocks'] },
    readings: new Map([
      [
        'disk',
        {
          ...{ percent: 90, peak: 91, exhausted: new Date('2026-12-20'), capacity: 5e9 },
          unusual: { percent: 90, usualPercent: 50 },
        },
      ],
    ]),
  });
});

test.each([
  ['no fresh reading', disk.slice(1)],
  ['half of one', disk.slice(0, 1)],
  ['another VM', disk.map(({ metric, value }) => ({ metric: { ...metric, managed_vm: 'other' }, value }))],
  ['no number', [series('peak', 'NaN'), series('lasting', 0.5)]],
])('%s is no reading', (_, answer) => {
  expect(of(seen(answer)).readings.size).toBe(0);
});

test('whatever a guest says, nothing is more than all, and nothing ends in the year 9999', () => {
  const answer = [series('peak', 7), series('lasting', -3), series('exhausted', 1e12)];
  expect(of(seen(answer)).readings.get('disk')).toEqual({ percent: 0, peak: 100 });
});

test('what two questions have not brought is gone, and is missed once that was asked for long enough', () => {
  const known = seen([], seen(disk), 10);
  expect(of(known)).toMatchObject({ decided: false, readings: new Map([['disk', { percent: 90, peak: 91 }]]) });
  expect(of(seen([], seen([], known, 20), 30))).toMatchObject({ decided: true, readings: new Map() });
});

test('no answer is told when it lasts, and nothing that was seen stands for it', () => {
  const known = seen(disk);
  const soon = missedAdvice(known, 'it answers with status 503', at(20));
  expect(soon).toBe(known);
  expect(of(missedAdvice(soon, 'it answers with status 503', at(30)))).toMatchObject({
    silence: { since: at(0), why: 'it answers with status 503' },
    readings: new Map(),
  });
});
