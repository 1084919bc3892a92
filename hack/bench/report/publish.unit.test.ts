import { expect, it } from 'vitest';
import type { Run } from '../measure.ts';
import { type Result, resultOf, withoutSettingsOf } from './publish.ts';
import { standingsOf } from './standings.ts';

function resultWith(...counts: readonly number[]): Result {
  const runs = counts.map(
    (count): Run => ({
      ...{ contestant: 'raw', seconds: 1, count, webhooks: false, writes: 8 * count, reads: 0, calls: {} },
      ...{ cpuSeconds: 0.4, memoryMB: { ready: 50, after: 60, peak: 70 }, load: 1 },
    }),
  );
  return resultOf('npm run bench', runs, standingsOf([runs], 'raw'));
}

it('a new result takes the place of earlier runs of the same settings, and leaves the others', () => {
  const earlier = [resultWith(100, 1000), resultWith(10_000)];
  const left = withoutSettingsOf(resultWith(1000, 10_000), earlier);
  expect(left.map(({ runs }) => runs.map(({ count }) => count))).toEqual([[100]]);
  expect(left.map(({ standings }) => standings.map(({ count }) => count))).toEqual([[100]]);
});
