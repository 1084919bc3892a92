import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { fingerprintOfLine } from '../../domain/machine/sshkeys.ts';
import { lookApplications, tellApplications, tellBackups } from '../application/functions.ts';
import { tellModules } from '../application/modules.ts';
import { shellWord } from '../shellword.ts';
import { word } from '../word.ts';
import { LOOK_ACCESS } from './access.ts';
import { ACCOUNT_ROWS } from './accountrows.ts';
import { LOOK_ACCOUNT } from './accounts.ts';
import { LOOK_DISK } from './disk.ts';
import { LOOK_EXPORTER } from './exporter.ts';
import { LOOK_FORMER } from './former.ts';
import { GUEST } from './ground.ts';
import { LOOK_JOURNAL } from './journal.ts';
import { LOOK_LINES } from './loglines.ts';
import { LOOK_FUNCTIONS, LOOK_ONCE } from './lookfunctions.ts';
import { mainScript, orderedNames } from './mainscript.ts';
import { LOOK_NOTES } from './notes.ts';
import { LOOK_SENSORS } from './sensors.ts';
import type { Setting } from './setting.ts';
import { linux, settingsOf } from './settings.ts';
import { LOOK_SOLE_ROOT, SOLE_ROOT_GROUPS } from './soleroot.ts';
import { LOOK_SUDO } from './sudo.ts';
import { SUDO_RULES } from './sudorules.ts';
import { LOOK_OTHERS } from './system.ts';
import { LOOK_TIME } from './time.ts';

const FUNCTIONS = [
  ACCOUNT_ROWS,
  LOOK_FUNCTIONS,
  LOOK_DISK,
  LOOK_ACCOUNT,
  LOOK_SUDO,
  LOOK_FORMER,
  LOOK_TIME,
  LOOK_JOURNAL,
  LOOK_EXPORTER,
  LOOK_SENSORS,
  LOOK_OTHERS,
  LOOK_NOTES,
  SUDO_RULES,
  LOOK_ACCESS,
].join('');

/**
 * A script for the standard input of `/bin/sh`, run as root: it looks at every setting of the guest and at who can get in, changes nothing, and
 * says what {@link readLook} reads, in lines that begin with the nonce. It ends within a minute whatever the guest's programs do, and chooses
 * none of them by the environment. `now`: the worker's clock, with which the guest's is compared.
 * Throws RangeError for a nonce, a name or a package manager that cannot be in it.
 */
export function lookScript(desired: DesiredGuest, nonce: string, now: Date, ground = GUEST): string {
  const settings = settingsOf(desired);
  const lines = [
    `N=${word(nonce)}`,
    `worker_clock=${Math.floor(now.getTime() / 1000)}`,
    FUNCTIONS,
    ...(desired.lines ? [LOOK_LINES] : []),
    ...(desired.soleRoot ? [SOLE_ROOT_GROUPS, LOOK_SOLE_ROOT] : []),
    ...(desired.applications.length > 0 ? [lookApplications(linux(desired.packageManager))] : []),
    'read_notes',
    'names="$names $noted"',
    LOOK_ONCE,
    unitStates(settings),
    fileHashes(settings),
    'line boot "$boot"',
    ...settings.flatMap(({ name, look }, index) => [`look_${index}() {`, look, '}', `setting ${name} look_${index}`]),
    ...tellApplications(desired.applications),
    ...tellModules(desired.applications),
    ...tellBackups(desired.applications),
    'look_notes',
    `look_access ${listed(orderedNames(desired))} ${listed(desired.former)}"$noted" ${listed(orderedKeys(desired))}`,
    ...(desired.lines ? ['look_lines'] : []),
    'line end "$lines"',
  ];
  return mainScript(desired, ground, '077', lines, '2>/dev/null < /dev/null');
}

const listed = (words: readonly string[]): string => shellWord(words.join(' '));

const orderedKeys = ({ provider, users }: DesiredGuest): readonly string[] =>
  [provider, ...users].flatMap(({ name, sshKeys }) => sshKeys.map(key => `${name}:${fingerprintOfLine(key)}`));

/** `UNIT LoadState ActiveState UnitFileState` for each; systemd answers in the order of the question. */
function unitStates(settings: readonly Setting[]): string {
  const units = [...new Set(settings.flatMap(setting => setting.units ?? []))].join(' ');
  return `units=$(limit 8 systemctl show --property=LoadState --property=ActiveState --property=UnitFileState -- ${units} < /dev/null | head -c 65536 | awk -F= -v names=${shellWord(units)} '
    BEGIN { split(names, name, " "); at = 1 }
    function tell() { if (load != "") print name[at] " " load " " active " " file; at++; load = active = file = "" }
    $1 == "LoadState" { load = $2 }
    $1 == "ActiveState" { active = $2 }
    $1 == "UnitFileState" { file = $2 }
    $0 == "" { tell() }
    END { if (load != "") tell() }')`;
}

function fileHashes(settings: readonly Setting[]): string {
  const paths = [...new Set(settings.flatMap(setting => setting.files ?? []).map(({ path }) => path))];
  return `hashes=$(limit 8 sha256sum -- ${paths.map(path => `"$R${path}"`).join(' ')} < /dev/null)`;
}
