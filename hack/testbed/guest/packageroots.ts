/** Folders with a package manager as a guest has it: Debian's own apt, and dnf 4, dnf 5 and zypper in Debian's builds. Scripts for guests are tried in them. */
import { appendFile, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact } from '../build/artifact.ts';
import { ensureArtifacts } from '../build/build.ts';
import { run } from '../process/command.ts';
import { ensureDebs } from './debs.ts';
import { writeFlatRepository } from './localrepository.ts';
import { readLock } from './lockfile.ts';
import { runInWorkshop, workshop } from './workshop.ts';

/** What a guest has on its disk and no package manager needs: a root without it is unpacked in seconds. */
const NOT_NEEDED =
  /\/(linux-image|linux-base|cloud-|initramfs|klibc|lib?klibc|openssh|python3?|libpython|locales|dhcpcd|perl-modules|libperl)/;

const unpacked = async (what: string, name: 'rpm' | 'dnf5' | 'bookworm.disk' | 'trixie.disk'): Promise<Artifact> => {
  const lock = await readLock(name);
  // dnf 4 is written in Python.
  const packages = name === 'rpm' ? lock.packages : lock.packages.filter(({ path }) => !NOT_NEEDED.test(path));
  return {
    ...{ what, minutes: 0.5, recipe: [lock.text, String(NOT_NEEDED), 'root 4'] },
    build: async folder => {
      const root = join(folder, 'root');
      await mkdir(root);
      const debs = await ensureDebs(packages);
      // First, because it has the links /bin, /lib and /sbin: without them the others would unpack folders of those names.
      const ordered = debs.toSorted((a, b) => Number(isBase(b.path)) - Number(isBase(a.path)));
      for (const { file } of ordered) await run('dpkg-deb', ['--extract', file, root]);
      await mkdir(join(root, 'build'));
      await mkdir(join(root, 'var/lib/dpkg/updates'), { recursive: true });
      await writeFile(join(root, 'var/lib/dpkg/status'), '');
      // A plug-in for repositories of one's own, which are not there, and one that needs systemd.
      for (const plugin of ['local', 'system_upgrade'])
        await rm(join(root, 'usr/lib/python3/dist-packages/dnf-plugins', `${plugin}.py`), { force: true });
      await rm(join(root, 'etc/dnf/libdnf5-plugins/local.conf'), { force: true });
      // As Fedora has it.
      if (name === 'dnf5') await symlink('dnf5', join(root, 'usr/bin/dnf'));
      // What the scripts of the unpacked packages would have made.
      await symlink('mawk', join(root, 'usr/bin/awk'));
      await appendFile(
        join(root, 'etc/passwd'),
        'root:x:0:0:root:/root:/bin/sh\n_apt:x:42:65534::/nonexistent:/bin/false\n',
      );
      await appendFile(join(root, 'etc/group'), 'root:x:0:\nnogroup:x:65534:\n');
    },
  };
};

const disk = await readLock('trixie.disk');
const applications = await readLock('trixie.applications');
const shop = await readLock('workshop');

/**
 * A Debian that was installed, not unpacked: its packages' scripts have run, so that Debian's own packages can be installed in it. Those of
 * applications and what they need lie in it, as its only source.
 */
const installed: Artifact = {
  ...{ what: 'Debian 13 as it is installed, without a kernel and systemd', minutes: 1 },
  recipe: [disk.text, applications.text, shop.text, 'installed 3'],
  build: async (folder, tether, progress) => {
    const { workshop: shopFolder } = await ensureArtifacts({ workshop }, progress, tether);
    const work = join(folder, 'work');
    await writeFlatRepository(join(work, 'repository'), 'trixie', await ensureDebs(disk.packages));
    const options = [
      '--quiet',
      '--mode=root',
      '--format=directory',
      '--variant=apt',
      '--include=adduser,mount,netbase,procps',
    ];
    const source = 'deb [trusted=yes] copy:///build/repository ./';
    await runInWorkshop(shopFolder, work, ['mmdebstrap', ...options, 'trixie', '/build/root', source]);
    await rename(join(work, 'root'), join(folder, 'root'));
    await rm(work, { recursive: true });
    await mkdir(join(folder, 'root/build'));
    const debs = [...disk.packages, ...applications.packages].filter(({ path }) => !path.includes('/linux-image-'));
    await writeFlatRepository(join(folder, 'root/srv/packages'), 'trixie', await ensureDebs(debs));
    await rm(join(folder, 'root/etc/apt/sources.list.d'), { recursive: true });
    await writeFile(join(folder, 'root/etc/apt/sources.list'), 'deb [trusted=yes] file:/srv/packages ./\n');
  },
};

/** Each in a folder `root`, to be entered like the workshop. */
export const packageRoots = {
  aptBookworm: await unpacked("Debian 12 with apt, for packages of the tests' own", 'bookworm.disk'),
  aptTrixie: await unpacked("Debian 13 with apt, for packages of the tests' own", 'trixie.disk'),
  rpmManagers: await unpacked("dnf, zypper and rpmbuild, for packages of the tests' own", 'rpm'),
  debianTrixie: installed,
  dnf5: await unpacked("dnf 5 and rpmbuild, for packages of the tests' own", 'dnf5'),
};

function isBase(path: string): boolean {
  return path.startsWith('pool/main/b/base-files/');
}
