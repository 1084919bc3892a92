import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { keys, managedVMOf, operatingSystemOf } from '../../managedvm/rendering.fixtures.ts';
import { macAddress } from '../identity.ts';
import { cloudConfig, networkData } from './linux.ts';

/** SHA-256 of `forged` and a line feed. */
const FORGED_SHA256 = '0ab55839dc48167751feca67b9256a6a088bc4d6787e91697c4f6aaae5753d7b';

type Config = {
  users: Record<string, unknown>[];
  packages: string[];
  write_files?: { path: string; content: string; permissions: string }[];
  runcmd: string[][];
  [key: string]: unknown;
};

const ANNA = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea anna';
const users = [
  { name: 'anna', sshKeys: [ANNA], administrator: true },
  { name: 'ben', administrator: false },
];

const PATCHED = { serviceLevel: 'MonitoringAndPatching', patchPolicyRef: { name: 'tuesday' } };

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

  test('MO-8: provider and customer administrators both have root rights, a plain user has none, nobody a password', () => {
    expect(configOf({ access: { users } }).users).toEqual([
      {
        name: 'steward',
        no_user_group: true,
        shell: '/bin/bash',
        lock_passwd: true,
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ssh_authorized_keys: [keys.providerPublicKey],
      },
      {
        name: 'anna',
        no_user_group: true,
        shell: '/bin/bash',
        lock_passwd: true,
        sudo: 'ALL=(ALL) NOPASSWD:ALL',
        ssh_authorized_keys: [ANNA],
      },
      { name: 'ben', no_user_group: true, shell: '/bin/bash', lock_passwd: true },
    ]);
  });

  test('MO-8: no account depends on a group of its name, so that one that fails does not take the others with it', () => {
    for (const user of configOf({ access: { users } }).users) expect(user).toMatchObject({ no_user_group: true });
  });

  test.each(['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'])(
    'the guest agent runs at %s',
    level => {
      const config = configOf({ serviceLevel: level });
      expect(config.packages).toEqual(['qemu-guest-agent']);
      expect(config.runcmd).toContainEqual(['systemctl', 'start', 'qemu-guest-agent.service']);
    },
  );

  test.each([
    ['apt', 'apt-get install -y --no-install-recommends prometheus-node-exporter'],
    ['dnf', 'dnf install -y node-exporter'],
    ['zypper', 'zypper --non-interactive install --no-recommends golang-github-prometheus-node_exporter'],
  ])(
    'MO-5, MO-12: at a monitored level %s installs node_exporter, or else the checked upstream release',
    (packageManager, command) => {
      const config = configOf({ serviceLevel: 'MonitoringAndPatching' }, { packageManager });
      const installer = fileOf(config, '/usr/local/sbin/steward-install-node-exporter');
      expect(installer?.permissions).toBe('0755');
      expect(installer?.content).toContain(command);
      expect(installer?.content).toMatch(/sha256sum --check/);
      expect(config.runcmd).toContainEqual(['/usr/local/sbin/steward-install-node-exporter']);
      expect(fileOf(config, '/etc/steward/node-exporter')?.content).toBe(
        'ARGS="--web.listen-address=:9100 --collector.systemd --collector.textfile.directory=/var/lib/prometheus/node-exporter"\n',
      );
    },
  );

  test.each([
    ['apt', 'apt-daily-upgrade.timer'],
    ['dnf', 'dnf-automatic.timer'],
    ['zypper', 'os-update.timer'],
  ])('MO-3, MO-10: where the service patches, the own updater of %s is off', (packageManager, unit) => {
    const commands = configOf(PATCHED, { packageManager }, true).runcmd.flat().join('\n');
    expect(commands).toMatch(new RegExp(`systemctl stop [^;]*${unit}[^;]*; systemctl mask [^;]*${unit}`));
  });

  test('MO-3: apt is told before it can start that it does nothing by itself', () => {
    const config = configOf(PATCHED, {}, true);
    expect(fileOf(config, '/etc/apt/apt.conf.d/99steward')?.content).toContain('APT::Periodic::Enable "0";');
  });

  test.each<[string, Record<string, unknown>, boolean]>([
    ['no patch policies are served', PATCHED, false],
    ['no policy is named', { serviceLevel: 'MonitoringAndPatching' }, true],
    ['the level does not include patching', { ...PATCHED, serviceLevel: 'Admin' }, true],
  ])('MO-3: the guest keeps its own updater where %s, or nobody would patch it', (_, spec, served) => {
    for (const packageManager of ['apt', 'dnf', 'zypper']) {
      const config = configOf(spec, { packageManager }, served);
      expect(fileOf(config, '/etc/apt/apt.conf.d/99steward')).toBeUndefined();
      expect(config.runcmd.flat().join('\n')).not.toMatch(/systemctl (stop|mask)/);
    }
  });

  test('MO-3, MO-5: at Admin the guest keeps its updater and gets no exporter', () => {
    const config = configOf({ serviceLevel: 'Admin' });
    expect(config.write_files).toBeUndefined();
    expect(config.runcmd).toHaveLength(2);
  });

  test('a provider may name a mirror of its own, without a checksum', () => {
    const nodeExporter = { url: "https://mirror.example/it's/node_exporter.tar.gz" };
    const text = cloudConfig({
      managedVM: managedVMOf({ serviceLevel: 'MonitoringAndPatching', operatingSystem: 'x' }),
      operatingSystem: operatingSystemOf(),
      keys,
      downloads: { nodeExporter, windowsExporter: nodeExporter, windowsGuestAgent: nodeExporter },
    });
    expect(text).toContain(`'https://mirror.example/it'\\''s/node_exporter.tar.gz'`);
    expect(text).not.toContain('sha256sum');
  });
});

