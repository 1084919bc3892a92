import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { Download } from '../../domain/machine/firstboot/exporters.ts';
import { exporterFiles, INSTALLER } from './nodeexporter.ts';

const RELEASE = { url: 'https://downloads.example/node_exporter.tar.gz', sha256: 'f'.repeat(64) };

/** SHA-256 of `forged` and a line feed. */
const FORGED_SHA256 = '0ab55839dc48167751feca67b9256a6a088bc4d6787e91697c4f6aaae5753d7b';

const fileOf = (packageManager: LinuxPackageManager, release: Download, path: string) =>
  exporterFiles(packageManager, release).find(file => file.path === path);
const installerOf = (packageManager: LinuxPackageManager, release: Download): string =>
  fileOf(packageManager, release, INSTALLER)?.content ?? '';

describe('node_exporter', () => {
  test.each<[LinuxPackageManager, string]>([
    ['apt', 'apt-get install -y --no-install-recommends prometheus-node-exporter'],
    ['dnf', 'dnf install -y node-exporter'],
    ['zypper', 'zypper --non-interactive install --no-recommends golang-github-prometheus-node_exporter'],
  ])('MO-5, MO-12: comes by %s, or else as the checked upstream release', (packageManager, command) => {
    expect(fileOf(packageManager, RELEASE, INSTALLER)?.permissions).toBe('0755');
    expect(installerOf(packageManager, RELEASE)).toContain(command);
    expect(installerOf(packageManager, RELEASE)).toMatch(/sha256sum --check/);
    expect(fileOf(packageManager, RELEASE, '/etc/steward/node-exporter')?.content).toBe(
      'ARGS="--web.listen-address=:9100 --collector.systemd --collector.textfile.directory=/var/lib/prometheus/node-exporter"\n',
    );
  });

  test('may come from a mirror that the provider names, without a checksum', () => {
    const installer = installerOf('apt', { url: "https://mirror.example/it's/node_exporter.tar.gz" });
    expect(installer).toContain(`'https://mirror.example/it'\\''s/node_exporter.tar.gz'`);
    expect(installer).not.toContain('sha256sum');
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
      const installer = installerOf('zypper', RELEASE)
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
