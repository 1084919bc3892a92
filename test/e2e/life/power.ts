import { expect, test } from 'vitest';
import { VirtualMachineInstance } from '../../../src/api/upstream.ts';
import { eventually, gone } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import { type Chapter, HERE, SHOP } from './chapter.ts';
import { keptNote, note } from './note.ts';

/** One boot proves both: that the power follows the spec, and that a size that waited for a restart is there after one. */
export const power: Chapter = {
  title: 'MO-1: power and size',
  tell: guests => {
    test('another size waits for a restart, and the object says what it will change', async () => {
      await guests().edit(SHOP, { sizing: { cpu: 2, memory: '640Mi' } });
      const waiting = await guests().reads(SHOP, { RestartPending: 'True/RestartNeeded' });
      const paths = waiting.status.pendingChanges.map(({ path }: { path: string }) => path);
      expect(paths).toContain('spec.domain.memory.guest');
      expect(await guests().asRoot(SHOP, 'nproc')).toBe('1');
    });

    test('off, and on again from the same disk with the size that waited', async () => {
      await note(guests());
      const before = await guests().reachable(SHOP);
      await guests().edit(SHOP, { powerState: 'Stopped' });
      await guests().reads(SHOP, { Ready: 'True/Stopped', AgentConnected: 'Unknown/PoweredOff' });
      await gone(guests().api, VirtualMachineInstance, HERE, SHOP);
      await guests().edit(SHOP, { powerState: 'Running' });
      await guests().booted(SHOP);
      expect(await guests().reachable(SHOP)).not.toBe(before);
      expect(await keptNote(guests())).toBe('kept');
      await guests().reads(SHOP, { RestartPending: 'False/UpToDate', Ready: 'True/Running' });
      expect(await guests().asRoot(SHOP, 'nproc')).toBe('2');
      const kilobytes = Number(await guests().asRoot(SHOP, "awk '/MemTotal/ {print $2}' /proc/meminfo"));
      expect(kilobytes).toBeGreaterThan(550_000);
    });

    test('a disk grows while the guest runs, and the guest sees it', async () => {
      const before = Number(await guests().asRoot(SHOP, 'blockdev --getsize64 /dev/vda'));
      await guests().edit(SHOP, { disks: [{ name: 'root', size: '4Gi' }] });
      await eventually(async () => {
        const bytes = Number(await guests().asRoot(SHOP, 'blockdev --getsize64 /dev/vda'));
        expect(bytes).toBeGreaterThan(before + 900 * 2 ** 20);
      }, BOOT);
    });
  },
};
