import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../contract/child.ts';
import { managedVMOf, operatingSystemOf, windows } from '../managedvm/rendering.fixtures.ts';
import type { DiskHold } from './diskhold.ts';
import { firmwareUUID, macAddress } from './identity.ts';
import { renderVirtualMachine } from './virtualmachine.ts';

const UID = '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11';

describe('the VirtualMachine of a ManagedVM', () => {
  test('MO-1: a Linux order becomes exactly this', () => {
    const child = renderVirtualMachine({
      managedVM: managedVMOf({
        serviceLevel: 'AdvancedMonitoringAndPatching',
        operatingSystem: 'debian-13',
        sizing: { cpu: 2, memory: '4096Mi' },
        disks: [{ name: 'root' }, { name: 'data', size: '100Gi' }],
      }),
      operatingSystem: operatingSystemOf(),
    });
    const labels = {
      'managed.systems/managed-vm': 'shop-db',
      'managed.systems/service-level': 'AdvancedMonitoringAndPatching',
      'managed.systems/os-family': 'Linux',
    };
    expect(child).toEqual({
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachine',
      metadata: { name: 'shop-db', namespace: 'acme', labels },
      spec: {
        runStrategy: 'Always',
        preference: { kind: 'VirtualMachineClusterPreference', name: 'debian' },
        template: {
          metadata: { labels },
          spec: {
            architecture: 'amd64',
            domain: {
              cpu: { cores: 1, sockets: 2, threads: 1 },
              memory: { guest: '4Gi' },
              firmware: { uuid: firmwareUUID(UID), serial: UID },
              machine: { type: 'q35' },
              devices: {
                disks: [
                  { name: 'root', disk: { bus: 'virtio' }, serial: 'root', bootOrder: 1 },
                  { name: 'data', disk: { bus: 'virtio' }, serial: 'data' },
                  { name: 'first-boot', disk: { bus: 'virtio' } },
                ],
                interfaces: [{ name: 'default', masquerade: {}, macAddress: macAddress(UID, 'default') }],
                rng: {},
              },
            },
            networks: [{ name: 'default', pod: {} }],
            volumes: [
              { name: 'root', dataVolume: { name: 'shop-db-root' } },
              { name: 'data', dataVolume: { name: 'shop-db-data' } },
              { name: 'first-boot', cloudInitNoCloud: { secretRef: { name: 'shop-db-first-boot' } } },
            ],
            evictionStrategy: 'LiveMigrateIfPossible',
            terminationGracePeriodSeconds: 180,
          },
        },
      },
    });
  });

  test('MO-5: a guest that was started with a readiness probe keeps it until it ends, because KubeVirt would want a restart without', () => {
    const input = {
      managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13' }),
      operatingSystem: operatingSystemOf(),
    };
    const probeFor = (runningSpec?: Record<string, unknown>) =>
      (renderVirtualMachine({ ...input, runningSpec }).spec as { template: { spec: Record<string, unknown> } }).template
        .spec.readinessProbe;
    const former = {
      guestAgentPing: {},
      initialDelaySeconds: 10,
      periodSeconds: 10,
      timeoutSeconds: 5,
      successThreshold: 1,
      failureThreshold: 6,
    };
    expect(probeFor({ readinessProbe: former })).toEqual(former);
    expect(probeFor({})).toBeUndefined();
    expect(probeFor()).toBeUndefined();
    expect(probeFor({ readinessProbe: { httpGet: { port: 80 } } })).toBeUndefined();
  });

  test('MO-1: a disk of a guest that was started without serials gets its own when the guest starts again', () => {
    const input = {
      managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13' }),
      operatingSystem: operatingSystemOf(),
    };
    const rootFor = (disk?: Record<string, unknown>) => {
      const runningSpec = disk && { domain: { devices: { disks: [{ name: 'root', ...disk }] } } };
      const { spec } = renderVirtualMachine({ ...input, runningSpec });
      return (spec as { template: { spec: { domain: { devices: { disks: object[] } } } } }).template.spec.domain.devices
        .disks[0];
    };
    expect(rootFor()).toMatchObject({ name: 'root', serial: 'root' });
    expect(rootFor({ serial: 'root' })).toMatchObject({ serial: 'root' });
    expect(rootFor({ disk: {} })).not.toHaveProperty('serial');
  });

  test('Stopped is Halted, and the deprecated `running` is never set', () => {
    const { spec } = render({ powerState: 'Stopped' });
    expect(spec).toMatchObject({ runStrategy: 'Halted' });
    expect(spec).not.toHaveProperty('running');
  });

  test('an instance type stands alone: the webhook refuses CPU and memory beside it', () => {
    const { spec } = render({ sizing: { instanceType: 'u1.medium' } });
    expect(spec).toMatchObject({ instancetype: { kind: 'VirtualMachineClusterInstancetype', name: 'u1.medium' } });
    expect(domainOf(spec)).not.toHaveProperty('cpu');
    expect(domainOf(spec)).not.toHaveProperty('memory');
  });

  test('what the order does not size comes from the OperatingSystem', () => {
    const { spec } = render({ sizing: { cpu: 8 } });
    expect(domainOf(spec)).toMatchObject({ cpu: { sockets: 8 }, memory: { guest: '2Gi' } });
  });

  test('MO-1: Windows gets its CPUs as cores of one socket, because editions and SQL Server are licensed by socket', () => {
    expect(domainOf(render({ sizing: { cpu: 8 } }, windows).spec)).toMatchObject({
      cpu: { cores: 8, sockets: 1, threads: 1 },
    });
  });

  test('MO-1: a Windows guest that runs with as many sockets keeps them until it ends, and nothing asks for a restart', () => {
    const input = {
      managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', sizing: { cpu: 4 } }),
      operatingSystem: operatingSystemOf(windows),
    };
    const cpuBeside = (cpu: Record<string, number>) =>
      domainOf(renderVirtualMachine({ ...input, runningSpec: { domain: { cpu } } }).spec).cpu;
    expect(cpuBeside({ cores: 1, sockets: 4, threads: 1 })).toEqual({ cores: 1, sockets: 4, threads: 1 });
    expect(cpuBeside({ cores: 4, sockets: 1, threads: 1 })).toEqual({ cores: 4, sockets: 1, threads: 1 });
    expect(cpuBeside({ cores: 1, sockets: 2, threads: 1 })).toEqual({ cores: 4, sockets: 1, threads: 1 });
  });

  test('Windows boots with a sysprep drive, and its preference decides bus, firmware and grace period', () => {
    const { spec } = render({}, windows);
    const domain = domainOf(spec);
    expect(domain.devices).toMatchObject({
      disks: [
        { name: 'root', disk: {}, serial: 'root', bootOrder: 1 },
        { name: 'first-boot', cdrom: { bus: 'sata' } },
      ],
    });
    expect(templateOf(spec)).toMatchObject({
      volumes: [{ name: 'root' }, { name: 'first-boot', sysprep: { secret: { name: 'shop-db-first-boot' } } }],
    });
    expect(templateOf(spec)).not.toHaveProperty('terminationGracePeriodSeconds');
    expect(domain.firmware).not.toHaveProperty('bootloader');
  });

  test('AP-13: a disk that is read only is so in the guest, and never on SATA, where QEMU has none', () => {
    const rescued = { name: 'rescued', size: '1Gi', readOnly: true, adopt: { claim: 'shop-db-data-r1234abcd' } };
    const disks = [{ name: 'root' }, rescued];
    for (const system of [{}, { ...windows, preference: undefined }]) {
      const { spec } = render({ disks }, system);
      expect(domainOf(spec).devices).toMatchObject({ disks: [{ name: 'root' }, { name: 'rescued' }, {}] });
      const [root, { disk }] = (domainOf(spec).devices as { disks: { disk: object }[] }).disks as [
        { disk: object },
        { disk: object },
      ];
      expect([root.disk, disk]).toEqual([
        expect.not.objectContaining({ readonly: true }),
        { bus: 'virtio', readonly: true },
      ]);
    }
  });

  test('Windows without a preference gets the bus it has drivers for and an hour to shut down', () => {
    const { spec } = render({}, { ...windows, preference: undefined });
    expect(templateOf(spec)).toMatchObject({ terminationGracePeriodSeconds: 3600 });
    expect(domainOf(spec).devices).toMatchObject({ disks: [{ disk: { bus: 'sata' } }, {}] });
  });

  test('a second network is bridged by Multus and configured in the guest', () => {
    const { spec } = render({ networks: [{ name: 'default' }, { name: 'storage', multusNetwork: 'vlan-40' }] });
    expect(templateOf(spec)).toMatchObject({
      networks: [
        { name: 'default', pod: {} },
        { name: 'storage', multus: { networkName: 'vlan-40' } },
      ],
      domain: { devices: { interfaces: [{ masquerade: {} }, { bridge: {}, macAddress: macAddress(UID, 'storage') }] } },
      volumes: [{}, { cloudInitNoCloud: { networkDataSecretRef: { name: 'shop-db-first-boot' } } }],
    });
  });

  test('MO-1: a template tells how networks are set where a restart sets them so, and nowhere else', () => {
    const order = {
      serviceLevel: 'Admin',
      operatingSystem: 'debian-13',
      networks: [{ name: 'default', mtu: 1400 }],
    };
    const annotationsOf = (system: object, firstBoot?: object) => {
      const managedVM = { ...managedVMOf(order), ...(firstBoot && { status: { firstBoot } as object }) };
      const { spec } = renderVirtualMachine({ managedVM, operatingSystem: operatingSystemOf({ ...system }) });
      return (spec as { template: { metadata: { annotations?: unknown } } }).template.metadata.annotations;
    };
    const told = { 'managed.systems/networks': '[["default",{"mtu":1400}]]' };
    const booted = { at: '2026-11-23T11:21:00Z', users: [], networks: ['default'], exporter: false, ownUpdater: true };
    expect(annotationsOf({})).toEqual(told);
    expect(annotationsOf({}, { ...booted, networksAtEachStart: true })).toEqual(told);
    expect(annotationsOf({}, booted)).toBeUndefined();
    expect(annotationsOf(windows)).toBeUndefined();
  });

  describe('a container disk in the catalogue', () => {
    const image = { containerDisk: { image: 'registry.example/debian:13' } };

    test('is the ephemeral root disk', () => {
      const { spec } = render({}, { image });
      expect(templateOf(spec)).toMatchObject({ volumes: [{ name: 'root', containerDisk: image.containerDisk }, {}] });
    });

    test('never takes the place of a root disk that exists', () => {
      const root: LiveObject = { apiVersion: 'v1beta1', kind: 'DataVolume', metadata: { name: 'shop-db-root' } };
      const { spec } = render({}, { image }, { root });
      expect(templateOf(spec)).toMatchObject({ volumes: [{ name: 'root', dataVolume: { name: 'shop-db-root' } }, {}] });
    });
  });
});

