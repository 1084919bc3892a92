/** Layers of images: tar archives that are the same, byte for byte, for the same content, whoever makes them where and when. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from '../testbed/process/command.ts';
import { type TarEntry, tarball } from './tar.ts';

/**
 * Writes a layer of the given entries, in order of their paths; folders that an entry needs and nobody names belong to root.
 * Throws when two entries have one path.
 */
export async function writeLayer(entries: readonly TarEntry[], outFile: string): Promise<void> {
  await pipeline(Readable.from(tarball(withFolders(entries)), { objectMode: false }), createWriteStream(outFile));
}

function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const named = new Map<string, TarEntry>();
  for (const entry of entries) {
    if (named.has(entry.path)) throw new Error(`Two entries of the layer have the path ${entry.path}.`);
    named.set(entry.path, entry);
  }
  for (const { path } of entries)
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      if (!named.has(folder)) named.set(folder, { path: folder, folder: true });
    }
  // By code units, not by a locale; a folder is a prefix of what it holds and so comes first.
  return [...named.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
}

export type FolderLayerOptions = {
  /** `root` gives everything to root, for a folder that an ordinary user filled; default: the owners the files have. */
  readonly owner?: 'root';
  /** Patterns of GNU tar's `--exclude`, as `./var/cache/apt/*`. */
  readonly exclude?: readonly string[];
};

/**
 * Writes a layer of a whole folder, a root file system say, with permissions, hard links, devices and file capabilities.
 * GNU tar does it: Node cannot read extended attributes. Times are the epoch; sockets are left out.
 */
export async function writeFolderLayer(
  folder: string,
  outFile: string,
  options: FolderLayerOptions = {},
): Promise<void> {
  const owner = options.owner === 'root' ? ['--owner=root:0', '--group=root:0'] : [];
  const exclude = (options.exclude ?? []).map(pattern => `--exclude=${pattern}`);
  const args = [
    ...['--create', `--file=${outFile}`, `--directory=${folder}`, ...owner, '--numeric-owner', ...exclude],
    // The name of pax headers would hold the number of the process, their content the times of access and change.
    ...['--format=pax', '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime'],
    ...['--sort=name', '--mtime=@0', '--xattrs', '--xattrs-include=security.capability', '.'],
  ];
  await run('tar', args, { env: { PATH: process.env.PATH, LC_ALL: 'C' } });
}
