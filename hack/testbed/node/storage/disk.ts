/** Makes the disk of a volume: whole or not at all. */
import { chmod, chown, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { run } from '../../process/command.ts';

/** User and group `qemu` of KubeVirt's launcher. */
const qemu = 107;

/** Where a disk lies until it is whole. */
function partialOf(disk: string): string {
  return `${disk}.partial`;
}

/**
 * A disk of `size` bytes that begins as `source` does and is empty behind it, or all empty without one. What was there of that name is
 * replaced; what an attempt before this one left is removed. Holes stay holes.
 */
export async function makeDisk(disk: string, size: bigint, source: string | undefined, signal: AbortSignal) {
  const partial = partialOf(disk);
  await rm(partial, { force: true });
  if (source === undefined) await writeFile(partial, '', { flag: 'wx' });
  else await run('cp', ['--sparse=always', '--reflink=auto', '--', source, partial], { signal });
  await truncate(partial, Number(size));
  await chmod(partial, 0o660);
  if (process.getuid?.() === 0) await chown(partial, qemu, qemu);
  signal.throwIfAborted();
  await rename(partial, disk);
}

/** How much of `source` has arrived, as CDI writes it: `12.50%`, or N/A where that cannot be told. */
export async function progressOf(disk: string, source: string | undefined): Promise<string> {
  if (source === undefined) return 'N/A';
  const [there, whole] = await Promise.all([blocksOf(partialOf(disk)), blocksOf(source)]);
  return whole === 0 ? 'N/A' : `${Math.min(99.99, (there / whole) * 100).toFixed(2)}%`;
}

async function blocksOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.blocks ?? 0;
}
