import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type IndexedPackage, renderPackages, renderRelease } from './repository.ts';

const agent: IndexedPackage = {
  control: 'Package: qemu-guest-agent\nVersion: 10\n',
  path: 'pool/main/q/qemu-guest-agent_10_amd64.deb',
  size: 562_000,
  sha256: 'ab'.repeat(32),
};
const cron: IndexedPackage = { ...agent, control: 'Package: cron\nVersion: 3\n', path: 'pool/main/c/cron_3_amd64.deb' };

describe('the index of packages', () => {
  test('says of each its control fields, path, size and SHA-256, with an empty line between two', () => {
    expect(renderPackages([agent, cron])).toBe(
      `Package: cron\nVersion: 3\nFilename: ${cron.path}\nSize: 562000\nSHA256: ${cron.sha256}\n\n` +
        `Package: qemu-guest-agent\nVersion: 10\nFilename: ${agent.path}\nSize: 562000\nSHA256: ${agent.sha256}\n`,
    );
  });

  test('is the same in whatever order the packages come, and empty without any', () => {
    expect(renderPackages([cron, agent])).toBe(renderPackages([agent, cron]));
    expect(renderPackages([])).toBe('');
  });
});

test('the Release file names every index by its path, with its size and SHA-256', () => {
  const index = Buffer.from(renderPackages([cron]));
  const text = renderRelease({
    suite: 'trixie',
    architectures: ['amd64'],
    components: ['main'],
    date: new Date('2026-01-01T00:00:00Z'),
    files: { 'main/binary-amd64/Packages': index },
  });
  expect(text).toContain('\nSuite: trixie\nCodename: trixie\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n');
  const sha256 = createHash('sha256').update(index).digest('hex');
  expect(text).toMatch(new RegExp(`\nSHA256:\n ${sha256} ${index.length} main/binary-amd64/Packages\n$`));
});
