import { expect, test } from 'vitest';
import type { Outcome } from './execute.ts';
import { steps } from './steps.ts';
import { slowestOf, tableOf } from './table.ts';

const outcome = (name: string, more: Partial<Outcome> = {}): Outcome => {
  const step = steps.find(each => each.name === name);
  if (step === undefined) throw new Error(`there is no step ${name}`);
  return { step, passed: 1, failed: 0, failures: [], took: 8, charge: 4, ...more };
};

test('each step is told with what it took, what counts of it, its budget and its tests, and all together at the end', () => {
  const table = tableOf([outcome('types'), outcome('faults', { took: 300.4, charge: 200, passed: 12, failed: 1 })], {
    took: 305,
    charge: 190,
  });
  expect(table.split('\n').map(line => line.trim().split(/ {2,}/))).toEqual([
    ['step', 'took', 'counts', 'budget', 'passed', 'failed'],
    ['types', '8 s', '4 s', expect.stringMatching(/^\d+ s$/), '1', '0'],
    ['faults', '300 s', '200 s', expect.stringMatching(/^\d+ s$/), '12', '1'],
    ['all, warm', '305 s', '190 s', '2700 s', '13', '1'],
  ]);
});

test('the ten slowest are told, the slowest first', () => {
  const all = Array.from({ length: 30 }, (_, index) => ({ name: `test ${index}`, seconds: index }));
  const lines = slowestOf('tests', all).split('\n');
  expect(lines).toHaveLength(11);
  expect(lines.slice(0, 3).map(line => line.trim())).toEqual(['slowest tests', '29 s  test 29', '28 s  test 28']);
});
