import { expect, test } from 'vitest';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

export const level: GuestChapter = {
  title: 'MO-5, MO-12: the exporter follows the level',
  tell: subject => {
    const asRoot = (command: string) => subject().guests.asRoot(subject().name, command);
    const change = async (serviceLevel: string) => {
      await subject().guests.edit(subject().name, { serviceLevel });
      await subject().guests.reads(subject().name, { Configured: 'True/AsOrdered' });
    };
    const listening = () => asRoot('ss -Hltn sport = :9100 | wc -l');
    const scraped = (targets: number) =>
      eventually(async () => expect(await subject().guests.scraped(subject().name)).toBe(targets), BOOT, 1_000);

    test('is gone at Admin', async () => {
      await change('Admin');
      expect(await listening()).toBe('0');
      await scraped(0);
      await subject().guests.reads(subject().name, { Monitored: 'Unknown/NotIncluded' });
    });

    test.each(['MonitoringAndPatching', 'AdvancedMonitoringAndPatching'])('is there at %s, and scraped', async to => {
      await change(to);
      expect(await listening()).toBe('1');
      await scraped(1);
      await subject().guests.reads(subject().name, { Monitored: 'True/PrometheusWatches' });
    });

    test('is gone at Admin again', async () => {
      await change('Admin');
      expect(await listening()).toBe('0');
      await scraped(0);
    });
  },
};
