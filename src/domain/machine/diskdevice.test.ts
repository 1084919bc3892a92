import { describe, expect, test } from 'vitest';
import { managedVMOf, operatingSystemOf, windows } from '../managedvm/rendering.fixtures.ts';
import { renderDisk } from './diskdevice.ts';
import { isPluggedIn, plugsDeclared } from './hotplug.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

type Any = ReturnType<typeof JSON.parse>;

const order = (...disks: unknown[]) =>
  managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'any', disks: [{ name: 'root' }, ...disks] });

function rendered(disk: unknown, system: Record<string, unknown> = {}, more: object = {}) {
  const managedVM = order(disk);
  const { spec } = renderVirtualMachine({ managedVM, operatingSystem: operatingSystemOf(system), ...more }) as Any;
  const called = ({ name }: Any) => name === 'data';
  return {
    device: spec.template.spec.domain.devices.disks.find(called),
    volume: spec.template.spec.volumes.find(called),
  };
}

const data = { name: 'data', size: '5Gi' };
const hot = { ...data, hotpluggable: true };
const iso = { ...data, adopt: { claim: 'iso' }, cdrom: {} };

describe('MO-1: the device of a disk', () => {
  test('is what the order says of it, and nothing that it does not say', () => {
    const device = {
      ...{ bus: 'virtio', serial: 'WD-1', bootOrder: 2, cache: 'writeback', io: 'threads', dedicatedIOThread: true },
      blockSize: { logical: 512, physical: 4096 },
    };
    expect(rendered({ ...data, device }).device).toEqual({
      ...{ name: 'data', disk: { bus: 'virtio' }, serial: 'WD-1', bootOrder: 2, cache: 'writeback', io: 'threads' },
      ...{ dedicatedIOThread: true, blockSize: { custom: { logical: 512, physical: 4096 } } },
    });
    expect(rendered(data).device).toEqual({ name: 'data', disk: { bus: 'virtio' }, serial: 'data' });
  });

  test.each<[string, object, Record<string, unknown>, string | undefined]>([
    ['in Linux', {}, {}, 'virtio'],
    ['in Windows, as its preference says', {}, windows, undefined],
    ['in Windows without a preference', {}, { ...windows, preference: undefined }, 'sata'],
    ['in Windows, plugged in, which KubeVirt wants said', { hotpluggable: true }, windows, 'scsi'],
    ['that is ordered', { device: { bus: 'scsi' } }, windows, 'scsi'],
  ])('is on the bus %s', (_what, more, system, bus) => {
    const [, disk] = order({ ...data, ...more }).spec.disks;
    if (disk === undefined) throw new Error('no disk');
    const input = { managedVM: order(), operatingSystem: operatingSystemOf(system) };
    expect(renderDisk(input, disk)).toMatchObject({ disk: bus === undefined ? {} : { bus } });
  });
});

describe('MO-1: a disk that is plugged in and out', () => {
  test('is marked so where KubeVirt plugs as the machine says, and is a plain one elsewhere', () => {
    expect(rendered(hot, {}, { plugs: true }).volume).toEqual({
      ...{ name: 'data', dataVolume: { name: 'shop-db-data', hotpluggable: true } },
    });
    for (const plugs of [false, undefined])
      expect(rendered(hot, {}, { plugs }).volume).toEqual({ name: 'data', dataVolume: { name: 'shop-db-data' } });
    expect(rendered(data, {}, { plugs: true }).volume).toEqual({ name: 'data', dataVolume: { name: 'shop-db-data' } });
  });

  test('keeps the form that the guest has until it ends, whatever is ordered or KubeVirt is told meanwhile', () => {
    const plugged = { name: 'data', dataVolume: { name: 'shop-db-data', hotpluggable: true } };
    const runningSpec = { volumes: [plugged], domain: { devices: { disks: [{ name: 'data', serial: 'data' }] } } };
    for (const [disk, plugs] of [
      [data, true],
      [hot, false],
    ] as const)
      expect(rendered(disk, {}, { plugs, runningSpec }).volume).toEqual(plugged);
    const virtualMachine = { spec: { template: { spec: { volumes: [plugged] } } } };
    expect(rendered(hot, {}, { plugs: undefined, virtualMachine }).volume, 'KubeVirt cannot be read').toEqual(plugged);
  });
});

describe('MO-1: a CD-ROM', () => {
  test('is a drive with a medium that is changed while the guest runs; ejected, the empty drive stays', () => {
    const full = rendered(iso, {}, { plugs: true });
    expect(full.device).toEqual({ name: 'data', cdrom: { bus: 'sata' }, serial: 'data' });
    expect(isPluggedIn({ volumes: [full.volume] }, 'data')).toBe(true);
    const empty = rendered({ ...iso, cdrom: { ejected: true } }, {}, { plugs: true });
    expect(empty).toEqual({ device: full.device, volume: undefined });
  });

  test('has no empty drive where KubeVirt lets a machine have none', () => {
    const empty = rendered({ ...iso, cdrom: { ejected: true } }, {}, { plugs: false });
    expect(empty).toEqual({ device: undefined, volume: undefined });
  });
});

describe('whether KubeVirt plugs as a VirtualMachine says', () => {
  const kubeVirt = (developerConfiguration: object, observedKubeVirtVersion = 'v1.8.4') => ({
    spec: { configuration: { developerConfiguration } },
    status: { observedKubeVirtVersion },
  });
  test.each<[string, unknown, boolean]>([
    ['no gate in 1.8', kubeVirt({}), false],
    ['the gate', kubeVirt({ featureGates: ['DeclarativeHotplugVolumes'] }), true],
    [
      'both gates: the older takes precedence',
      kubeVirt({ featureGates: ['DeclarativeHotplugVolumes', 'HotplugVolumes'] }),
      false,
    ],
    ['1.9, where it is on by default', kubeVirt({}, 'v1.9.0'), true],
    ['2.0', kubeVirt({}, 'v2.0.1'), true],
    ['1.10', kubeVirt({}, 'v1.10.2'), true],
    ['1.9, switched off', kubeVirt({ disabledFeatureGates: ['DeclarativeHotplugVolumes'] }, 'v1.9.0'), false],
    ['a version that is none', kubeVirt({}, 'devel'), false],
    ['an object that is none', undefined, false],
  ])('%s', (_what, object, plugs) => expect(plugsDeclared(object)).toBe(plugs));
});
