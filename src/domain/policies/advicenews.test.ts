import { expect, test } from 'vitest';
import type { Advice } from '../../api/applicationadvice.ts';
import { adviceNews } from './advicenews.ts';

const given: Advice[number] = {
  ...{ advisor: 'disk', resource: 'Disk', query: 'x', windowHours: 1, percent: 84, exhausted: '2026-12-20' },
  ...{ proposal: 'The disk fills up.', since: '2026-11-30T12:00:00Z', expires: '2026-12-07T12:00:00Z' },
};

test('advice is told when it is given, and not while it stands (AP-12)', () => {
  expect(adviceNews(undefined, [given])).toEqual([
    {
      ...{ type: 'Normal', reason: 'Advised' },
      message: 'disk is at 84 % in the last 1 hour, and used up on 2026-12-20 if it grows on. The disk fills up.',
    },
  ]);
  expect(adviceNews([given], [{ ...given, percent: 95, expires: '2026-12-10T12:00:00Z' }])).toEqual([]);
  expect(adviceNews([given], undefined)).toEqual([]);
});
