/** A package of Debian's under another version, perhaps broken: what its archive will have some day. */

import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../process/command.ts';
import type { Deb } from './debs.ts';

export type RepackedDeb = Pick<Deb, 'file' | 'path' | 'sha256'>;

/** The version that a package file has. */
export async function versionOf(file: string): Promise<string> {
  return (await run('dpkg-deb', ['--field', file, 'Version'])).trim();
}

/** Made in `folder`; `change`: commands of sh, run in the unpacked package. */
export async function repackedDeb(folder: string, of: string, version: string, change = ':'): Promise<RepackedDeb> {
  const name = (await run('dpkg-deb', ['--field', of, 'Package'])).trim();
  const unpacked = await mkdtemp(join(tmpdir(), 'steward-repacked-'));
  // As archives name files: without the epoch.
  const path = `${name}_${version.replace(/^\d+:/, '')}_amd64.deb`;
  const file = join(folder, path);
  const script = `set -e; dpkg-deb -R "$2" "$1/root"; cd "$1/root"; sed -i "s/^Version: .*/Version: $3/" DEBIAN/control; ${change}; dpkg-deb -Zgzip -z1 -b "$1/root" "$4"`;
  try {
    await run('sh', ['-c', script, 'sh', unpacked, of, version, file]);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
  const sha256 = createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
  return { file, path, sha256 };
}