describe('the disks of the machine as state (design 4)', () => {
  const machine = (...volumes: object[]) => ({
    spec: {
      template: {
        spec: {
          volumes,
          domain: { devices: { disks: [{ name: 'extra', disk: { bus: 'scsi' }, serial: 'extra' }, { name: 'old' }] } },
        },
      },
    },
  });
  const live = (kind: string, metadata: Partial<LiveObject['metadata']>): LiveObject => ({
    ...{ apiVersion: 'v1', kind, metadata: { name: 'shop-db-root', ...metadata } },
  });
  const claim = live('PersistentVolumeClaim', { uid: 'c' });
  const dataVolume = live('DataVolume', { uid: 'd' });
  const rendered = (hold: DiskHold, virtualMachine?: unknown, rest: object = {}) =>
    renderVirtualMachine({
      managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13' }),
      operatingSystem: operatingSystemOf(),
      liveDataVolumes: new Map(),
      livePVCs: new Map([['root', claim]]),
      holds: new Map([['root', hold]]),
      virtualMachine,
      ...rest,
    }).spec;
  const ours: DiskHold = { standing: 'ours', claim: 'shop-db-root', taken: false };
  const byDataVolume = { name: 'root', dataVolume: { name: 'shop-db-root' } };
  const byClaim = { name: 'root', persistentVolumeClaim: { claimName: 'shop-db-root' } };
  const memory = { name: 'root', claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-01T00:00:00Z' };
  const foreign: DiskHold = { standing: 'foreign', claim: 'restore-1-root', uid: 'r', memory };

  test.each<[string, DiskHold, unknown, object, object]>([
    ['a claim without a DataVolume is named itself', { ...ours, taken: true }, undefined, {}, byClaim],
    ['the form that the machine has stays: both are the same disk', ours, machine(byDataVolume), {}, byDataVolume],
    ['so does that which KubeVirt restored', ours, machine(byClaim), {}, byClaim],
    [
      'a DataVolume beside a claim that is not its own never succeeds, so the claim is named',
      ...([
        { ...ours, taken: true },
        machine(byDataVolume),
        { liveDataVolumes: new Map([['root', dataVolume]]) },
      ] as const),
      byClaim,
    ],
    [
      'a DataVolume that has succeeded is no obstacle: CDI frees its claim before it collects it',
      ours,
      machine(byDataVolume),
      { liveDataVolumes: new Map([['root', { ...dataVolume, status: { phase: 'Succeeded' } }]]) },
      byDataVolume,
    ],
    [
      'KubeVirt put a restored claim there: it is neither taken nor put back before somebody consents',
      ...([foreign, machine({ name: 'root', persistentVolumeClaim: { claimName: 'restore-1-root' } }), {}] as const),
      { name: 'root', persistentVolumeClaim: { claimName: 'restore-1-root' } },
    ],
  ])('%s', (_, hold, virtualMachine, rest, volume) => {
    expect(templateOf(rendered(hold, virtualMachine, rest))).toMatchObject({ volumes: [volume, {}] });
  });

  test.each<[string, DiskHold, boolean, string]>([
    ['is started on its own disks', ours, false, 'Always'],
    ['is not started on a disk that is lost', { standing: 'lost', claim: 'shop-db-root', memory }, false, 'Halted'],
    ['is not started on a disk that nobody consented to', foreign, false, 'Halted'],
    ['that runs is not stopped for it: it may have the last copy', foreign, true, 'Always'],
  ])('AP-13: a guest %s', (_, hold, guestRuns, runStrategy) => {
    expect(rendered(hold, machine(byDataVolume), guestRuns ? { runningSpec: {} } : {})).toMatchObject({ runStrategy });
  });

  test('GE-8: a guest whose disks are turned back is off meanwhile, also while it runs on them', () => {
    const hold: DiskHold = { standing: 'ours', claim: 'shop-db-root', taken: false };
    const spec = rendered(hold, machine(byDataVolume), { runningSpec: {}, isOff: true });
    expect(spec).toMatchObject({ runStrategy: 'Halted' });
  });

  test('what virtctl addvolume plugged in stays, with its disk; what is no longer ordered goes', () => {
    const extra = { name: 'extra', dataVolume: { name: 'extra', hotpluggable: true } };
    const spec = rendered(ours, machine(byDataVolume, extra, { name: 'old', dataVolume: { name: 'shop-db-old' } }));
    expect(templateOf(spec)).toMatchObject({ volumes: [byDataVolume, { name: 'first-boot' }, extra] });
    expect(domainOf(spec).devices).toMatchObject({
      disks: [{ name: 'root' }, { name: 'first-boot' }, { name: 'extra', serial: 'extra' }],
    });
  });
});

function render(
  spec: Record<string, unknown>,
  system: Record<string, unknown> = {},
  liveDataVolumes: Record<string, LiveObject> = {},
) {
  return renderVirtualMachine({
    managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', ...spec }),
    operatingSystem: operatingSystemOf(system),
    liveDataVolumes: new Map(Object.entries(liveDataVolumes)),
  });
}

type Template = { domain: Record<string, unknown> };

function templateOf(spec: unknown): Template {
  return (spec as { template: { spec: Template } }).template.spec;
}

function domainOf(spec: unknown): Record<string, unknown> {
  return templateOf(spec).domain;
}
