import type { ReadBack } from '../../domain/patching/runstatus.ts';
import { GRAVEST_FIRST } from '../../domain/patching/severity.ts';
import type { Scan, Severity, Update } from '../../domain/patching/update.ts';
import { type Answer, all, answered, count, decoded, only, readAnswer, systemOf } from './answer.ts';
import type { Install, PackageFamily, Pin, Preflight } from './family.ts';
import { failedUnitsOf, tooManyFailed } from './services.ts';
import { CLASSIFICATIONS, hresultOf, meaningOfHresult, operationResult, shortcoming } from './windowsresults.ts';
import {
  WINDOWS_INSTALL,
  WINDOWS_PREFLIGHT,
  WINDOWS_READ_BACK,
  WINDOWS_REBOOT,
  WINDOWS_SCAN,
} from './windowsupdatescripts.ts';

/**
 * Windows Server, by the Windows Update Agent (COM, wuapi.h) in a task of SYSTEM. A package is a KB, or an update without one; its version is the
 * update's id and revision, which no other has. Read against Microsoft's documentation: it has met no Windows yet (ADR 0159).
 */
export const windowsUpdate: PackageFamily = {
  scanScript: () => WINDOWS_SCAN,
  readScan,
  preflightScript: () => WINDOWS_PREFLIGHT,
  readPreflight,
  // Nothing brings another update along.
  installScript: pins =>
    withPins(
      pins.filter(({ comesAlong }) => comesAlong !== true),
      WINDOWS_INSTALL,
    ),
  readInstall,
  readBackScript: pins => withPins(pins, WINDOWS_READ_BACK),
  readBack,
  rebootScript: () => WINDOWS_REBOOT,
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What differs between two scripts is data in their first line, never code. */
function withPins(pins: readonly Pin[], script: string): string {
  const data = Buffer.from(JSON.stringify({ pins: pins.map(identified) })).toString('base64');
  return `$data = ConvertFrom-Json ([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${data}')))\n${script}`;
}

function identified({ package: name, version }: Pin): { name: string; id: string; revision: number } {
  const [, id = '', revision = ''] = /^([0-9a-f-]{36})\.(\d{1,9})$/.exec(version) ?? [];
  if (!UUID.test(id) || !/^[A-Za-z0-9-]{1,64}$/.test(name))
    throw new RangeError('an update of Windows is named by a KB or an id, and its version is its id and revision');
  return { name, id, revision: Number(revision) };
}

export function readScan(text: string, at: Date): Scan | undefined {
  const answer = readAnswer(text);
  const system = answer && systemOf(answer);
  if (answer === undefined || system === undefined) return undefined;
  const found = all(answer, 'update').map(({ words }) => readUpdate(words, answer));
  if (!found.every(update => update !== undefined)) return undefined;
  const updates = found.filter(update => update !== 'Left');
  return {
    ...{ at, system, updates: onePerName(updates) },
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    complete: sourceRead(answer),
  };
}

/** A search that succeeded with errors has left something out. */
function sourceRead(answer: Answer): boolean {
  const [result, warnings] = only(answer, 'search') ?? [];
  const whole = operationResult(result) === 'Succeeded' && count(warnings) === 0;
  return whole && count(only(answer, 'more')?.[0]) === 0 && all(answer, 'failed').length === 0;
}

/** `Left`: no patch of what there is, but another release of the system (GE-11), a driver, or a preview that nobody is offered by himself. */
function readUpdate(words: readonly string[], answer: Answer): Update | 'Left' | undefined {
  const [index, idWord = '', revision, articles = '', severityWord = '', categories = '', changed = '', ...flags] =
    words;
  const id = idWord.toLowerCase();
  const [eula, hidden, asks, browse, ...more] = flags.map(answered);
  const told = [eula, hidden, asks, browse].every(flag => flag !== undefined) && more.length === 0;
  const articleWords = listed(articles);
  if (!UUID.test(id) || count(revision) === undefined || count(index) === undefined || !told) return undefined;
  if (!articleWords.every(article => /^\d{1,10}$/.test(article)) || !/^(?:-|\d{4}-\d\d-\d\d)$/.test(changed))
    return undefined;
  const classes = listed(categories).flatMap(category => CLASSIFICATIONS.get(category.toLowerCase()) ?? []);
  if (browse === true || classes.some(each => each === 'Upgrade' || each === 'Driver')) return 'Left';
  const severity = severityOf(severityWord);
  const [article] = articleWords.toSorted();
  const name = article === undefined ? id : `KB${article}`;
  const hindrance = hindranceOf({ eula, hidden, asks }, answered(only(answer, 'first')?.[0]));
  return {
    ...{ package: name, architecture: 'all', from: undefined, to: `${id}.${revision}`, severity },
    origins: [answered(only(answer, 'managed')?.[0]) === true ? 'WSUS' : 'MicrosoftUpdate'],
    security: isSecurity(classes, severity),
    advisories: [{ id: name, severity, ...(changed !== '-' && { issued: `${changed}T00:00:00Z` }) }],
    replaces: replacedBy(index, answer),
    ...(hindrance !== undefined && { hindrance }),
  };
}

function hindranceOf(
  { eula, hidden, asks }: Readonly<Record<'eula' | 'hidden' | 'asks', boolean | undefined>>,
  restartFirst: boolean | undefined,
): Update['hindrance'] {
  if (eula !== true) return 'NeedsLicence';
  if (hidden !== false) return 'Held';
  if (asks !== false) return 'Interactive';
  return restartFirst === true ? 'RestartFirst' : undefined;
}

/** What Microsoft rates mends a hole, whatever its class; of a class that nobody knows nothing is known. */
function isSecurity(classes: readonly string[], severity: Severity): boolean | undefined {
  if (severity !== 'Unknown' || classes.includes('Security')) return true;
  return classes.length === 0 ? undefined : false;
}

function severityOf(word: string): Severity {
  return GRAVEST_FIRST.find(severity => severity === word) ?? 'Unknown';
}

/** The ids of updates that it makes needless. */
function replacedBy(index: string | undefined, answer: Answer): readonly string[] {
  return all(answer, 'replaces').flatMap(({ words: [of, ...ids] }) =>
    of === index ? ids.map(id => id.toLowerCase()).filter(id => UUID.test(id)) : [],
  );
}

function listed(word: string): readonly string[] {
  return word === '-' || word === '' ? [] : word.split(',');
}

/** Two updates of one KB are taken one after the other, in the order of their ids: the KB stays missing until both are there. */
function onePerName(updates: readonly Update[]): readonly Update[] {
  const byName = new Map<string, Update>();
  for (const update of updates) {
    const other = byName.get(update.package);
    if (other === undefined || update.to < other.to) byName.set(update.package, update);
  }
  return [...byName.values()];
}

/** MiB of the system's disk that must be free. Windows tells sizes of every form in which an update is to be had, so that their sum says nothing. */
const LEAST_FREE_MIB = 5 * 1024;

const SERVICES: ReadonlyMap<string, string> = new Map([
  ['wuauserv', 'The Windows Update service'],
  ['TrustedInstaller', 'The installer of Windows modules'],
]);

export function readPreflight(text: string): Preflight | undefined {
  const answer = readAnswer(text);
  if (answer === undefined || systemOf(answer) === undefined) return undefined;
  const rebootPending = answered(only(answer, 'reboot')?.[0]);
  const [failure] = failuresOf(answer);
  if (failure !== undefined) return { blockers: [`Windows Update could not be asked: ${failure}.`], rebootPending };
  const free = count(only(answer, 'free')?.[0]);
  const [busy, updater] = ['busy', 'updater'].map(kind => answered(only(answer, kind)?.[0]));
  if (free === undefined || busy === undefined || updater === undefined) return undefined;
  const modes = new Map(all(answer, 'service').map(({ words: [name = '', mode = ''] }) => [name, mode]));
  if (![...SERVICES.keys()].every(name => modes.has(name))) return undefined;
  const blockers = [
    ...(free < LEAST_FREE_MIB ? [`The system's disk has ${free} MiB free, and ${LEAST_FREE_MIB} MiB are needed.`] : []),
    ...[...SERVICES].flatMap(([name, what]) => {
      const mode = modes.get(name);
      return mode === 'Auto' || mode === 'Manual' ? [] : [`${what} is ${mode === '-' ? 'not there' : 'disabled'}.`];
    }),
    ...(busy ? ['Another installation of updates is under way.'] : []),
    ...tooManyFailed(answer),
    ...(updater ? ["The guest's own updater is on: Windows Update (NoAutoUpdate is not 1)."] : []),
  ];
  return { blockers, rebootPending, failedUnits: failedUnitsOf(answer) };
}

/** What failed as a whole, by its number; the guest's own words only where nobody has documented that. */
function failuresOf(answer: Answer): readonly string[] {
  return all(answer, 'failed').map(({ words: [code, text] }) => {
    const hresult = hresultOf(code);
    if (hresult === undefined) return 'it did not say why';
    const meaning = meaningOfHresult(hresult);
    const said = decoded(text)?.replace(/^\? /, '');
    return meaning.startsWith('error ') && said ? `${meaning}: ${said}` : meaning;
  });
}

const REFUSALS = new Map([
  ['Busy', 'another installation of updates was under way'],
  ['Restart', 'a restart has to come first'],
]);

const PIN_REASONS = new Map([
  ['gone', 'the source does not have this version any more'],
  ['licence', 'its licence terms are not accepted, and Steward accepts none'],
  ['asks', 'it asks a person'],
  ['restart', 'a restart has to come first'],
  ['installed', undefined],
]);

export function readInstall(text: string, exitCode: number): Install | undefined {
  const answer = readAnswer(text);
  if (answer === undefined || exitCode !== 0) return undefined;
  const refused = only(answer, 'refused')?.[0];
  const [failure] = failuresOf(answer);
  const done = only(answer, 'done') !== undefined;
  if ([refused !== undefined, failure !== undefined, done].filter(Boolean).length !== 1) return undefined;
  const states = all(answer, 'pin').map(({ words: [name = '', state = ''] }) => ({ name, state }));
  const results = ['download', 'install'].flatMap(kind => all(answer, kind).map(({ words }) => resultOf(words)));
  if (!states.every(({ state }) => PIN_REASONS.has(state)) || !results.every(result => result !== undefined))
    return undefined;
  const reasons = new Map<string, string>();
  for (const { name, why } of [...states.map(({ name, state }) => ({ name, why: PIN_REASONS.get(state) })), ...results])
    if (why !== undefined) reasons.set(name, why);
  const short = results.filter(({ why }) => why !== undefined).length;
  const waiting = states.some(({ state }) => state === 'restart');
  return {
    failure:
      (refused === undefined ? failure : (REFUSALS.get(refused) ?? 'it was refused')) ??
      (short > 0 ? `${short} of ${results.length} updates were not installed whole` : undefined) ??
      (waiting ? 'a restart has to come before the rest' : undefined),
    // Exactly what is asked for is there to be installed, or is not: Windows compares no versions.
    ...{ reasons, newer: new Set<string>(), brought: new Map<string, string>(), repaired: undefined, kept: [] },
  };
}

/** `NAME result HRESULT …` */
function resultOf([name = '', code, hresultWord]: readonly string[]):
  | { name: string; why: string | undefined }
  | undefined {
  const [result, hresult] = [operationResult(code), hresultOf(hresultWord)];
  return result === undefined || hresult === undefined ? undefined : { name, why: shortcoming(result, hresult) };
}

type Found = { readonly installed: boolean | undefined; readonly restart: boolean | undefined };

/** By what the guest knows as installed; by its history where it does not know the update any more, or waits for a restart with it. */
export function readBack(text: string): ReadBack | undefined {
  const answer = readAnswer(text);
  if (answer === undefined || failuresOf(answer).length > 0) return undefined;
  const found = new Map<string, Found>(
    all(answer, 'found').map(({ words: [name = '', installed, restart] }) => [
      name,
      { installed: answered(installed), restart: answered(restart) },
    ]),
  );
  const succeeded = new Set(
    all(answer, 'history').flatMap(({ words: [name = '', operation, code] }) =>
      operation === '1' && operationResult(code) === 'Succeeded' ? [name] : [],
    ),
  );
  const isThere = (name: string): boolean => {
    const seen = found.get(name);
    if (seen === undefined) return succeeded.has(name);
    return seen.installed === true || (seen.restart === true && succeeded.has(name));
  };
  const versions = new Map(all(answer, 'pin').map(({ words: [name = '', version = ''] }) => [name, version]));
  return {
    installed: new Map([...versions].filter(([name]) => isThere(name))),
    // Nothing that can be asked within a run says whether the component store is whole.
    healthy: undefined,
    rebootPending: answered(only(answer, 'reboot')?.[0]),
    failedUnits: failedUnitsOf(answer),
  };
}
