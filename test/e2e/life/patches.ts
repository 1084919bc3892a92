import { afterAll, beforeAll, expect, test } from 'vitest';
import { FINAL_PHASES } from '../../../src/api/patchrun.ts';
import { BOOT, kubectl } from '../support/guests.ts';
import { openNext, runOf, sample, Updates, verdictOf } from '../support/updates.ts';
import { type Chapter, HERE, SHOP, UNWATCHED } from './chapter.ts';

export const patches: Chapter = {
  title: 'MO-3: patches',
  tell: guests => {
    let updates: Updates;

    beforeAll(async () => {
      updates = await Updates.of(guests());
      await updates.prepare(SHOP);
      await updates.offer(SHOP, [sample('2')]);
    }, BOOT);
    afterAll(async () => {
      await kubectl('delete', 'clusterpatchpolicy', HERE, '--ignore-not-found', '--wait=false');
      // A source that answers no more keeps apt from others at the same address.
      await guests().asRoot(SHOP, 'rm -f /etc/apt/sources.list.d/sample.list');
      await updates?.close();
    });

    test('are installed when the window opens, once, and read back (MO-3, GE-8)', async () => {
      await openNext(guests(), 'chapter');
      const { status } = await verdictOf(guests(), SHOP, 'chapter');
      expect(status).toMatchObject({ phase: 'Succeeded', packages: [{ to: '2', state: 'Installed' }] });
      expect(await updates.upgrades(SHOP, '2')).toBe(1);
      await guests().reads(SHOP, { PatchCompliant: 'True/PatchesInTime' });
    });

    test('are none of a guest at Admin: it gets no run', async () => {
      expect(FINAL_PHASES).toContain((await runOf(guests(), SHOP, 'chapter')).status.phase);
      expect(await runOf(guests(), UNWATCHED, 'chapter')).toBeUndefined();
    });
  },
};
