import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { shellWord } from '../../domain/machine/firstboot/shellword.ts';
import { ACCOUNT_ROWS } from './accountrows.ts';
import { HEAL_ACCOUNT } from './accounts.ts';
import { HEAL_EXPORTER } from './exporter.ts';
import { HEAL_FORMER } from './former.ts';
import { GUEST } from './ground.ts';
import { HEAL_FUNCTIONS } from './healfunctions.ts';
import { HEAL_JOURNAL } from './journal.ts';
import { packageFunctions } from './packages.ts';
import { HEAL_SENSORS } from './sensors.ts';
import { linux, settingsOf } from './settings.ts';
import { HEAL_SUDO } from './sudo.ts';
import { HEAL_TIME } from './time.ts';

/**
 * A script that puts exactly the named settings right, in the order of `settingsOf`, each in a shell of its own: one that fails keeps none of the
 * others from being tried. It says what it did in a line for each, for people; exit status 0 where all of them are as they shall be.
 * Run again it changes nothing. Throws RangeError for a setting that there is not.
 */
export function healScript(desired: DesiredGuest, settings: readonly string[], ground = GUEST): string {
  const known = settingsOf(desired);
  const unknown = settings.filter(name => !known.some(setting => setting.name === name));
  if (unknown.length > 0) throw new RangeError(`there is no setting ${unknown.join(', ')}`);
  const named = known.filter(({ name }) => settings.includes(name));
  return [
    'main() {',
    '\\unalias -a 2>/dev/null; unset IFS ENV BASH_ENV CDPATH LD_PRELOAD LD_LIBRARY_PATH; LC_ALL=C; export LC_ALL; umask 022; cd /',
    `PATH=${shellWord(ground.path)}; export PATH; R=${shellWord(ground.root)}`,
    ACCOUNT_ROWS,
    ...[
      HEAL_FUNCTIONS,
      packageFunctions(linux(desired.packageManager)),
      HEAL_ACCOUNT,
      HEAL_SUDO,
      HEAL_FORMER,
      HEAL_TIME,
    ],
    ...[HEAL_JOURNAL, HEAL_EXPORTER, HEAL_SENSORS],
    `names=${shellWord(
      [desired.provider, ...desired.users]
        .map(({ name }) => name)
        .concat(desired.former)
        .join(' '),
    )}`,
    ...named.flatMap(({ name, heal }, index) => [`heal_${index}() {`, heal, '}', `heal ${name} heal_${index}`]),
    'exit "$wrong"',
    '}',
    'main < /dev/null',
    '',
  ].join('\n');
}