describe('the installer of node_exporter', () => {
  /** Programs that stand for those of a guest whose repositories have no exporter. */
  const guest = (folder: string, program: string, script: string) => {
    writeFileSync(join(folder, program), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, program), 0o755);
  };

  test('unpacks a download only if its SHA-256 is the one named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'exporter-'));
    try {
      const config = configOf({ serviceLevel: 'MonitoringAndPatching' }, { packageManager: 'zypper' });
      const installer = (fileOf(config, '/usr/local/sbin/steward-install-node-exporter')?.content ?? '')
        .replaceAll('/etc/systemd/system', folder)
        .replaceAll('/usr/local/bin', folder);
      const bin = join(folder, 'bin');
      mkdirSync(bin);
      for (const failing of ['zypper', 'useradd']) guest(bin, failing, 'exit 1');
      guest(bin, 'systemctl', '[ "$1" = daemon-reload ]');
      guest(bin, 'curl', 'while [ "$1" != --output ]; do shift; done; echo forged >"$2"');
      guest(bin, 'tar', `touch ${folder}/unpacked`);
      guest(bin, 'mkdir', 'exit 0');
      const run = (text: string) =>
        execFileSync('sh', ['-c', text], { env: { PATH: `${bin}:/usr/bin:/bin` }, stdio: 'pipe' });
      expect(() => run(installer)).toThrow();
      expect(existsSync(join(folder, 'unpacked'))).toBe(false);
      run(installer.replace(/[0-9a-f]{64}/, FORGED_SHA256));
      expect(existsSync(join(folder, 'unpacked'))).toBe(true);
      expect(existsSync(join(folder, 'prometheus-node-exporter.service'))).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('network configuration', () => {
  test('the default route is the first network’s, whatever DHCP servers of the others offer', () => {
    const networks = [{ name: 'default' }, { name: 'lan', multusNetwork: 'a' }, { name: 'backup', multusNetwork: 'b' }];
    const text = networkData(managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', networks })) ?? '';
    const { ethernets } = parse(text) as { ethernets: Record<string, { 'dhcp4-overrides': Record<string, number> }> };
    expect(Object.values(ethernets).map(each => each['dhcp4-overrides']['route-metric'])).toEqual([100, 200, 300]);
  });

  test('is left to cloud-init for one interface', () => {
    expect(networkData(managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }))).toBeUndefined();
  });

  test('knows each of several interfaces by its address; boot waits for the first only', () => {
    const networks = [{ name: 'default' }, { name: 'storage', multusNetwork: 'vlan-40' }];
    const managedVM = managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x', networks });
    const uid = managedVM.metadata.uid ?? '';
    expect(parse(networkData(managedVM) ?? '')).toEqual({
      version: 2,
      ethernets: {
        default: {
          match: { macaddress: macAddress(uid, 'default') },
          dhcp4: true,
          'dhcp4-overrides': { 'route-metric': 100 },
        },
        storage: {
          match: { macaddress: macAddress(uid, 'storage') },
          dhcp4: true,
          'dhcp4-overrides': { 'route-metric': 200 },
          optional: true,
        },
      },
    });
  });
});

function configOf(spec: Record<string, unknown>, system: Record<string, unknown> = {}, patchingServed = false): Config {
  const text = cloudConfig({
    managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'debian-13', ...spec }),
    operatingSystem: operatingSystemOf(system),
    keys,
    patchingServed,
  });
  return parse(text, { version: '1.1' });
}

function fileOf(config: Config, path: string) {
  return config.write_files?.find(file => file.path === path);
}
