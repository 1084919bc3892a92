import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { managedVMOf, operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { asAdopted } from './adoptedmachine.ts';
import { adoptedRecord, adoptionProblem, identityOf, isConsentedTo } from './adoption.ts';
import { observe } from './observed.ts';
import { readVirtualMachine } from './observedvm.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

type Any = ReturnType<typeof JSON.parse>;

const NOW = new Date('2026-11-30T12:00:00Z');
const UID = 'b8a1f0aa-0000-4000-8000-000000000001';
const holds = new Map([['root', { standing: 'ours', claim: 'old-root', taken: true } as const]]);

/** A machine as people make them by hand: nothing in it is as Steward would have it. */
const theirs = (spec: object = {}, template: object = {}, metadata: object = {}): Any => ({
  ...{ apiVersion: 'kubevirt.io/v1', kind: 'VirtualMachine' },
  metadata: { name: 'shop-db', namespace: 'acme', uid: UID, ...metadata },
  spec: {
    runStrategy: 'Always',
    template: {
      spec: {
        architecture: 'amd64',
        domain: {
          cpu: { cores: 2 },
          memory: { guest: '4Gi' },
          firmware: { uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223' },
          machine: { type: 'pc-q35-rhel9.4.0' },
          devices: {
            disks: [
              { name: 'root', disk: { bus: 'sata' } },
              { name: 'cloudinitdisk', disk: { bus: 'virtio' } },
            ],
            interfaces: [{ name: 'default', masquerade: {}, model: 'e1000e', macAddress: '02:00:00:00:00:07' }],
          },
        },
        networks: [{ name: 'default', pod: { vmNetworkCIDR: '10.0.5.0/24' } }],
        volumes: [
          { name: 'root', persistentVolumeClaim: { claimName: 'old-root' } },
          { name: 'cloudinitdisk', cloudInitNoCloud: { userData: '#cloud-config' } },
        ],
        evictionStrategy: 'None',
        terminationGracePeriodSeconds: 30,
        ...template,
      },
    },
    ...spec,
  },
});

const order = (spec: object = {}, status?: object): ManagedVM => ({
  ...managedVMOf({
    ...{ serviceLevel: 'Admin', operatingSystem: 'any', adopt: { uid: UID }, sizing: { cpu: 2, memory: '4Gi' } },
    ...spec,
  }),
  ...(status && { status }),
});

function adopted(managedVM: ManagedVM, virtualMachine: Any): Any {
  const input = { managedVM, operatingSystem: operatingSystemOf(), virtualMachine, holds };
  return asAdopted(renderVirtualMachine(input), { managedVM, virtualMachine });
}

const observedOf = (managedVM: ManagedVM, machine: Any, adopting = true) =>
  observe({
    ...{ managedVM, virtualMachine: machine, consented: true, adopting, keysPresent: true },
    installed: { kubevirt: true, cdi: true },
  });

describe('MO-1: a VirtualMachine that is taken over', () => {
  test('as it is ordered has nothing changed but labels: no restart waits', () => {
    const machine = theirs();
    expect(adopted(order(), machine).spec.template.spec).toEqual(machine.spec.template.spec);
  });

  test('of which as little is said as KubeVirt takes has nothing added that a restart would bring', () => {
    const { evictionStrategy: _, terminationGracePeriodSeconds: __, ...bare } = theirs().spec.template.spec;
    const devices = { disks: [{ name: 'root', disk: {} }], interfaces: [{ name: 'default', masquerade: {} }] };
    const { firmware, machine: type } = bare.domain;
    const domain = { cpu: { cores: 2 }, memory: { guest: '4Gi' }, firmware, machine: type, devices };
    const volumes = bare.volumes.slice(0, 1);
    const machine = { ...theirs(), spec: { runStrategy: 'Always', template: { spec: { ...bare, domain, volumes } } } };
    expect(adopted(order(), machine).spec.template.spec).toEqual(machine.spec.template.spec);
  });

  test('has only that changed which the order says otherwise', () => {
    const machine = theirs();
    const expected = structuredClone(machine.spec.template.spec);
    expected.domain.cpu = { cores: 1, sockets: 4, threads: 1 };
    expected.domain.devices.disks[0] = { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 };
    const wants = { sizing: { cpu: 4, memory: '4Gi' }, disks: [{ name: 'root', device: { bus: 'virtio' } }] };
    expect(adopted(order(wants), machine).spec.template.spec).toEqual(expected);
  });

  test('a second pass wants the same', () => {
    const once = adopted(order(), theirs());
    const again = adopted(
      order({}, { adopted: { uid: UID, at: '2026-11-30T12:00:00Z', ...identityOf(read(theirs())) } }),
      {
        ...theirs(),
        spec: { ...theirs().spec, ...once.spec },
      },
    );
    expect(again).toEqual(once);
  });

  test('keeps its identity where it has to be made again', () => {
    const kept = { uid: UID, at: '2026-11-30T12:00:00Z', ...identityOf(read(theirs())) };
    const { domain, volumes } = adopted(order({}, { adopted: kept }), undefined).spec.template.spec;
    expect(domain.firmware).toEqual({ uuid: '5d307ca9-b3ef-428c-8861-06e72d69f223' });
    expect(domain.machine).toEqual({ type: 'pc-q35-rhel9.4.0' });
    expect(domain.devices.interfaces).toMatchObject([{ macAddress: '02:00:00:00:00:07' }]);
    expect(volumes, 'its first boot is long past').toEqual([expect.objectContaining({ name: 'root' })]);
  });

  test('takes no preference that it had not, and keeps the one that it had', () => {
    expect(adopted(order(), theirs()).spec.preference).toBeUndefined();
    const named = theirs({ preference: { kind: 'VirtualMachineClusterPreference', name: 'fedora' } });
    expect(adopted(order(), named).spec.preference).toEqual({
      kind: 'VirtualMachineClusterPreference',
      name: 'fedora',
    });
  });

  test('of any shape is rendered without an error', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('devices', 'domain', 'volumes', 'networks', 'firmware'),
        (value, field) => {
          adopted(order(), theirs({}, { [field]: value }));
          identityOf(read(theirs({}, { [field]: value })));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('MO-1: consent to a VirtualMachine', () => {
  test.each<[string, object, boolean]>([
    ['its UID', {}, true],
    ['another UID under the same name, as after a restore', { uid: 'other' }, false],
    ['one that is being deleted', { deletionTimestamp: '2026-11-30T12:00:00Z' }, false],
  ])('%s', (_what, metadata, is) => {
    expect(isConsentedTo(order(), theirs({}, {}, metadata))).toBe(is);
  });

  test('is none where the order does not say so', () => {
    expect(isConsentedTo(order({ adopt: undefined }), theirs())).toBe(false);
  });

  test.each<[string, object, Any, RegExp | undefined]>([
    ['what is ordered as it is', {}, theirs(), undefined],
    [
      'a disk that the order does not name',
      {},
      theirs({}, { volumes: [{ name: 'rootdisk', dataVolume: { name: 'old-root' } }] }),
      /volume rootdisk \(PersistentVolumeClaim old-root\), which no disk of the order is/,
    ],
    [
      'a disk under another name, with consent to its claim',
      { disks: [{ name: 'root', adopt: { claim: 'old-root' } }] },
      theirs({}, { volumes: [{ name: 'rootdisk', dataVolume: { name: 'old-root' } }] }),
      undefined,
    ],
    [
      'what somebody has plugged in stays, and is no disk of the order',
      {},
      theirs({}, { volumes: [{ name: 'x', persistentVolumeClaim: { claimName: 'x', hotpluggable: true } }] }),
      undefined,
    ],
    [
      'an instance type that is not ordered',
      {},
      theirs({ instancetype: { name: 'u1.medium' } }),
      /instance type u1.medium, and spec.sizing.instanceType says none/,
    ],
    [
      'a machine of a pool',
      {},
      theirs({}, {}, { ownerReferences: [{ kind: 'VirtualMachinePool', name: 'web', controller: true }] }),
      /belongs to VirtualMachinePool web/,
    ],
  ])('to %s', (_what, spec, machine, why) => {
    const managedVM = order(spec);
    const problem = adoptionProblem(managedVM, observedOf(managedVM, machine));
    if (why === undefined) expect(problem).toBeUndefined();
    else expect(problem).toMatchObject({ reason: 'AdoptionRefused', message: expect.stringMatching(why) });
  });

  test('is remembered once the machine is this order’s, and never follows it after that', () => {
    const managedVM = order();
    expect(adoptedRecord(managedVM, observedOf(managedVM, theirs()), NOW)).toBeUndefined();
    const record = adoptedRecord(managedVM, observedOf(managedVM, theirs(), false), NOW);
    expect(record).toEqual({
      ...{ uid: UID, at: '2026-11-30T12:00:00Z', firmwareUUID: '5d307ca9-b3ef-428c-8861-06e72d69f223' },
      ...{ machineType: 'pc-q35-rhel9.4.0', interfaces: [{ name: 'default', macAddress: '02:00:00:00:00:07' }] },
    });
    const later = order({ adopt: undefined }, { adopted: record });
    expect(adoptedRecord(later, observedOf(later, theirs({}, {}, { uid: 'new' }), false), new Date())).toEqual(record);
  });

  test('the guest counts as enrolled from when it was first reached', () => {
    const condition = { type: 'GuestReachable', status: 'True', lastTransitionTime: '2026-11-30T13:00:00Z' };
    const managedVM = order({}, { adopted: { uid: UID, at: '2026-11-30T12:00:00Z' }, conditions: [condition] });
    expect(adoptedRecord(managedVM, observedOf(managedVM, theirs(), false), NOW)?.enrolledAt).toBe(
      '2026-11-30T13:00:00Z',
    );
  });
});

function read(machine: Any) {
  return readVirtualMachine(machine) ?? { template: {}, preference: undefined };
}
