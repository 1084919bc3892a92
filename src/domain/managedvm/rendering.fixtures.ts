import fc from 'fast-check';
import { ServiceLevel } from '../../api/common.ts';
import { type ManagedVM, ManagedVMSpec } from '../../api/managedvm.ts';
import { type OperatingSystem, OperatingSystemSpec } from '../../api/operatingsystem.ts';
import { isReservedUser } from '../../api/username.ts';
import { levelSuitsFamily } from '../contract/service-levels.ts';
import type { FirstBootKeys } from '../machine/firstboot/keys.ts';
import { privateKeyPEM, publicKeyLine } from '../machine/sshkeys.ts';

/** A ManagedVM as the API server returns it: defaults filled in. Throws where the spec is not valid. */
export function managedVMOf(spec: unknown, metadata: Partial<ManagedVM['metadata']> = {}): ManagedVM {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedVM',
    metadata: { name: 'shop-db', namespace: 'acme', uid: '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11', ...metadata },
    spec: ManagedVMSpec.parse(spec),
  };
}

export function operatingSystemOf(spec: Record<string, unknown> = {}): OperatingSystem {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'OperatingSystem',
    metadata: { name: 'debian-13' },
    spec: OperatingSystemSpec.parse({ ...debian, ...spec }),
  };
}

const debian = {
  family: 'Linux',
  distribution: 'Debian',
  version: '13',
  packageManager: 'apt',
  image: { dataSource: { namespace: 'golden', name: 'debian-13' } },
  preference: 'debian',
  lifeCycle: { endOfSupport: '2028-08-09' },
  serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
};

export const windows = {
  family: 'Windows',
  distribution: 'Windows Server',
  version: '2025',
  packageManager: 'WindowsUpdate',
  image: { dataSource: { namespace: 'golden', name: 'windows-2025' } },
  preference: 'windows.2k25.virtio',
  defaults: { cpu: 2, memory: '4Gi', rootDisk: '60Gi' },
  serviceLevels: ['Admin', 'AdvancedMonitoringAndPatching'],
};

export const keys: FirstBootKeys = {
  providerPublicKey: publicKeyLine(new Uint8Array(32).fill(1), 'steward'),
  hostPrivateKey: privateKeyPEM({ seed: new Uint8Array(32).fill(2), publicKey: new Uint8Array(32).fill(3) }, 'host'),
  hostPublicKey: publicKeyLine(new Uint8Array(32).fill(3), 'host'),
};

const virtualMachineName = fc.stringMatching(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/);
const label = (max: number): fc.Arbitrary<string> =>
  fc.stringMatching(new RegExp(`^[a-z0-9]([-a-z0-9]{0,${max - 2}}[a-z0-9])?$`));
const objectName = fc
  .array(label(62), { minLength: 1, maxLength: 4 })
  .map(labels => labels.join('.'))
  .filter(name => name.length <= 253);
const size = fc
  .tuple(fc.integer({ min: 200, max: 9_999 }), fc.constantFrom('Mi', 'Gi', 'M', 'G'))
  .map(([number, unit]) => `${number}${unit}`);
const sshKey = fc
  .tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.stringMatching(/^[ -~]{0,40}$/))
  .map(([key, comment]) => `${publicKeyLine(key)} ${comment}`);
const user = fc.record(
  {
    name: fc.oneof(
      fc.stringMatching(/^[a-z_][a-z0-9_-]{0,31}$/).filter(name => !isReservedUser(name)),
      fc.constantFrom('yes', 'no', 'null', 'on', 'nan'),
    ),
    sshKeys: fc.uniqueArray(sshKey, { maxLength: 3 }),
    administrator: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);
const disk = (name: fc.Arbitrary<string>): fc.Arbitrary<unknown> =>
  fc.record(
    { name, size, storageClass: objectName, reclaimPolicy: fc.constantFrom('Retain', 'Delete') },
    { requiredKeys: ['name', 'size'] },
  );
const address = fc.ipV4().map(ip => `${ip}/24`);
const network = fc.record(
  {
    ...{
      name: label(20),
      multusNetwork: label(20),
      addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 3 }),
    },
    dns: fc.record({ servers: fc.uniqueArray(fc.ipV4(), { minLength: 1, maxLength: 3 }) }),
    mtu: fc.integer({ min: 1280, max: 9216 }),
  },
  { requiredKeys: ['name', 'multusNetwork'] },
);
const sizing = fc.oneof(
  fc.record({ instanceType: fc.constantFrom('u1.medium', 'o1.large') }),
  fc.record({ cpu: fc.integer({ min: 1, max: 256 }), memory: size }, { requiredKeys: [] }),
);
const byName = { selector: (entry: unknown) => (entry as { name: string }).name };

/** Any ManagedVM and OperatingSystem that the API accepts together. */
export const anyInput: fc.Arbitrary<{ managedVM: ManagedVM; operatingSystem: OperatingSystem }> = fc
  .record({
    serviceLevel: fc.constantFrom(...ServiceLevel.options),
    powerState: fc.constantFrom('Running', 'Stopped'),
    names: fc.oneof(virtualMachineName, fc.tuple(virtualMachineName, virtualMachineName)),
    namespace: label(63),
    uid: fc.uuid(),
    sizing: fc.option(sizing, { nil: undefined }),
    disks: fc.uniqueArray(disk(label(20).filter(name => name !== 'root' && name !== 'first-boot')), {
      maxLength: 4,
      ...byName,
    }),
    networks: fc.uniqueArray(network, { maxLength: 3, ...byName }),
    users: fc.uniqueArray(user, { maxLength: 4, ...byName }),
    os: fc.constantFrom<Record<string, unknown>>(
      {},
      { packageManager: 'dnf', distribution: 'Rocky Linux', version: '9', preference: undefined },
      { packageManager: 'zypper', distribution: 'SUSE', version: '16' },
      windows,
      { ...windows, preference: undefined },
    ),
    image: fc.constantFrom(
      { dataSource: { namespace: 'golden', name: 'image' } },
      { registry: { url: 'docker://registry.example/image:1' } },
      { http: { url: 'https://images.example/image.qcow2' } },
      { containerDisk: { image: 'registry.example/disk:1' } },
    ),
  })
  .map(({ names, namespace, uid, os, image, disks, networks, users, sizing: chosen, ...spec }) => {
    const [name, machine] = typeof names === 'string' ? [names] : names;
    const pod = networks.some(entry => entry.name === 'default') ? [] : [{ name: 'default' }];
    return {
      managedVM: managedVMOf(
        {
          ...spec,
          operatingSystem: 'any',
          ...(machine && { virtualMachineName: machine }),
          ...(chosen && { sizing: chosen }),
          disks: [{ name: 'root' }, ...disks],
          networks: [...pod, ...networks],
          access: { users },
        },
        { name, namespace, uid },
      ),
      operatingSystem: operatingSystemOf({ ...os, image }),
    };
  })
  .filter(({ managedVM, operatingSystem }) =>
    levelSuitsFamily(managedVM.spec.serviceLevel, operatingSystem.spec.family),
  );
