import { isDeepStrictEqual } from 'node:util';
import type { GuestModules } from '../../api/guestmodules.ts';
import { MOST_LOG_LINES } from '../../api/loglines.ts';
import { UserName } from '../../api/username.ts';
import { hasModules } from '../../domain/contract/applicationmodules.ts';
import { cut, excerpt } from '../../domain/contract/excerpt.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type {
  ApplicationFound,
  ForeignFound,
  LoginFound,
  Look,
  SettingFound,
  Standing,
} from '../../domain/guest/look.ts';
import { isFingerprint } from '../../domain/machine/sshkeys.ts';
import { readModules } from '../application/modules.ts';
import { readBackup } from '../application/readbackup.ts';
import { MOST_FOREIGN, MOST_LOGINS } from './access.ts';
import { readLogLine } from './loglines.ts';
import { MOST_KEYS, WORDS_BYTES } from './lookfunctions.ts';
import { MOST_NOTED } from './notes.ts';
import { changingPlans, withLineChanges } from './readlinechange.ts';
import { withRestores } from './readrestore.ts';
import { updatingPlans, withUpdates } from './readupdate.ts';
import { settingsOf } from './settings.ts';

/** Characters in base64 that the longest words of a line may have. */
const WORDS_LENGTH = Math.ceil(WORDS_BYTES / 3) * 4;
/** Characters of the longest line: a login with all its keys. */
const LINE_LENGTH = 4096;
/** More than any look has besides its settings: who can log in, what is foreign, whom Steward noted and the applications. */
const MOST_LINES = 512;
/** Longest name of what is foreign, as a GuestState holds it. */
const LONGEST_NAME = 128;

const BOOT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LOGIN_NAME = /^[A-Za-z0-9_.?-][A-Za-z0-9_.$?-]{0,32}$/;
const VERSION = /^[A-Za-z0-9.+~:_^-]{1,64}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Reads what `lookScript` said out of all that a login shell may say around it. Undefined where anything in it is not what the script says of
 * exactly these settings: then nothing is known of the guest. Never throws.
 */
export function readLook(output: string, nonce: string, desired: DesiredGuest): Look | undefined {
  const settings = settingsOf(desired).map(({ name }) => name);
  const lines = ourLines(output, nonce, MOST_LINES + settings.length);
  if (lines === undefined) return undefined;
  const [boot, ...rest] = lines;
  const end = rest.pop();
  if (end?.join(' ') !== `end ${lines.length - 1}`) return undefined;
  const bootId = readBoot(boot);
  const found = every(rest.splice(0, settings.length), readSetting);
  const versions = readApplications(rest.splice(0, desired.applications.length), desired);
  const updates = rest.splice(0, updatingPlans(desired.applications).length);
  const updated = versions && withUpdates(versions, updates, desired.applications);
  const changes = rest.splice(0, changingPlans(desired.applications).length);
  const changed = updated && withLineChanges(updated, changes, desired.applications, decoded);
  const modules = readModules(rest.splice(0, desired.applications.filter(hasModules).length), desired.applications);
  const inventoried = modules && changed?.map(each => withModules(each, modules));
  const of = (kind: string): readonly (readonly string[])[] => rest.filter(([word]) => word === kind);
  const backedUp = inventoried && withBackups(inventoried, of('backup'), desired);
  const applications = backedUp && withRestores(backedUp, of('restore'), desired.applications, decoded);
  const access = every(of('login'), readLogin);
  const noted = every(of('noted'), readNoted);
  const told = every(of('told'), words => readLogLine(words, decoded));
  const foreign = every(
    rest.filter(([kind = '']) => !['login', 'noted', 'backup', 'restore', 'told'].includes(kind)),
    readForeign,
  );
  if (bootId === undefined || found === undefined || access === undefined) return undefined;
  if (foreign === undefined || noted === undefined || applications === undefined) return undefined;
  if (told === undefined || told.length > (desired.lines ? MOST_LOG_LINES : 0)) return undefined;
  const complete =
    isDeepStrictEqual(
      found.map(({ setting }) => setting),
      settings,
    ) &&
    new Set(access.map(({ name }) => name)).size === access.length &&
    access.length <= MOST_LOGINS &&
    noted.length <= MOST_NOTED &&
    foreign.length <= MOST_FOREIGN.Account + MOST_FOREIGN.Key + MOST_FOREIGN.SudoRule;
  if (!complete) return undefined;
  return {
    bootId,
    settings: found,
    access,
    foreign,
    noted: forgotten(noted, desired),
    applications,
    ...(desired.lines && { lines: told }),
  };
}

/** The words of the lines that begin with the nonce; undefined where one is longer than any of ours, or has a character that none of ours has. */
function ourLines(output: string, nonce: string, most: number): readonly (readonly string[])[] | undefined {
  const ours = output.split('\n').filter(line => line.startsWith(`${nonce} `));
  const fit = ours.every(line => line.length <= LINE_LENGTH && /^[!-~]+( [!-~]+)*$/.test(line));
  return fit && ours.length <= most ? ours.map(line => line.split(' ').slice(1)) : undefined;
}

/** All of them, or undefined where one of them is not what it shall be. */
function every<From, Item>(
  froms: readonly From[],
  read: (from: From) => Item | undefined,
): readonly Item[] | undefined {
  const items = froms.map(read);
  return items.every(item => item !== undefined) ? items : undefined;
}

