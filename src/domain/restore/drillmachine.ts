/** The machine of a drill: the guest of a ManagedVM on restored disks, which nobody takes for that guest. */
import type { RestoredDisk } from '../../api/restore.ts';
import type { Child, RenderInput } from '../contract/child.ts';
import { renderDisk } from '../machine/diskdevice.ts';
import { architectureOf, machineTypeOf, renderBootloader, renderFeatures } from '../machine/hardware.ts';
import { firmwareUUID, macAddress } from '../machine/identity.ts';
import { renderSizing } from '../machine/virtualmachine.ts';

const PREFIX = 'drill-';
const NETWORK = 'sandbox';

/** The uid makes it the name of exactly one order. */
export function drillMachineName(orderUID: string): string {
  return `${PREFIX}${orderUID}`;
}

/** UID of the Restore that a machine of that name is for; undefined: it is none of ours. */
export function drilledBy(machine: string): string | undefined {
  return machine.startsWith(PREFIX) ? machine.slice(PREFIX.length) : undefined;
}

export type DrillInput = RenderInput & {
  /** UID of the order: another guest than before has another firmware, serial number and address. */
  readonly uid: string;
  readonly disks: readonly RestoredDisk[];
  readonly namespace: string;
};

/**
 * As large as the VM and on the same buses, so that what boots there boots here. It bears no label of a ManagedVM, so that nothing selects it: neither scrapes nor
 * backups nor patches. No first-boot drive, which would configure it anew. One interface, whose link is down from the start, and which KubeVirt keeps so
 * (pkg/virt-launcher/virtwrap/converter/network/configurator.go); those of the VM may lead into networks of the customer.
 */
export function drillMachine(input: DrillInput): Child {
  const { operatingSystem, managedVM, uid, disks, namespace } = input;
  const { family, preference } = operatingSystem.spec;
  const instanceType = managedVM.spec.sizing?.instanceType;
  return {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    metadata: { name: drillMachineName(uid), namespace },
    spec: {
      runStrategy: 'Always',
      ...(instanceType && { instancetype: { kind: 'VirtualMachineClusterInstancetype', name: instanceType } }),
      ...(preference && { preference: { kind: 'VirtualMachineClusterPreference', name: preference } }),
      template: {
        spec: {
          architecture: architectureOf(input),
          domain: {
            ...renderSizing(input),
            firmware: { uuid: firmwareUUID(uid), serial: uid, ...renderBootloader(input) },
            ...renderFeatures(input),
            machine: { type: machineTypeOf(input) },
            devices: {
              disks: disks
                .flatMap(({ disk }) => managedVM.spec.disks.filter(({ name }) => name === disk))
                .map(disk => renderDisk(input, disk)),
              interfaces: [{ name: NETWORK, masquerade: {}, macAddress: macAddress(uid, NETWORK), state: 'down' }],
              ...(family === 'Linux' && { rng: {} }),
            },
          },
          networks: [{ name: NETWORK, pod: {} }],
          volumes: disks.map(({ disk, staged }) => ({
            name: disk,
            persistentVolumeClaim: { claimName: staged?.claim ?? '' },
          })),
          // It is thrown away.
          terminationGracePeriodSeconds: 0,
        },
      },
    },
  };
}
