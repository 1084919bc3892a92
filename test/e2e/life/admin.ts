import { expect, test } from 'vitest';
import { type Chapter, UNWATCHED } from './chapter.ts';

export const admin: Chapter = {
  title: 'MO-2: a guest at Admin',
  tell: guests => {
    test('has no sensors, and its object says that monitoring is not included', async () => {
      await guests().reads(UNWATCHED, { Ready: 'True/Running', Monitored: 'Unknown/NotIncluded' });
      await guests().reachable(UNWATCHED);
      const exporter = 'systemctl is-active prometheus-node-exporter || true';
      expect(await guests().asRoot(UNWATCHED, exporter)).not.toBe('active');
      expect(await guests().scraped(UNWATCHED)).toBe(0);
    });
  },
};
