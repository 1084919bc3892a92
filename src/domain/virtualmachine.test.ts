import { describe, expect, test } from 'vitest';
import type { LiveObject } from './child.ts';
import { firmwareUUID, macAddress } from './identity.ts';
import { managedVMOf, operatingSystemOf, windows } from './rendering.fixtures.ts';
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
                  { name: 'root', disk: { bus: 'virtio' }, bootOrder: 1 },
                  { name: 'data', disk: { bus: 'virtio' } },
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
        { name: 'root', disk: {}, bootOrder: 1 },
        { name: 'first-boot', cdrom: { bus: 'sata' } },
      ],
    });
    expect(templateOf(spec)).toMatchObject({
      volumes: [{ name: 'root' }, { name: 'first-boot', sysprep: { secret: { name: 'shop-db-first-boot' } } }],
    });
    expect(templateOf(spec)).not.toHaveProperty('terminationGracePeriodSeconds');
    expect(domain.firmware).not.toHaveProperty('bootloader');
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
