import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CronSchedule } from '../../src/api/cron.ts';
import { nextRun, parseCron } from '../../src/domain/time/cron.ts';
import { schedule } from '../integration/api/support/corpus.ts';

const now = new Date('2026-11-23T12:00:00Z');

test('a schedule that admission lets in is one that the operator reads and that fires', () => {
  const runs = fc
    .sample(schedule, { seed: 20261123, numRuns: 2000 })
    .filter(text => CronSchedule.safeParse(text).success);
  expect(runs.length).toBeGreaterThan(1000);
  for (const text of runs)
    expect(nextRun(parseCron(text), 'Europe/Berlin', now).getTime()).toBeGreaterThan(now.getTime());
});

test('of what has the shape of a schedule, admission and the operator refuse the same', () => {
  const verdicts = fc.sample(schedule, { seed: 1, numRuns: 4000 }).flatMap(text => {
    const { error } = CronSchedule.safeParse(text);
    const shapeless = error?.issues.some(issue => issue.message.startsWith('must be cron'));
    return shapeless ? [] : [{ text, admitted: error === undefined, read: readable(text) }];
  });
  expect(verdicts.filter(({ admitted }) => !admitted).length).toBeGreaterThan(50);
  expect(verdicts.filter(({ admitted, read }) => admitted !== read)).toEqual([]);
});

function readable(text: string): boolean {
  try {
    return parseCron(text) !== undefined;
  } catch {
    return false;
  }
}
