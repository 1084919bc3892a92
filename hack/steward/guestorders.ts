/** What is ordered on the real node: two systems of the catalogue with disks of the test bed's own, and small VMs. */
import { generateKeyPair } from '../../src/controllers/managedvm/keys.ts';
import { privateKeyPEM, publicKeyLine } from '../../src/domain/machine/sshkeys.ts';
import type { KubeObject } from '../testbed/client/client.ts';

type Fields = Readonly<Record<string, unknown>>;
export type Order = KubeObject & { readonly spec: Fields };

const apiVersion = 'managed.systems/v1alpha1';

/** The customer's account in every guest. */
export const CUSTOMER = 'anna';

/** `docker://…` address under which the test bed's storage knows the disk of a Debian suite. */
const diskAddress = (version: string) => `docker://steward.testbed/debian:${version}`;

/** Debian as the catalogue of `config/samples` has it, but for the image and a size that suits emulation. */
export function debian(version: '12' | '13', lifeCycle: Fields): Order {
  return {
    apiVersion,
    kind: 'OperatingSystem',
    metadata: { name: `debian-${version}` },
    spec: {
      family: 'Linux',
      distribution: 'Debian',
      version,
      packageManager: 'apt',
      image: { registry: { url: diskAddress(version) } },
      // Not `debian`, which asks for UEFI and 512 MiB: the disks here start by BIOS, and some guests are smaller.
      preference: 'linux',
      defaults: { cpu: 1, memory: '512Mi', rootDisk: '3Gi' },
      lifeCycle,
      serviceLevels: ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'],
    },
  };
}

export const catalogue: readonly Order[] = [
  debian('13', { endOfSupport: '2028-08-09' }),
  // Past its team's own support; this provider relies on the LTS team's (docs/adr/0023).
  debian('12', { endOfSupport: '2028-06-30' }),
];

/** A VM of the customer's, whose key gets them in. */
export function guest(namespace: string, name: string, customerKey: string, spec: Fields): Order {
  const users = [{ name: CUSTOMER, sshKeys: [customerKey], administrator: true }];
  return {
    apiVersion,
    kind: 'ManagedVM',
    metadata: { name, namespace },
    spec: { operatingSystem: 'debian-13', access: { users }, ...spec },
  };
}

export type SSHKeyPair = { readonly privateKey: string; readonly publicKey: string };

/** A new ed25519 key pair in OpenSSH's formats. */
export function newKeyPair(comment: string): SSHKeyPair {
  const pair = generateKeyPair();
  return { privateKey: privateKeyPEM(pair, comment), publicKey: publicKeyLine(pair.publicKey, comment) };
}
