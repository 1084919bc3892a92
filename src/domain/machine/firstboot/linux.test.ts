import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { keys, managedVMOf, operatingSystemOf } from '../../managedvm/rendering.fixtures.ts';
import { cloudConfig } from './linux.ts';

const LEVELS = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];
const ANNA = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna';
const users = [
  { name: 'anna', sshKeys: [ANNA], administrator: true },
  { name: 'ben', administrator: false },
];

const PATCHED = { patchPolicyRef: { kind: 'ClusterPatchPolicy', name: 'standard' }, services: ['ssh'] };

describe('first boot of a Linux guest', () => {
  test('gets its name, and the host key that we know instead of one of its own', () => {
    expect(configOf({})).toMatchObject({
      hostname: 'shop-db',
      ssh_pwauth: false,
      disable_root: true,
      ssh_deletekeys: true,
      ssh_keys: { ed25519_private: keys.hostPrivateKey, ed25519_public: keys.hostPublicKey },
      package_update: true,
      package_upgrade: false,
    });
  });

  test('MO-8: makes the provider, with root rights and no password, and nobody and nothing that the guest worker makes', () => {
    for (const serviceLevel of LEVELS) {
      expect(configOf({ ...PATCHED, serviceLevel, access: { users } })).toEqual({
        hostname: 'shop-db',
        ssh_pwauth: false,
        disable_root: true,
        ssh_deletekeys: true,
        ssh_keys: { ed25519_private: keys.hostPrivateKey, ed25519_public: keys.hostPublicKey },
        users: [administrator('steward', keys.providerPublicKey)],
        updates: { network: { when: ['boot-new-instance', 'boot'] } },
        package_update: true,
        package_upgrade: false,
        packages: ['qemu-guest-agent'],
        runcmd: [
          ['sh', '-c', 'systemctl enable qemu-guest-agent.service || true'],
          ['systemctl', 'start', 'qemu-guest-agent.service'],
        ],
      });
    }
  });

  test('MO-1: proxy, certificates and mirrors are there before the first package is fetched, once', () => {
    const system = { proxy: { url: 'http://proxy.corp.example:3128' } };
    const { bootcmd, apt } = configOf({ system }, { packageSources: [{ path: '/etc/apt/sources.list', content: '' }] });
    expect(bootcmd).toEqual([
      [
        'cloud-init-per',
        'instance',
        'steward-system',
        'sh',
        '-c',
        expect.stringContaining('/etc/apt/apt.conf.d/90-steward-proxy'),
      ],
    ]);
    expect(apt).toEqual({ preserve_sources_list: true });
  });

  test('MO-8: no account depends on a group of its name, so that one that fails does not take the others with it', () => {
    const networks = [{ name: 'lan', multusNetwork: 'vlan-40' }];
    const made = configOf({ networks, access: { users } }).users as Record<string, unknown>[];
    for (const user of made) expect(user).toMatchObject({ no_user_group: true });
  });

  test('MO-8: where the worker has no way in, makes the customer too: administrators with root rights, a plain user with none', () => {
    const networks = [{ name: 'lan', multusNetwork: 'vlan-40' }];
    expect(configOf({ networks, access: { users } }).users).toEqual([
      administrator('steward', keys.providerPublicKey),
      administrator('anna', ANNA),
      { name: 'ben', no_user_group: true, shell: '/bin/bash', lock_passwd: true },
    ]);
  });
});

function configOf(spec: Record<string, unknown>, system: Record<string, unknown> = {}): Record<string, unknown> {
  const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', ...spec });
  return parse(cloudConfig({ managedVM, operatingSystem: operatingSystemOf(system), keys }), { version: '1.1' });
}

function administrator(name: string, key: string): Record<string, unknown> {
  return {
    ...{ name, no_user_group: true, shell: '/bin/bash', lock_passwd: true },
    ...{ sudo: 'ALL=(ALL) NOPASSWD:ALL', ssh_authorized_keys: [key] },
  };
}
