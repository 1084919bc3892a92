import type { ReadBack } from '../../domain/patching/runstatus.ts';
import type { Scan, Update } from '../../domain/patching/update.ts';
import { type Answer, all, answered, count, decoded, errorsOf, only, readAnswer, systemOf } from './answer.ts';
import { aptInstallScript, aptPreflightScript, aptReadBackScript, aptScanScript } from './aptscripts.ts';
import type { Install, PackageFamily, Preflight } from './family.ts';
import { pinsIn } from './pins.ts';
import { SYSTEMD_REBOOT } from './reboot.ts';
import { failedUnitsOf, tooManyFailed } from './services.ts';
import { sourcesRead, unreadSources } from './sources.ts';
import { tooLittleSpace } from './space.ts';

/** Debian and Ubuntu, by apt-get and dpkg. */
export const apt: PackageFamily = {
  scanScript: aptScanScript,
  readScan,
  preflightScript: aptPreflightScript,
  readPreflight,
  installScript: aptInstallScript,
  readInstall,
  readBackScript: aptReadBackScript,
  readBack,
  rebootScript: () => SYSTEMD_REBOOT,
};

export function readScan(text: string, at: Date): Scan | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  if (answer === undefined || system === undefined) return undefined;
  const names = (kind: string) => new Set(all(answer, kind).map(line => line.text));
  const [held, removing, phased] = [names('held'), names('removing'), names('phased')];
  const tells = all(answer, 'source').some(({ text }) => isSecuritySource(text));
  const updates = all(answer, 'update').map(({ text }) => {
    const update = readUpdate(text, tells);
    if (update === undefined) return undefined;
    const name = text.split(' ')[1] ?? '';
    if (held.has(name)) return { ...update, hindrance: 'Held' as const };
    if (removing.has(name)) return { ...update, hindrance: 'Removes' as const };
    return phased.has(name) ? { ...update, hindrance: 'Phased' as const } : update;
  });
  if (!updates.every(update => update !== undefined)) return undefined;
  const solved = all(answer, 'unsolved').length === 0 && count(only(answer, 'more')?.[0]) === 0;
  return {
    ...{ at, system, updates },
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    complete: solved && sourcesRead(answer),
  };
}

/**
 * `arch name[:arch] [old] (new Label:Version/Suite, …)`: as apt-get -s writes it after `Inst`, but the architecture first; without `[old]` for
 * what comes along as new, without `)` where it was too long and origins are missing.
 */
export function readUpdate(line: string, sourcesTell: boolean): Update | undefined {
  const [, architecture, name, from, to, list = '', end] =
    /^([a-z0-9-]+) ([a-z0-9][a-z0-9+.-]+)(?::[a-z0-9-]+)? (?:\[(\S+)\] )?\(([^ )]+) ?([^)]*)(\))?$/.exec(line) ?? [];
  if (name === undefined || to === undefined || architecture === undefined) return undefined;
  const origins = list.split(', ').filter(origin => origin !== '');
  const security = origins.some(isSecurityOrigin);
  return {
    ...{ package: name, architecture, from, to, origins },
    security: sourcesTell && (security || end !== undefined) ? security : undefined,
    // A repository of apt says of no update how grave it is, nor what it mends.
    severity: 'Unknown',
    advisories: [],
  };
}

/** Label or suite say so; the suite's name turns from stable to oldstable, so it is not what is looked at. */
function isSecurityOrigin(origin: string): boolean {
  return /^Debian-Security:/.test(origin) || /^UbuntuESM/.test(origin) || /-security$/.test(origin);
}

type Source = { release: string; codename: string; suite: string; origin: string; label: string };

function sourceOf(text: string): Source {
  const [release = '', codename = '', suite = '', origin = '', label = ''] = text.split('|');
  return { release, codename, suite, origin, label };
}

function isSecuritySource(text: string): boolean {
  const { release, suite, label } = sourceOf(text);
  return (
    /^Debian-Security$|^UbuntuESM/.test(label) ||
    [release, suite].some(word => /[-/](security|updates)$/.test(word) && !word.endsWith('-updates'))
  );
}

/** Names that mean another release once the distributor has published it. */
const ALIASES = new Set(['stable', 'oldstable', 'oldoldstable', 'testing', 'unstable', 'devel', 'rolling']);

/** Why a source would bring, or has brought, another major release (GE-11). */
function jumps(text: string, { id, codename }: { id: string; codename: string }): string | undefined {
  const source = sourceOf(text);
  const base = (word: string) => word.split(/[-/]/)[0] ?? '';
  const [written, real] = [base(source.release), base(source.codename)];
  if (ALIASES.has(written) && real !== '' && real !== written)
    return `A source names ${quoted(source.release)}, which is ${quoted(real)} now and will be another release: it must name the codename (GE-11).`;
  const isSystems = source.origin.toLowerCase() === id;
  if (isSystems && codename !== '' && real !== '' && real !== codename)
    return `A source has release ${quoted(real)}, and the guest is ${quoted(codename)}: a major release is never changed by patching (GE-11).`;
  return undefined;
}

const quoted = (word: string): string => word.slice(0, 40);

export function readPreflight(text: string): Preflight | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  const download = answer && count(only(answer, 'download')?.[0]);
  if (answer === undefined || system === undefined || download === undefined) return undefined;
  const blockers = [
    ...unreadSources(answer),
    ...new Set(all(answer, 'source').flatMap(({ text: source }) => jumps(source, system) ?? [])),
    ...tooLittleSpace(answer, download),
    ...tooManyFailed(answer),
    ...notWhole(answer),
    ...all(answer, 'lock').map(({ words }) => lockedBy(words)),
    ...(only(answer, 'updater')
      ? ["The guest's own updater is on: apt-daily-upgrade.timer with unattended-upgrades."]
      : []),
  ];
  return {
    blockers,
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    failedUnits: failedUnitsOf(answer),
  };
}

