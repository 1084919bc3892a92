import { describe, expect, test } from 'vitest';
import { instance, managedVM, virtualMachine } from '../managedvm/assessment.fixtures.ts';
import { foreignPlugs } from './hotplug.ts';
import { readVirtualMachine, readVirtualMachineInstance } from './observedvm.ts';
import { formerDisks, pluggedBeside, pluggingFindings } from './plugging.ts';

const volumeOf = (name: string, claimName: string) => ({
  ...{ name, persistentVolumeClaim: { claimName, hotpluggable: true } },
});
const ordered = { name: 'data', size: '5Gi', hotpluggable: true };
const filled = [{ disk: 'data', filled: true }];

function machineWith(volumes: object[], running: object[], volumeStatus: object[] = []) {
  const template = { spec: { volumes, domain: { devices: { disks: volumes.map(each => ({ ...each, disk: {} })) } } } };
  return {
    live: virtualMachine({}, { template }),
    virtualMachine: readVirtualMachine(virtualMachine({}, { template })),
    virtualMachineInstance: readVirtualMachineInstance(instance({ volumeStatus }, { volumes: running })),
  };
}

const told = (name: string, claim: string) => ({
  status: { disks: [{ name, claim, phase: 'Filled', claimUID: 'u1', filledAt: '2026-11-01T00:00:00Z' }] },
});

describe('MO-1: a disk on its way into a running guest', () => {
  const order = managedVM({ disks: [{ name: 'root' }, ordered] });
  const data = volumeOf('data', 'shop-db-data');

  test('is told with the words of KubeVirt until it is ready, and then nothing', () => {
    const coming = machineWith([data], [data], [{ name: 'data', phase: 'AttachedToNode', message: 'Pod made' }]);
    expect(pluggingFindings(order, coming, filled)).toEqual([
      {
        ...{ standing: 'waiting', reason: 'DiskAttaching' },
        message: 'Disk data is being plugged into the running guest: AttachedToNode: Pod made.',
      },
    ]);
    const there = machineWith([data], [data], [{ name: 'data', phase: 'Ready' }]);
    expect(pluggingFindings(order, there, filled)).toEqual([]);
  });

  test('is not told where the disk itself is not there yet, which the disk says', () => {
    expect(pluggingFindings(order, machineWith([data], []), [{ disk: 'data', filled: false }])).toEqual([]);
  });

  test('out of it is remembered until it is out, and never taken for somebody else’s', () => {
    const without = { ...managedVM({ disks: [{ name: 'root' }] }), ...told('data', 'old-claim') };
    const plug = volumeOf('data', 'old-claim');
    const going = machineWith([plug], [plug], [{ name: 'data', phase: 'Ready' }]);
    expect(foreignPlugs(going.live, without, 'first-boot')).toEqual({ volumes: [], disks: [] });
    expect(formerDisks(without, going)).toMatchObject([{ name: 'data', phase: 'Detaching', claimUID: 'u1' }]);
    expect(pluggingFindings(without, going, [])).toMatchObject([{ reason: 'DiskDetaching' }]);
    expect(pluggedBeside(without, going)).toEqual([]);
    expect(formerDisks(without, machineWith([], []))).toEqual([]);
  });

  test('out of it is unplugged although the status was written before the machine could be', () => {
    const forgotten = managedVM({ disks: [{ name: 'root' }] });
    expect(foreignPlugs(machineWith([data], [data]).live, forgotten, 'first-boot').volumes).toEqual([]);
  });
});

describe('MO-1: what virtctl addvolume has plugged in', () => {
  test('is kept and told', () => {
    const order = managedVM({ disks: [{ name: 'root' }] });
    const extra = volumeOf('extra', 'extra');
    const machine = machineWith([extra], [extra], [{ name: 'extra', phase: 'Ready' }]);
    expect(foreignPlugs(machine.live, order, 'first-boot').volumes).toEqual([extra]);
    expect(pluggedBeside(order, machine)).toEqual([{ name: 'extra', claim: 'extra' }]);
    expect(pluggingFindings(order, machine, [])).toEqual([]);
  });

  test('under the name of a disk that was never its own is kept as well', () => {
    const order = { ...managedVM({ disks: [{ name: 'root' }] }), ...told('data', 'shop-db-data') };
    const other = volumeOf('data', 'another');
    expect(foreignPlugs(machineWith([other], []).live, order, 'first-boot').volumes).toEqual([other]);
  });
});
