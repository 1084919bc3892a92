import { stringify } from 'yaml';
import { type RenderInput, virtualMachineName } from '../../contract/child.ts';
import { type FirstBootKeys, providerKeys } from './keys.ts';
import { systemParts, systemScript } from './systemfiles.ts';
import { firstBootUsers, type GuestUser, PROVIDER_USER } from './users.ts';
import { YAML } from './yaml.ts';

/**
 * cloud-init user data: as little as the guest worker needs to come in and make all else (docs/guest.md), so that one code path makes a guest
 * what it shall be, at its first boot and ever after: the provider's account, the host key we know, and the guest agent.
 * Data disks are left as they are: what is on them, and where they are mounted, is the customer's. `updates`: networks are set as ordered at each
 * start, not at the first alone.
 */
export function cloudConfig({
  managedVM,
  operatingSystem,
  keys,
}: RenderInput & { readonly keys: FirstBootKeys }): string {
  const own = {
    hostname: virtualMachineName(managedVM),
    ssh_pwauth: false,
    disable_root: true,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: keys.hostPrivateKey, ed25519_public: keys.hostPublicKey },
    users: [provider(keys), ...firstBootUsers(managedVM, 'Linux').map(account)],
    updates: { network: { when: ['boot-new-instance', 'boot'] } },
  };
  const system = systemOf({ managedVM, operatingSystem });
  return ['#cloud-config', ...Object.entries({ ...own, ...system }).map(inOneLine), AGENT].join('\n');
}

/** Proxy, certificates and mirrors are there before the first package is fetched by them; once, for the guest worker keeps them from then on. */
function systemOf({ managedVM, operatingSystem }: RenderInput): Record<string, unknown> {
  const { packageManager, packageSources } = operatingSystem.spec;
  if (packageManager === 'WindowsUpdate') return {};
  const script = systemScript(systemParts(managedVM.spec.system ?? {}, packageSources, packageManager));
  return {
    ...(script !== undefined && { bootcmd: [['cloud-init-per', 'instance', 'steward-system', 'sh', '-c', script]] }),
    ...(packageSources && packageManager === 'apt' && { apt: { preserve_sources_list: true } }),
  };
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
