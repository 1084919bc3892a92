/** Git and Redis for Argo CD: Debian's, pinned by a lock file and unpacked, with the libraries and the dynamic linker that they were built for. */
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../build/artifact.ts';
import { ensureDebs } from '../guest/debs.ts';
import { readLock } from '../guest/lockfile.ts';
import { run } from '../process/command.ts';

const machine =
  process.arch === 'arm64'
    ? ({ architecture: 'arm64', libraries: 'usr/lib/aarch64-linux-gnu', linker: 'ld-linux-aarch64.so.1' } as const)
    : ({ architecture: 'amd64', libraries: 'usr/lib/x86_64-linux-gnu', linker: 'ld-linux-x86-64.so.2' } as const);
const lock = await readLock(`gitops.${machine.architecture}`);

/** Starts a program of the folder by the name that this script is called by, whatever libraries the machine itself has. */
function launcher(program: string): string {
  const libraries = `"$root/${machine.libraries}"`;
  return `#!/bin/sh
root=\${0%/*}/..
export GIT_EXEC_PATH="$root/bin" GIT_TEMPLATE_DIR="$root/usr/share/git-core/templates"
exec ${libraries}/${machine.linker} --library-path ${libraries} --argv0 "\${0##*/}" "$root/usr/bin/${program}" "$@"
`;
}

/** What is in `bin`, and which of Debian's programs that is: both have one program that is many by the name it is called. */
const launchers = {
  git: launcher('git'),
  'redis-server': launcher('redis-check-rdb'),
};

export const gitAndRedis: Artifact = {
  what: "Debian's Git and Redis, unpacked",
  minutes: 0.3,
  recipe: [lock.text, JSON.stringify(launchers)],
  build: async folder => {
    for (const { file } of await ensureDebs(lock.packages)) await run('dpkg-deb', ['--extract', file, folder]);
    const bin = join(folder, 'bin');
    await mkdir(bin);
    for (const [name, script] of Object.entries(launchers)) {
      await writeFile(join(bin, name), script);
      await chmod(join(bin, name), 0o755);
    }
    await symlink('git', join(bin, 'git-upload-pack'));
  },
};
