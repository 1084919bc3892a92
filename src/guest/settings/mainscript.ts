import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { shellWord } from '../shellword.ts';
import type { Ground } from './ground.ts';

/**
 * A script for the standard input of `/bin/sh` that is read to its end before any of it runs: nothing is done by half a script, and no program
 * reads the rest of it. It chooses none of its programs by the environment. `names` are the accounts that are or were ordered.
 */
export function mainScript(
  desired: DesiredGuest,
  { root, path }: Ground,
  umask: '022' | '077',
  lines: readonly string[],
  redirections: string,
): string {
  return [
    'main() {',
    `\\unalias -a 2>/dev/null; unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH; LC_ALL=C; export LC_ALL; umask ${umask}; cd /`,
    `PATH=${shellWord(path)}; export PATH; R=${shellWord(root)}`,
    `names=${shellWord([...orderedNames(desired), ...desired.former].join(' '))}`,
    ...lines,
    '}',
    `main ${redirections}`,
    '',
  ].join('\n');
}

export function orderedNames({ provider, users }: DesiredGuest): readonly string[] {
  return [provider, ...users].map(({ name }) => name);
}
