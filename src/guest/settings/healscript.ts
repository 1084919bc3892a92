import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { healApplications } from '../application/functions.ts';
import { ACCOUNT_ROWS } from './accountrows.ts';
import { HEAL_ACCOUNT } from './accounts.ts';
import { HEAL_EXPORTER } from './exporter.ts';
import { HEAL_FORMER } from './former.ts';
import { GUEST } from './ground.ts';
import { HEAL_FUNCTIONS } from './healfunctions.ts';
import { HEAL_JOURNAL } from './journal.ts';
import { mainScript } from './mainscript.ts';
import { packageFunctions } from './packages.ts';
import { HEAL_SENSORS } from './sensors.ts';
import { linux, settingsOf } from './settings.ts';
import { HEAL_SOLE_ROOT, SOLE_ROOT_GROUPS } from './soleroot.ts';
import { HEAL_SUDO } from './sudo.ts';
import { SUDO_RULES } from './sudorules.ts';
import { OTHERS } from './system.ts';
import { HEAL_TIME } from './time.ts';

const FUNCTIONS = [
  ACCOUNT_ROWS,
  HEAL_FUNCTIONS,
  HEAL_ACCOUNT,
  HEAL_SUDO,
  HEAL_FORMER,
  HEAL_TIME,
  HEAL_JOURNAL,
  HEAL_EXPORTER,
  HEAL_SENSORS,
  OTHERS,
].join('');

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
  const lines = [
    FUNCTIONS,
    ...(desired.soleRoot ? [SUDO_RULES, SOLE_ROOT_GROUPS, HEAL_SOLE_ROOT] : []),
    packageFunctions(linux(desired.packageManager)),
    ...(named.some(({ chain }) => chain !== undefined) ? [healApplications(linux(desired.packageManager))] : []),
    ...named.flatMap(({ name, heal, chain }, index) => {
      const how = chain === undefined ? 'heal' : `heal_in ${chain}`;
      return [`heal_${index}() {`, heal, '}', `${how} ${name} heal_${index}`];
    }),
    'exit "$wrong"',
  ];
  return mainScript(desired, ground, '022', lines, '< /dev/null');
}
