/** What dnf and zypper have in common: reading of answers about rpm's database. */
import type { ReadBack } from '../../domain/patching/runstatus.ts';
import { GRAVEST_FIRST, gravest } from '../../domain/patching/severity.ts';
import type { Advisory, Severity, Update } from '../../domain/patching/update.ts';
import { type Answer, all, answered, count, decoded, errorsOf, only, readAnswer, systemOf } from './answer.ts';
import type { Install, Preflight } from './family.ts';
import { pinsIn } from './pins.ts';
import { failedUnitsOf, tooManyFailed } from './services.ts';
import { sourcesRead, unreadSources } from './sources.ts';
import { tooLittleSpace } from './space.ts';

/** As Red Hat and SUSE write it; anything else is not known. */
export function severityOf(word: string): Severity {
  return GRAVEST_FIRST.find(severity => severity.toLowerCase() === word.toLowerCase()) ?? 'Unknown';
}

/** An advisory about a package, and whether it is for security. */
export type About = { readonly advisory: Advisory; readonly security: boolean };

/** An update as both say it: name, architecture, installed version, version to have, repository. */
export function readUpdate(
  words: readonly string[],
  tells: ReadonlySet<string>,
  about: readonly About[],
): Update | undefined {
  const [name = '', architecture = '', from = '', to = '', repository = '', ...more] = words;
  if (more.length > 0 || [name, architecture, from, to, repository].includes('')) return undefined;
  const known = tells.has(repository) || about.length > 0;
  return {
    ...{ package: name, architecture, from: from === '-' ? undefined : from, to, origins: [repository] },
    // A repository without any advisory does not say that nothing is for security.
    security: known ? about.some(({ security }) => security) : undefined,
    severity: gravest(about.map(({ advisory }) => advisory.severity)),
    advisories: about.map(({ advisory }) => advisory),
  };
}

/** Whether all was read that the scan rests on. */
export function isComplete(answer: Answer): boolean {
  const read = ['unsolved', 'unread'].every(kind => all(answer, kind).length === 0);
  return read && count(only(answer, 'more')?.[0]) === 0 && sourcesRead(answer);
}

/** `further`: what only this package manager may find in the way. */
export function readPreflight(text: string, further: (answer: Answer) => readonly string[]): Preflight | undefined {
  const answer = readAnswer(text);
  const download = answer && count(only(answer, 'download')?.[0]);
  if (answer === undefined || systemOf(answer) === undefined || download === undefined) return undefined;
  const updaters = all(answer, 'updater').map(
    ({ words }) => `The guest's own updater is on: ${words[0]?.slice(0, 60)}.`,
  );
  const locks = all(answer, 'lock');
  // While another is at it, old and new stand side by side.
  const twice = locks.length > 0 ? [] : all(answer, 'state').map(({ text: name }) => name.slice(0, 60));
  const blockers = [
    ...unreadSources(answer),
    ...tooLittleSpace(answer, download),
    ...tooManyFailed(answer),
    ...(twice.length > 0
      ? [`The package database is broken: ${twice.slice(0, 5).join(', ')} stands in it twice.`]
      : []),
    ...(all(answer, 'unread').length > 0 ? ['The package database cannot be read.'] : []),
    ...locks.map(
      ({ words: [, pid, name] }) => `The package manager is in use by process ${pid} (${decoded(name) ?? '?'}).`,
    ),
    ...updaters,
    ...further(answer),
  ];
  return {
    blockers,
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    failedUnits: failedUnitsOf(answer),
  };
}

const REFUSALS = new Map([
  ['Locked', 'the package manager was in use'],
  ['Broken', 'the package database is broken'],
  ['Unreadable', 'what the sources have could not be asked'],
  ['Unsolvable', 'the versions cannot be installed together'],
  ['Others', 'packages would change that are not approved'],
  ['Unmet', 'the guest has neither dnf 4 nor dnf 5'],
]);

/** `meaning`: what an exit status of the package manager means; undefined: all went well. */
export function readInstall(
  text: string,
  exitCode: number,
  meaning: (exit: number) => string | undefined,
): Install | undefined {
  const answer = readAnswer(text);
  if (answer === undefined || exitCode !== 0) return undefined;
  const refused = only(answer, 'refused')?.[0];
  const exit = count(only(answer, 'exit')?.[0]);
  if ((refused === undefined) === (exit === undefined)) return undefined;
  return {
    failure: refused === undefined ? failureOf(exit ?? 0, answer, meaning) : refusalOf(refused, answer),
    ...pinsIn(answer, installedOf(answer)),
    repaired: undefined,
    kept: all(answer, 'kept').flatMap(({ words }) => decoded(words[0]) || []),
  };
}

function refusalOf(refused: string, answer: Answer): string {
  const extras = all(answer, 'extra').map(({ text }) =>
    text.endsWith(' -') ? `${text.slice(0, -2)} (would be removed)` : text,
  );
  const [lock] = all(answer, 'lock');
  const holder = lock && `process ${lock.words[1]} (${decoded(lock.words[2]) ?? '?'})`;
  const why = extras.length > 0 ? extras.join(', ') : (holder ?? classified(errorsOf(answer)));
  return `${REFUSALS.get(refused) ?? 'it was refused'}${why ? `: ${why}` : ''}`;
}

function failureOf(exit: number, answer: Answer, meaning: (exit: number) => string | undefined): string | undefined {
  const errors = errorsOf(answer);
  // A script that fails is no error to rpm: the package counts as installed.
  const scripts = errors.some(error => /scriptlet failed/.test(error));
  const meant = meaning(exit);
  if (meant === undefined && !scripts && all(answer, 'state').length === 0) return undefined;
  const why = classified(errors);
  return [meant, why].filter(Boolean).join(': ') || `it ended with status ${exit}`;
}

const CLASSES: readonly (readonly [RegExp, string])[] = [
  [/scriptlet failed/i, "a package's script failed"],
  [/No space left|at least .* more space|more space needed/i, 'the disk is full'],
  [/locked by|waiting for (process|a lock)|lock is held|transaction lock/i, 'the package manager was in use'],
  [
    /No provider of|not found in package names|No match for argument|No packages marked|matches only (packages )?excluded/i,
    'a version is not there any more',
  ],
  [/GPG|signature|OpenPGP/i, 'packages are not signed by a key that the guest trusts'],
  [/Failed to download|cannot (be )?(download|access)|Curl error|File .* not found/i, 'packages could not be fetched'],
  [/nothing provides|requires|conflict|problem/i, 'dependencies are not met'],
];

function classified(errors: readonly string[]): string {
  const found = CLASSES.find(([pattern]) => errors.some(error => pattern.test(error)));
  const words = found && errors.find(error => found[0].test(error));
  return [found?.[1], words ?? errors.at(-1)].filter(each => each !== undefined).join(': ');
}

export function readBack(text: string): ReadBack | undefined {
  const answer = readAnswer(text);
  if (answer === undefined) return undefined;
  return {
    installed: installedOf(answer),
    healthy: all(answer, 'unread').length > 0 ? undefined : all(answer, 'state').length === 0,
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    failedUnits: failedUnitsOf(answer),
  };
}

function installedOf(answer: Answer): ReadonlyMap<string, string> {
  return new Map(
    all(answer, 'installed').flatMap(({ words: [name = '', version = ''] }) =>
      version === '-' || version === '' ? [] : [[name, version] as const],
    ),
  );
}
