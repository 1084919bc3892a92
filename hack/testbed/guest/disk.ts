/** Disks of guests: Debian that configures itself with cloud-init, as raw images that a BIOS starts. */
import { createHash } from 'node:crypto';
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Artifact } from '../build/artifact.ts';
import { ensureArtifacts } from '../build/build.ts';
import { recipeDigest } from '../build/cache.ts';
import { ensureDebs } from './debs.ts';
import { writeFlatRepository } from './localrepository.ts';
import { readLock } from './lockfile.ts';
import { MIRROR_URL } from './mirroraddress.ts';
import { mirrorKey } from './mirrorkey.ts';
import { publicKeyring } from './openpgp.ts';
import { diskPackages, type Suite } from './suites.ts';
import { runInWorkshop, workshop } from './workshop.ts';

const folderOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
/** Where a guest has the key of the test bed's repositories. */
export const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';

/** Quiet on the serial console, and nothing that only costs time under emulation. */
const COMMAND_LINE = 'rw panic=1 console=ttyS0 quiet loglevel=3 fsck.mode=skip mitigations=off audit=0 init_on_alloc=0';

/** A folder with `disk.img`: 1 GiB, sparse, the same byte for byte wherever it is built. */
export async function guestDisk(suite: Suite): Promise<Artifact> {
  const lock = await readLock(`${suite}.disk`);
  const shop = await readLock('workshop');
  const recipe = [
    ...[lock.text, shop.text, COMMAND_LINE, sources(suite), publicKeyring(mirrorKey).toString('hex')],
    ...(await Promise.all(['files', 'workshop'].map(name => recipeDigest([], folderOf(name))))),
  ];
  return {
    what: `Debian ${suite} as a guest`,
    minutes: 2,
    recipe,
    build: async (folder, tether, progress) => {
      const { workshop: shopFolder } = await ensureArtifacts({ workshop }, progress, tether);
      const work = join(folder, 'work');
      await writeFlatRepository(join(work, 'repository'), suite, await ensureDebs(lock.packages));
      await writeFiles(suite, work);
      const names = diskPackages.filter(name => !name.startsWith('?')).join(',');
      const [uuid, diskId] = [uuidOf(suite), uuidOf(suite).slice(0, 8)];
      const epoch = String(lock.written.getTime() / 1000);
      await runInWorkshop(shopFolder, work, ['sh', '/build/disk.sh', suite, epoch, diskId, uuid, names]);
      await rename(join(work, 'disk.img'), join(folder, 'disk.img'));
      await rm(work, { recursive: true });
    },
  };
}

async function writeFiles(suite: Suite, work: string): Promise<void> {
  await cp(folderOf('workshop'), work, { recursive: true });
  const files = join(work, 'files');
  await cp(folderOf('files'), files, { recursive: true });
  await mkdir(join(files, 'usr/share/keyrings'), { recursive: true });
  await writeFile(join(files, KEYRING), publicKeyring(mirrorKey));
  await mkdir(join(files, 'etc/apt/sources.list.d'), { recursive: true });
  await writeFile(join(files, 'etc/apt/sources.list.d/mirror.sources'), sources(suite));
  await writeFile(join(work, 'cmdline'), COMMAND_LINE);
}

function sources(suite: Suite): string {
  return `Types: deb\nURIs: ${MIRROR_URL}\nSuites: ${suite} ${suite}-updates\nComponents: main\nSigned-By: ${KEYRING}\n`;
}

/** An identity that is the suite's in every build. */
function uuidOf(suite: Suite): string {
  const hex = createHash('sha256').update(`disk of ${suite}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
