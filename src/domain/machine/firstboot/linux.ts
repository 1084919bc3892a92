import { stringify } from 'yaml';
import type { ManagedVM } from '../../../api/managedvm.ts';
import { type RenderInput, virtualMachineName } from '../../contract/child.ts';
import { macAddress } from '../identity.ts';
import { type FirstBootKeys, providerKeys } from './keys.ts';
import { firstBootUsers, type GuestUser, PROVIDER_USER } from './users.ts';

/** cloud-init reads YAML 1.1, where a bare `yes`, `on` or `12:30` is not a string. */
const YAML = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

/**
 * cloud-init user data: as little as the guest worker needs to come in and make all else (docs/guest.md), so that one code path makes a guest
 * what it shall be, at its first boot and ever after: the provider's account, the host key we know, and the guest agent.
 * Data disks are left as they are: what is on them, and where they are mounted, is the customer's.
 */
export function cloudConfig({ managedVM, keys }: RenderInput & { readonly keys: FirstBootKeys }): string {
  const own = {
    hostname: virtualMachineName(managedVM),
    ssh_pwauth: false,
    disable_root: true,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: keys.hostPrivateKey, ed25519_public: keys.hostPublicKey },
    users: [provider(keys), ...firstBootUsers(managedVM, 'Linux').map(account)],
  };
  return ['#cloud-config', ...Object.entries(own).map(inOneLine), AGENT].join('\n');
}

/** A line of YAML whose value is JSON, which YAML holds within itself: what each VM has of its own is written far more often than read. */
function inOneLine([name, value]: [string, unknown]): string {
  return `${name}: ${JSON.stringify(value)}`;
}

/** The same for all: by the agent it is known that the guest is up, and where; KubeVirt shuts it down by it. */
const AGENT = stringify(
  {
    package_update: true,
    package_upgrade: false,
    packages: ['qemu-guest-agent'],
    runcmd: [
      ['sh', '-c', 'systemctl enable qemu-guest-agent.service || true'],
      ['systemctl', 'start', 'qemu-guest-agent.service'],
    ],
  },
  YAML,
);

/**
 * cloud-init network configuration (version 2), only where there are several interfaces: by itself cloud-init brings up
 * no more than the first one. The first one's default route is the one that is used, whatever the other networks' DHCP servers offer:
 * a metric is what every renderer of cloud-init knows (network_state.py, and its own sources for EC2 and Azure).
 */
export function networkData(managedVM: ManagedVM): string | undefined {
  const { networks } = managedVM.spec;
  if (networks.length < 2) return undefined;
  const uid = managedVM.metadata.uid ?? '';
  const ethernets = networks.map(({ name }, index) => [
    name,
    {
      match: { macaddress: macAddress(uid, name) },
      dhcp4: true,
      'dhcp4-overrides': { 'route-metric': 100 * (index + 1) },
      ...(index > 0 && { optional: true }),
    },
  ]);
  return stringify({ version: 2, ethernets: Object.fromEntries(ethernets) }, YAML);
}

function provider(keys: FirstBootKeys): Record<string, unknown> {
  return account({ name: PROVIDER_USER, sshKeys: providerKeys(keys), administrator: true });
}

/**
 * Without a group of the same name: where one exists already, useradd would fail, and cloud-init would make none of the accounts that
 * follow. Joining such a group instead could give an account rights that nobody ordered.
 */
function account({ name, sshKeys, administrator }: GuestUser): Record<string, unknown> {
  return {
    name,
    no_user_group: true,
    shell: '/bin/bash',
    lock_passwd: true,
    ...(administrator && { sudo: 'ALL=(ALL) NOPASSWD:ALL' }),
    ...(sshKeys.length > 0 && { ssh_authorized_keys: [...sshKeys] }),
  };
}
