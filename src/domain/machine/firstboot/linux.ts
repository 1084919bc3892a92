import { stringify } from 'yaml';
import type { ManagedVM } from '../../../api/managedvm.ts';
import type { LinuxPackageManager, OperatingSystemSpec } from '../../../api/operatingsystem.ts';
import { type RenderInput, virtualMachineName } from '../../contract/child.ts';
import { entitlements } from '../../contract/service-levels.ts';
import { macAddress } from '../identity.ts';
import { DEFAULT_DOWNLOADS, type GuestDownloads } from './exporters.ts';
import type { FirstBootKeys } from './keys.ts';
import { type GuestFile, installNodeExporter } from './nodeexporter.ts';
import { disableUpdater, servicePatches } from './updater.ts';
import { customerUsers, type GuestUser, PROVIDER_USER } from './users.ts';

/** cloud-init reads YAML 1.1, where a bare `yes`, `on` or `12:30` is not a string. */
const YAML = { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false } as const;

type Input = RenderInput & {
  readonly keys: FirstBootKeys;
  readonly downloads?: GuestDownloads;
  readonly patchingServed?: boolean;
};

/**
 * cloud-init user data: who may log in, the host key we know, the guest agent, and what the level adds.
 * Data disks are left as they are: what is on them, and where they are mounted, is the customer's.
 */
export function cloudConfig(input: Input): string {
  const { managedVM, keys } = input;
  const own = {
    hostname: virtualMachineName(managedVM),
    ssh_pwauth: false,
    disable_root: true,
    ssh_deletekeys: true,
    ssh_keys: { ed25519_private: keys.hostPrivateKey, ed25519_public: keys.hostPublicKey },
    users: [provider(keys), ...customerUsers(managedVM).map(account)],
  };
  return ['#cloud-config', ...Object.entries(own).map(inOneLine), software(input)].join('\n');
}

/** A line of YAML whose value is JSON, which YAML holds within itself: what each VM has of its own is written far more often than read. */
function inOneLine([name, value]: [string, unknown]): string {
  return `${name}: ${JSON.stringify(value)}`;
}

/** What all VMs of a level and a family of distributions share, by what it was made from: well laid out YAML is dear to write. */
const written = new Map<string, string>();

/** The rest of the user data: what is installed and started. */
function software(input: Input): string {
  const { files, commands } = levelSoftware(input);
  const made = JSON.stringify([files, commands]);
  const known = written.get(made);
  if (known !== undefined) return known;
  const common = {
    package_update: true,
    package_upgrade: false,
    packages: ['qemu-guest-agent'],
    ...(files.length > 0 && { write_files: files }),
    runcmd: [
      ['sh', '-c', 'systemctl enable qemu-guest-agent.service || true'],
      ['systemctl', 'start', 'qemu-guest-agent.service'],
      ...commands,
    ],
  };
  const text = stringify(common, YAML);
  written.set(made, text);
  return text;
}

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

function levelSoftware(input: Input): { files: readonly GuestFile[]; commands: readonly string[][] } {
  const { monitoring } = entitlements(input.managedVM.spec.serviceLevel);
  const packageManager = linuxPackageManager(input.operatingSystem.spec);
  const { nodeExporter } = input.downloads ?? DEFAULT_DOWNLOADS;
  const parts = [
    ...(servicePatches(input.managedVM, input.patchingServed ?? false) ? [disableUpdater(packageManager)] : []),
    ...(monitoring ? [installNodeExporter(packageManager, nodeExporter)] : []),
  ];
  return { files: parts.flatMap(part => part.files), commands: parts.flatMap(part => part.commands) };
}

function linuxPackageManager({ packageManager }: OperatingSystemSpec): LinuxPackageManager {
  return packageManager === 'WindowsUpdate' ? 'apt' : packageManager;
}

function provider(keys: FirstBootKeys): Record<string, unknown> {
  return account({ name: PROVIDER_USER, sshKeys: [keys.providerPublicKey], administrator: true });
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
