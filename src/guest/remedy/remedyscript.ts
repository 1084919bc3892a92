import type { LinuxPackageManager } from '../../api/operatingsystem.ts';
import type { GuestRemedy } from '../../api/remedy.ts';
import { type Ground, GUEST } from '../settings/ground.ts';
import { shellWord } from '../shellword.ts';
import { FORBIDDEN_WHEN, PROBE_FAILS } from './confirmed.ts';
import { FREE_SPACE } from './freespace.ts';
import { RESTART_SERVICE } from './restartservice.ts';
import { RESTART_UNIT } from './restartunit.ts';
import { EXPORTER, RESTART_AGENT, RESTART_EXPORTER } from './watching.ts';

/**
 * What every remedy says and how it ends. It needs `R`, the folder below which the files are. A remedy looks first: what the look does not
 * confirm is not done. The last line that begins with `remedy: ` is for people.
 */
const FUNCTIONS = `
limit() { timeout -k 5 "$@" < /dev/null; }
tell() { printf 'remedy: %s\\n' "$1"; }
healthy() { tell "$1"; exit 10; }
missing() { tell "$1"; exit 11; }
forbidden() { tell "$1"; exit 12; }
failed() { tell "$1"; exit 1; }
mended() { tell "$1"; exit 0; }
# state UNIT PROPERTY
state() { limit 10 systemctl show --value --property="$2" -- "$1"; }
`;

/**
 * The script of a step that mends something: run as root by `/bin/sh`, read whole before any of it runs. Run again it finds what it has done and does nothing.
 * Throws RangeError for words that could be anything but a unit or a folder.
 */
export function remedyScript(remedy: GuestRemedy, packageManager: LinuxPackageManager, ground: Ground = GUEST): string {
  return [
    'main() {',
    '\\unalias -a 2>/dev/null; unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH; LC_ALL=C; export LC_ALL; umask 022; cd /',
    `PATH=${shellWord(ground.path)}; export PATH; R=${shellWord(ground.root)}`,
    FUNCTIONS,
    ...confirmedBy(remedy),
    ...functionsOf(remedy, packageManager),
    '}',
    'main < /dev/null 2>&1',
    '',
  ].join('\n');
}

function functionsOf(remedy: GuestRemedy, packageManager: LinuxPackageManager): readonly string[] {
  switch (remedy.action) {
    case 'RestartService':
      return [RESTART_SERVICE, `restart_service ${shellWord(stemOf(remedy.unit))}`];
    case 'FreeSpace':
      return [
        FREE_SPACE[packageManager],
        `free_space ${shellWord(folderOf(remedy.mountPoint))} ${percentOf(remedy.abovePercent)}`,
      ];
    case 'RestartExporter':
      return [EXPORTER, RESTART_EXPORTER];
    case 'RestartAgent':
      return [RESTART_AGENT];
    case 'Reload':
      return [RESTART_UNIT, `reload_unit ${shellWord(stemOf(remedy.unit))}.service`];
    case 'RestartUnit':
      return [RESTART_UNIT, `restart_unit ${shellWord(stemOf(remedy.unit))}.service`];
    case 'Look':
      return ["mended 'nothing was found in the guest that stands against it'"];
  }
}

/** What must be seen first: that the probe fails here too, and that nothing forbids it. */
function confirmedBy({ unit, unless = [], probe }: GuestRemedy): readonly string[] {
  return [
    ...(probe ? [PROBE_FAILS, `probe_fails ${probedName(probe.application)} ${probedName(probe.name)}`] : []),
    ...(unless.length > 0 ? [FORBIDDEN_WHEN] : []),
    ...(unless.includes('DiskFull') ? ['unless_full'] : []),
    ...(unless.includes('EngineRecovering')
      ? [`unless_recovering ${unit === undefined ? "''" : `${shellWord(stemOf(unit))}.service`}`]
      : []),
  ];
}

function probedName(name: string): string {
  if (/^[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?$/.test(name)) return shellWord(name);
  throw new RangeError('that is no name of a probe');
}

/** A unit without `.service`, as spec.services and the sensors of the guest call it. */
function stemOf(unit = ''): string {
  const stem = unit.replace(/\.service$/, '');
  if (/^[A-Za-z0-9_][A-Za-z0-9._@:-]{0,99}$/.test(stem)) return stem;
  throw new RangeError('that is no unit that can be restarted');
}

function folderOf(path = ''): string {
  if (path.length <= 128 && /^(\/|(\/[A-Za-z0-9_][A-Za-z0-9._@+-]*)+)$/.test(path)) return path;
  throw new RangeError('that is no folder of a file system');
}

function percentOf(percent = 100): number {
  if (Number.isInteger(percent) && percent >= 1 && percent <= 100) return percent;
  throw new RangeError('percent are whole, from 1 to 100');
}