/** What an install brings to its end itself (`dpkg --configure -a`) is no obstacle; what is broken otherwise is a person's to mend. */
function notWhole(answer: Answer): readonly string[] {
  const broken = all(answer, 'state').filter(({ text }) => !isInterrupted(text));
  if (broken.length === 0) return [];
  const names = broken.map(({ text }) => text.split('|')[1] ?? '');
  return [
    `The package database is broken: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' and others' : ''} must be reinstalled or removed.`,
  ];
}

/** Unpacked, half configured, or waiting for triggers: `dpkg --configure -a` brings it to its end. */
function isInterrupted(state: string): boolean {
  return /^.[UFWt] \|/.test(state);
}

function lockedBy([, pid, name]: readonly string[]): string {
  return `The package manager is in use by process ${pid} (${decoded(name) ?? '?'}).`;
}

const REFUSALS = new Map([
  ['Locked', 'the package manager was in use'],
  ['Broken', 'the package database is broken'],
  ['Unsolvable', 'the versions cannot be installed together'],
  ['Others', 'packages would change that are not approved'],
]);

export function readInstall(text: string, exitCode: number): Install | undefined {
  const answer = readAnswer(text);
  if (answer === undefined || exitCode !== 0) return undefined;
  const refused = only(answer, 'refused')?.[0];
  const exit = count(only(answer, 'exit')?.[0]);
  if ((refused === undefined) === (exit === undefined)) return undefined;
  const failure = refused === undefined ? failureOf(exit ?? 0, answer) : refusalOf(refused, answer);
  const { reasons, newer, brought } = pinsIn(answer, installedOf(answer));
  const [repairExit, packages] = only(answer, 'repaired') ?? [];
  return {
    failure,
    ...{ newer, brought },
    reasons: new Map([
      ...reasons,
      ...all(answer, 'state').map(
        ({ text: state }) => [state.split('|')[1]?.split(':')[0] ?? '', stateReason(state)] as const,
      ),
    ]),
    repaired:
      repairExit === undefined
        ? undefined
        : `dpkg had been interrupted with ${packages} packages not configured; dpkg --configure -a ${repairExit === '0' ? 'brought them to their end' : `failed with status ${repairExit}`}`,
    kept: all(answer, 'kept').flatMap(({ words }) => decoded(words[0]) || []),
  };
}

function stateReason(state: string): string {
  return isInterrupted(state)
    ? 'it is unpacked and not configured: its script failed or was interrupted'
    : 'it must be reinstalled or removed';
}

function refusalOf(refused: string, answer: Answer): string | undefined {
  const words = REFUSALS.get(refused) ?? 'it was refused';
  const extras = all(answer, 'extra').map(({ text }) =>
    text.endsWith(' -') ? `${text.slice(0, -2)} (would be removed)` : text,
  );
  const [lock] = all(answer, 'lock');
  const why = extras.length > 0 ? extras.join(', ') : lock ? lockedBy(lock.words) : classified(errorsOf(answer));
  return `${words}${why ? `: ${why}` : ''}`;
}

function failureOf(exit: number, answer: Answer): string | undefined {
  if (exit === 0 && all(answer, 'state').length === 0) return undefined;
  return `apt-get ended with status ${exit}${saidBy(answer)}`;
}

function saidBy(answer: Answer): string {
  const why = classified(errorsOf(answer));
  return why ? `: ${why}` : '';
}

/** apt ends with 100 whatever it was: what it was, only its words tell. */
const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/Could not get lock|frontend lock/i, 'the package manager was in use'],
  [/No space left|enough free space/i, 'the disk is full'],
  [
    /post-installation script|pre-installation script|pre-removal script|post-removal script|maintainer script|script subprocess/i,
    "a package's script failed",
  ],
  [/Version .* was not found/i, 'a version is not there any more'],
  [/remove is disabled/i, 'packages would have to be removed'],
  [/Held packages were changed/i, 'a held package would change'],
  [/Failed to fetch|Unable to fetch/i, 'packages could not be fetched'],
  [/unmet dependencies|Unable to correct problems|broken packages/i, 'dependencies are not met'],
  [/unauthenticated|not signed/i, 'packages are not signed'],
];

function classified(errors: readonly string[]): string {
  const found = CLASSES.find(([pattern]) => errors.some(error => pattern.test(error)));
  const last = errors.at(-1)?.replace(/^E: /, '');
  return [found?.[1], last].filter(words => words !== undefined).join(': ');
}

export function readBack(text: string): ReadBack | undefined {
  const answer = readAnswer(text);
  const journal = answer && count(only(answer, 'journal')?.[0]);
  if (answer === undefined || journal === undefined) return undefined;
  return {
    installed: installedOf(answer),
    healthy: journal === 0 && all(answer, 'state').length === 0,
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    failedUnits: failedUnitsOf(answer),
  };
}

/** Versions of what is installed whole, by name. */
function installedOf(answer: Answer): ReadonlyMap<string, string> {
  return new Map(
    all(answer, 'installed').flatMap(({ words: [name = '', status = '', version = ''] }) =>
      /^[a-z]i$/.test(status) ? [[name, version] as const] : [],
    ),
  );
}