function readBoot(words: readonly string[] | undefined): string | undefined {
  const [kind, bootId = '', ...more] = words ?? [];
  return kind === 'boot' && more.length === 0 && BOOT_ID.test(bootId) ? bootId : undefined;
}

const STANDINGS = new Map<string, Standing>([
  ['kept', 'Kept'],
  ['differs', 'Differs'],
  ['stopped', 'Stopped'],
  ['failed', 'Failed'],
]);

function readSetting([kind, setting = '', word = '', encoded = '', ...more]: readonly string[]):
  | SettingFound
  | undefined {
  const standing = STANDINGS.get(word);
  const found = decoded(encoded);
  if (kind !== 'set' || more.length > 0 || standing === undefined || found === undefined) return undefined;
  // One that is kept has nothing to tell, and one that is not has.
  return (standing === 'Kept') === (encoded === '-') ? { setting, standing, found } : undefined;
}

function readLogin([kind, name = '', login = '', administrator = '', list = '', ...more]: readonly string[]):
  | LoginFound
  | undefined {
  const keys = list === '-' ? [] : list.split(',');
  const fit = LOGIN_NAME.test(name) && isAnswer(login) && isAnswer(administrator) && keys.every(isFingerprint);
  if (kind !== 'login' || more.length > 0 || !fit || keys.length > MOST_KEYS) return undefined;
  return { name, login: login === 'yes', administrator: administrator === 'yes', keys };
}

/** Which version of each application is installed and which of its probes fail, in the order of the plans; undefined where the guest says anything else. */
function readApplications(
  lines: readonly (readonly string[])[],
  { applications }: DesiredGuest,
): readonly ApplicationFound[] | undefined {
  const found = applications.map((plan, index) => {
    const [kind, name, version = '', list = '', ...more] = lines[index] ?? [];
    if (kind !== 'application' || name !== plan.application || more.length > 0) return undefined;
    const failing = list === '-' ? [] : list.split(',');
    if (!failing.every(probe => plan.probes.some(each => each.name === probe))) return undefined;
    if (version === '-') return { name, failing };
    return VERSION.test(version) ? { name, version, failing } : undefined;
  });
  return found.every(each => each !== undefined) ? found : undefined;
}

/** With what is recorded of their dumps; undefined where the guest tells of any that was not asked for. */
function withBackups(
  applications: readonly ApplicationFound[],
  lines: readonly (readonly string[])[],
  desired: DesiredGuest,
): readonly ApplicationFound[] | undefined {
  const asked = new Set(desired.applications.flatMap(plan => (plan.backup === undefined ? [] : [plan.application])));
  if (!lines.every(([, name = '']) => asked.has(name))) return undefined;
  return every(applications, application => {
    const records = lines.filter(([, name]) => name === application.name).map(words => words.slice(2));
    if (records.length === 0) return application;
    const backup = readBackup(records, decoded);
    return backup && { ...application, backup };
  });
}

function withModules(
  found: ApplicationFound,
  modules: ReadonlyMap<string, GuestModules | undefined>,
): ApplicationFound {
  const of = modules.get(found.name);
  return of === undefined ? found : { ...found, modules: of };
}

function readNoted([kind, name = '', ...more]: readonly string[]): string | undefined {
  return kind === 'noted' && more.length === 0 && LOGIN_NAME.test(name) ? name : undefined;
}

/** Of those that are noted, whom an order could have had and nobody remembers: never the provider, root or the system's. */
function forgotten(noted: readonly string[], { provider, users, former }: DesiredGuest): readonly string[] {
  const known = new Set([provider.name, ...users.map(({ name }) => name), ...former]);
  return [...new Set(noted)].filter(name => !known.has(name) && UserName.safeParse(name).success).sort();
}

const isAnswer = (word: string): boolean => word === 'yes' || word === 'no';

function readForeign([kind, what = '', encodedName = '', encodedDetail = '', changed = '', ...more]: readonly string[]):
  | ForeignFound
  | undefined {
  const name = decoded(encodedName);
  const detail = decoded(encodedDetail);
  if (kind !== 'foreign' || more.length > 0 || !isForeignKind(what) || !name || detail === undefined) return undefined;
  if (changed === '-') return { kind: what, name: cut(name, LONGEST_NAME), detail };
  // Later than the year 5138 is no time, and not what stat says.
  if (!/^\d{1,11}$/.test(changed)) return undefined;
  return { kind: what, name: cut(name, LONGEST_NAME), detail, changed: new Date(Number(changed) * 1000) };
}

const isForeignKind = (word: string): word is ForeignFound['kind'] => Object.hasOwn(MOST_FOREIGN, word);

/** Bounded words of the guest's, in one line that hides nothing. */
function decoded(word: string): string | undefined {
  if (word === '-') return '';
  if (word === '' || word.length > WORDS_LENGTH || !BASE64.test(word)) return undefined;
  // What was cut off within a character is none.
  return (
    excerpt(
      Buffer.from(word, 'base64')
        .toString('utf8')
        .replace(/\uFFFD+$/, ''),
      WORDS_BYTES,
    ) || '?'
  );
}
