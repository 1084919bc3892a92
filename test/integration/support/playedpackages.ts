/** A package manager that is played: packages are files of a folder that plays a guest, and what is installed is counted. A real shell runs it. */

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Update } from '../../../src/domain/patching/update.ts';
import type { PackageFamily } from '../../../src/guest/packages/family.ts';
import { SYSTEMD_REBOOT } from '../../../src/guest/packages/reboot.ts';

const END = 'end of answer';

/** Scripts and readers as those of a real family: strict, and each answer says that it is whole. */
export function playedFamily(folder: string): PackageFamily {
  const within = (...lines: readonly string[]) => [`cd ${folder} || exit 1`, ...lines, `echo "${END}"`].join('\n');
  const list = 'for file in packages/*; do echo "$(basename "$file") $(cat "$file")"; done';
  const rows = (text: string): readonly (readonly string[])[] | undefined => {
    const lines = text.trimEnd().split('\n');
    return lines.pop() === END ? lines.map(line => line.split(' ')) : undefined;
  };
  return {
    rebootScript: () => SYSTEMD_REBOOT,
    preflightScript: () => within('[ ! -e full ] || echo "blocked the disk is full"'),
    readPreflight: text => {
      const answer = rows(text);
      const blockers = answer?.filter(([word]) => word === 'blocked').map(([, ...words]) => words.join(' '));
      return blockers && { blockers, rebootPending: false };
    },
    scanScript: () => within(list),
    readScan: (text, at) => {
      const answer = rows(text);
      const updates = answer?.flatMap(([name = '', from = '', to = '']) =>
        from === to ? [] : [{ ...UPDATE, package: name, from, to }],
      );
      return updates && { at, system: SYSTEM, updates, rebootPending: false, complete: true };
    },
    installScript: pins =>
      within(
        'echo begun >> begun',
        'if [ -p gate ]; then read line < gate; fi',
        ...pins.map(
          ({ package: name, version }) =>
            `echo "${name} ${version}" >> history; [ -e broken ] || echo "${version} ${version}" > packages/${name}`,
        ),
      ),
    readInstall: text =>
      rows(text) && {
        failure: undefined,
        reasons: new Map(),
        newer: new Set(),
        brought: new Map(),
        repaired: undefined,
        kept: [],
      },
    readBackScript: () => within(list),
    readBack: text => {
      const installed = rows(text)?.map(([name = '', version = '']) => [name, version] as const);
      return installed && { installed: new Map(installed), healthy: true, rebootPending: false };
    },
  };
}

const SYSTEM = { id: 'debian', version: '13', codename: 'trixie' };
const UPDATE: Omit<Update, 'package' | 'from' | 'to'> = {
  ...{ architecture: 'amd64', origins: ['Debian-Security:13/stable-security'], security: true },
  ...{ severity: 'Important', advisories: [] },
};

/** Has the package in the folder installed at one version, and offers another. */
export async function offer(folder: string, name: string, from: string, to: string): Promise<void> {
  await mkdir(join(folder, 'packages'), { recursive: true });
  await writeFile(join(folder, 'packages', name), `${from} ${to}\n`);
}

/** What was ever installed there, in its order. */
export async function history(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'history'), 'utf8').catch(() => '');
  return text.split('\n').filter(line => line !== '');
}
