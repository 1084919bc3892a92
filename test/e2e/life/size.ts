import { expect, test } from 'vitest';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import { type Chapter, HERE, SHOP } from './chapter.ts';

export const size: Chapter = {
  title: 'MO-1: another size',
  tell: guests => {
    test('waits for a restart and says what it will change; after the restart the guest has it', async () => {
      await guests().edit(SHOP, { sizing: { cpu: 2, memory: '640Mi' } });
      const waiting = await guests().reads(SHOP, { RestartPending: 'True/RestartNeeded' });
      const paths = waiting.status.pendingChanges.map(({ path }: { path: string }) => path);
      expect(paths).toContain('spec.domain.memory.guest');
      expect(await guests().asRoot(SHOP, 'nproc')).toBe('1');
      await guests().api.client.put(restart, {});
      await guests().reads(SHOP, { RestartPending: 'False/UpToDate', Ready: 'True/Running' });
      await guests().reachable(SHOP);
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

const restart = `/apis/subresources.kubevirt.io/v1/namespaces/${HERE}/virtualmachines/${SHOP}/restart`;
