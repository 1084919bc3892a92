/** The lock files: of every Debian package that goes into a guest or an image, where it lies and its SHA-256. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Suite } from './suites.ts';

/** Debian's archive, or its archive of security updates: each has a place of its own on every mirror. */
export type Archive = 'debian' | 'security';

export type LockedPackage = {
  readonly archive: Archive;
  /** Path below the archive's root, as in the archive's own index. */
  readonly path: string;
  readonly sha256: string;
};

export type LockName =
  | 'workshop'
  | 'rpm'
  | 'dnf5'
  | 'launcher'
  | 'tinyguest'
  | 'trixie.applications'
  | 'bookworm.former'
  | 'trixie.updates'
  | `${Suite}.disk`
  | `${Suite}.mirror`
  | `${'image' | 'gitops'}.${'amd64' | 'arm64'}`;

export function lockPath(name: LockName): string {
  return fileURLToPath(new URL(`lock/${name}.txt`, import.meta.url));
}

export type Lock = {
  /** When it was written: no package in it is younger. */
  readonly written: Date;
  readonly packages: readonly LockedPackage[];
};

/** A lock file: its text and what that says. */
export async function readLock(name: LockName): Promise<Lock & { readonly text: string }> {
  const text = await readFile(lockPath(name), 'utf8');
  return { text, ...parseLock(text) };
}

/** One package per line, in the order of the paths, so that a new version is a changed line. */
export function formatLock({ written, packages }: Lock): string {
  const lines = packages.map(({ archive, path, sha256 }) => `${sha256} ${archive} ${path}`);
  const sorted = lines.toSorted((a, b) => (a.slice(65) < b.slice(65) ? -1 : 1));
  return `# ${written.toISOString()}, by \`node hack/testbed/guest/lock.ts\`\n${sorted.join('\n')}\n`;
}

/** Throws where a line is not one of {@link formatLock}. */
export function parseLock(text: string): Lock {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const [, written] = /^# (\S+Z), /.exec(head) ?? [];
  if (written === undefined) throw new Error(`Not the first line of a lock file: ${head}`);
  return { written: new Date(written), packages: lines.map(parseLine) };
}

function parseLine(line: string): LockedPackage {
  const [, sha256, archive, path] = /^([0-9a-f]{64}) (debian|security) (pool\/[^ ]+\.deb)$/.exec(line) ?? [];
  if (sha256 === undefined || archive === undefined || path === undefined)
    throw new Error(`Not a line of a lock file: ${line}`);
  return { sha256, archive: archive as Archive, path };
}
