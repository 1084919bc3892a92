import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { managedVM } from '../../src/api/managedvm.ts';
import { DataVolume, VirtualMachine, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { eventually, gone } from '../integration/support/eventually.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('life');
  // Together: the second boots while the first does.
  await guests.order('unwatched', { serviceLevel: 'Admin' });
  await guests.order('shop', { deletionProtection: true, disks: [{ name: 'root', size: '3Gi' }] });
}, BOOT);

afterAll(() => guests?.close());

describe('MO-1: a VM that was ordered boots by cloud-init alone', () => {
  test('MO-8: the customer and the provider log in with their keys, and the host key is the one on record', async () => {
    await guests.booted('shop');
    await guests.reachable('shop');
    expect(await guests.asCustomer('shop', 'id -un')).toBe('anna');
    expect(await guests.asRoot('shop', 'id -u')).toBe('0');
  });

  test('MO-5: the sensors of a monitored guest are scraped, and its object says so', async () => {
    await guests.reads('shop', { Monitored: 'True/PrometheusWatches' });
    expect(await guests.scraped('shop')).toBe(1);
  });

  test('MO-2: a guest at Admin has no sensors, and its object says that monitoring is not included', async () => {
    await guests.reads('unwatched', { Ready: 'True/Running', Monitored: 'Unknown/NotIncluded' });
    await guests.reachable('unwatched');
    expect(await guests.asRoot('unwatched', 'systemctl is-active prometheus-node-exporter || true')).not.toBe('active');
    expect(await guests.scraped('unwatched')).toBe(0);
  });
});

describe('MO-1: the power follows the spec', () => {
  test('off, and on again from the same disk', async () => {
    await guests.asRoot('shop', 'echo kept >/root/note; sync');
    const before = await guests.reachable('shop');
    await guests.edit('shop', { powerState: 'Stopped' });
    await guests.reads('shop', { Ready: 'True/Stopped', AgentConnected: 'Unknown/PoweredOff' });
    await gone(guests.api, VirtualMachineInstance, 'life', 'shop');
    await guests.edit('shop', { powerState: 'Running' });
    await guests.booted('shop');
    expect(await guests.reachable('shop')).not.toBe(before);
    expect(await guests.asRoot('shop', 'cat /root/note')).toBe('kept');
  });
});

describe('MO-1: another size', () => {
  test('waits for a restart and says what it will change; after the restart the guest has it', async () => {
    await guests.edit('shop', { sizing: { cpu: 2, memory: '640Mi' } });
    const waiting = await guests.reads('shop', { RestartPending: 'True/RestartNeeded' });
    const paths = waiting.status.pendingChanges.map(({ path }: { path: string }) => path);
    expect(paths).toContain('spec.domain.memory.guest');
    expect(await guests.asRoot('shop', 'nproc')).toBe('1');
    await guests.api.client.put(restartOf('life', 'shop'), {});
    await guests.reads('shop', { RestartPending: 'False/UpToDate', Ready: 'True/Running' });
    await guests.reachable('shop');
    expect(await guests.asRoot('shop', 'nproc')).toBe('2');
    const kilobytes = Number(await guests.asRoot('shop', "awk '/MemTotal/ {print $2}' /proc/meminfo"));
    expect(kilobytes).toBeGreaterThan(550_000);
  });

  test('a disk grows while the guest runs, and the guest sees it', async () => {
    const before = Number(await guests.asRoot('shop', 'blockdev --getsize64 /dev/vda'));
    await guests.edit('shop', { disks: [{ name: 'root', size: '4Gi' }] });
    await eventually(async () => {
      const bytes = Number(await guests.asRoot('shop', 'blockdev --getsize64 /dev/vda'));
      expect(bytes).toBeGreaterThan(before + 900 * 2 ** 20);
    }, BOOT);
  });
});

describe('MO-1: a deletion', () => {
  test('is refused while the VM is protected', async () => {
    await expect(kubectl('-n', 'life', 'delete', 'managedvm', 'shop')).rejects.toThrow('deletionProtection');
    const part = kubectl('-n', 'life', 'delete', 'virtualmachine', 'shop', '--dry-run=server');
    await expect(part).rejects.toThrow('is part of ManagedVM life/shop');
    expect(await guests.api.find(VirtualMachine, 'life', 'shop')).toBeDefined();
  });

  test('leaves a disk to retain, from which a new ManagedVM of that name boots again where it consents to it', async () => {
    await guests.edit('shop', { deletionProtection: false });
    await kubectl('-n', 'life', 'delete', 'managedvm', 'shop');
    await gone(guests.api, managedVM, 'life', 'shop');
    expect(await guests.api.find(DataVolume, 'life', 'shop-root')).toBeDefined();
    const root = { name: 'root', size: '4Gi', adopt: { claim: 'shop-root' } };
    await guests.order('shop', { disks: [root] });
    await guests.booted('shop');
    await guests.reachable('shop');
    expect(await guests.asRoot('shop', 'cat /root/note')).toBe('kept');
  });

  test('takes a disk with it that was ordered so', async () => {
    const name = 'passing';
    await guests.order(name, { powerState: 'Stopped', disks: [{ name: 'root', reclaimPolicy: 'Delete' }] });
    await eventually(async () => expect(await guests.api.find(DataVolume, 'life', `${name}-root`)).toBeDefined());
    await kubectl('-n', 'life', 'delete', 'managedvm', name);
    await gone(guests.api, DataVolume, 'life', `${name}-root`, BOOT);
  });
});

function restartOf(namespace: string, name: string): string {
  return `/apis/subresources.kubevirt.io/v1/namespaces/${namespace}/virtualmachines/${name}/restart`;
}
