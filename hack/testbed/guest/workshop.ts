/** The workshop: Debian programs that build guests, unpacked into a folder and run there, whatever the machine itself has. */
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Artifact } from '../build/artifact.ts';
import { run } from '../process/command.ts';
import { ensureDebs } from './debs.ts';
import { readLock } from './lockfile.ts';

/** Enters a root, in namespaces of its own: `enter.sh ROOT FOLDER PROGRAM…`. */
export const ENTER = fileURLToPath(new URL('workshop/enter.sh', import.meta.url));
const lock = await readLock('workshop');

export const workshop: Artifact = {
  what: "Debian's programs that build guest disks",
  minutes: 0.5,
  recipe: [lock.text, 'unpacked'],
  build: async folder => {
    const root = join(folder, 'root');
    await mkdir(root);
    const debs = await ensureDebs(lock.packages);
    // First, because it has the links /bin, /lib and /sbin: without them the others would unpack folders of those names.
    const ordered = debs.toSorted((a, b) => Number(isBase(b.path)) - Number(isBase(a.path)));
    for (const { file } of ordered) await run('dpkg-deb', ['--extract', file, root]);
    await mkdir(join(root, 'build'));
    await mkdir(join(root, 'var/lib/dpkg'), { recursive: true });
    await writeFile(join(root, 'var/lib/dpkg/status'), '');
    await appendFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    await appendFile(join(root, 'etc/group'), 'root:x:0:\n');
  },
};

function isBase(path: string): boolean {
  return path.startsWith('pool/main/b/base-files/');
}

/**
 * Runs `program` in the workshop, where `folder` is `/build`. It sees nothing else of this machine and leaves nothing behind: it has
 * namespaces of its own, and what it writes elsewhere is lost. Needs the rights of root.
 */
export function runInWorkshop(workshopFolder: string, folder: string, program: readonly string[]): Promise<string> {
  const namespaces = ['--mount', '--pid', '--ipc', '--uts', '--net', '--fork', '--kill-child'];
  return run('unshare', [...namespaces, 'sh', ENTER, join(workshopFolder, 'root'), folder, ...program]);
}
