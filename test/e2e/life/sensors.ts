import { expect, test } from 'vitest';
import { type Chapter, SHOP } from './chapter.ts';

export const sensors: Chapter = {
  title: 'MO-5: sensors',
  tell: guests => {
    test('of a monitored guest are scraped, and its object says so', async () => {
      await guests().reads(SHOP, { Monitored: 'True/PrometheusWatches' });
      expect(await guests().scraped(SHOP)).toBe(1);
    });
  },
};
