/** What is remembered of a guest's updates from one question to the next: since when each is missing. */
import {
  GuestUpdates,
  LISTED_UPDATES,
  type MissingUpdate,
  type OfferedVersion,
  PackageWord,
  REMEMBERED_VERSIONS,
} from '../../api/guestupdates.ts';
import { instant } from '../contract/condition.ts';
import { classOf, graver, gravest } from './severity.ts';
import type { Advisory, Scan, Severity, Update } from './update.ts';

/** How often a guest's package manager is asked. The operator believes an answer for twice as long. */
export const SCAN_INTERVAL_MS = 24 * 3_600_000;

const Missing = GuestUpdates.shape.missing.element;

/**
 * What GuestState records of a scan. `before` is what it recorded last, out of which each update keeps the instant at which it was first seen: no
 * newer version of a package, no corrected advisory and no scan that read only some sources resets it. The gravest and oldest are listed; whatever does not follow the schema is counted and not listed.
 */
export function recordedUpdates(scan: Scan, before: GuestUpdates | undefined): GuestUpdates {
  const known = new Map(before?.missing.map(each => [nameOf(each), each]));
  const found = scan.updates.map(update => missing(update, knownOf(update, known), scan.at));
  const listable = found.filter(each => Missing.safeParse(each).success);
  const named = new Map([...(scan.complete ? [] : known), ...listable.map(each => [nameOf(each), each] as const)]);
  const listed = [...named.values()].sort(byGravity).slice(0, LISTED_UPDATES);
  const notListed = found.length - listable.length + named.size - listed.length;
  return {
    at: instant(scan.at),
    system: systemOf(scan.system),
    complete: scan.complete,
    ...(scan.rebootPending !== undefined && { rebootPending: scan.rebootPending }),
    count: counted(scan.updates),
    missing: listed,
    ...(notListed > 0 && { notListed }),
  };
}

/** Whether it is worth a write: it says something else, or what it says is about to be too old to be believed. */
export function isNews(before: GuestUpdates | undefined, after: GuestUpdates): boolean {
  if (before === undefined || Date.parse(after.at) - Date.parse(before.at) >= SCAN_INTERVAL_MS) return true;
  return JSON.stringify({ ...before, at: '' }) !== JSON.stringify({ ...after, at: '' });
}

/** What tells a package of one architecture from all others; no name of either has a space. */
export function nameOf({ package: name, architecture }: Pick<MissingUpdate, 'package' | 'architecture'>): string {
  return `${name} ${architecture}`;
}

/** What was known of it, and of what it replaces: a hole is as old as the first update that would have mended it. */
function knownOf(
  update: Update,
  known: ReadonlyMap<string, MissingUpdate>,
): Pick<MissingUpdate, 'versions'> | undefined {
  const itself = known.get(nameOf(update));
  const replaced = new Set(update.replaces);
  const isReplaced = ({ versions }: MissingUpdate) =>
    versions.some(each => replaced.has(each.version.split('.')[0] ?? ''));
  const others = replaced.size === 0 ? [] : [...known.values()].filter(each => each !== itself && isReplaced(each));
  if (others.length === 0) return itself;
  const versions = [...others, ...(itself ? [itself] : [])].flatMap(each => each.versions);
  return { versions: versions.toSorted((a, b) => compare(a.firstSeen, b.firstSeen)) };
}

function missing(update: Update, known: Pick<MissingUpdate, 'versions'> | undefined, at: Date): MissingUpdate {
  const { package: name, architecture, from, origins, hindrance } = update;
  const [origin] = origins;
  return {
    package: name,
    architecture,
    ...(from !== undefined && { from }),
    ...(origin !== undefined && { origin }),
    ...(hindrance !== undefined && { hindrance }),
    versions: within(withVersion(notInstalled(known, from), offered(update, at))),
  };
}

/** Versions that were offered before and are still not installed. Where it cannot be told which of them are, it is all of them. */
function notInstalled(
  known: Pick<MissingUpdate, 'versions'> | undefined,
  from: string | undefined,
): readonly OfferedVersion[] {
  const versions = known?.versions ?? [];
  return versions.slice(versions.findIndex(({ version }) => version === from) + 1);
}

/** A version that was offered before is as old as it was then, and no less grave; what came after it was withdrawn. */
function withVersion(before: readonly OfferedVersion[], now: OfferedVersion): readonly OfferedVersion[] {
  const position = before.findIndex(({ version }) => version === now.version);
  const known = before[position];
  if (known === undefined) return [...before, now];
  return [...before.slice(0, position), together(known, now)];
}

function within(versions: readonly OfferedVersion[]): OfferedVersion[] {
  const [first, second, ...others] = versions;
  if (first === undefined || second === undefined || versions.length <= REMEMBERED_VERSIONS) return [...versions];
  return within([asOne(first, second), ...others]);
}

/** Two versions of which the holes of either are open: since the older one, and by the sterner class. */
function asOne(older: OfferedVersion, newer: OfferedVersion): OfferedVersion {
  const both = [older, newer];
  const sternest = both.find(each => classOf(each) === 'Critical');
  const { security: _, ...one } = together(older, newer);
  const security =
    both.some(each => each.security) || (both.some(each => each.security === undefined) ? undefined : false);
  return {
    ...one,
    version: newer.version,
    ...(security !== undefined && { security }),
    severity: sternest?.severity ?? one.severity,
  };
}

/** A version as it was known, with what is told of it now: a rating may come later, and is never taken back. */
function together(older: OfferedVersion, newer: OfferedVersion): OfferedVersion {
  const security = older.security === true || newer.security === true ? true : (newer.security ?? older.security);
  const advisory = older.advisory ?? newer.advisory;
  return {
    version: older.version,
    firstSeen: older.firstSeen,
    ...(security !== undefined && { security }),
    severity: gravest([older.severity, newer.severity]),
    ...(advisory !== undefined && { advisory }),
  };
}

function offered({ to, security, severity, advisories }: Update, at: Date): OfferedVersion {
  const advisory = oldest(advisories, at);
  return {
    version: to,
    firstSeen: instant(at),
    ...(security !== undefined && { security }),
    severity,
    ...(advisory !== undefined && { advisory }),
  };
}

/** An advisory from the future would keep an update from ever being due, so its date is left out. */
function oldest(advisories: readonly Advisory[], at: Date): OfferedVersion['advisory'] {
  const timeOf = ({ issued }: Advisory) => (issued === undefined ? Number.NaN : Date.parse(issued));
  const isKnown = (time: number) => time <= at.getTime() && time > 0;
  const age = (advisory: Advisory) => (isKnown(timeOf(advisory)) ? timeOf(advisory) : Number.MAX_SAFE_INTEGER);
  const [first] = advisories.toSorted((a, b) => age(a) - age(b));
  if (first === undefined) return undefined;
  return { id: first.id, ...(isKnown(timeOf(first)) && { issued: instant(new Date(timeOf(first))) }) };
}

function systemOf(system: Scan['system']): GuestUpdates['system'] {
  const word = (text: string) => PackageWord(40).safeParse(text).data;
  const [version, codename] = [word(system.version), word(system.codename)];
  return { id: word(system.id) ?? 'unknown', ...(version && { version }), ...(codename && { codename }) };
}

function counted(updates: readonly Update[]): GuestUpdates['count'] {
  const of = (severity: Severity) => updates.filter(update => update.severity === severity).length;
  return {
    Critical: of('Critical'),
    Important: of('Important'),
    Moderate: of('Moderate'),
    Low: of('Low'),
    Unknown: of('Unknown'),
  };
}

/** Updates for security first, then the graver, then the older; names settle the rest, so that the same scan is the same record. */
function byGravity(a: MissingUpdate, b: MissingUpdate): number {
  return (
    Number(mendsHole(b)) - Number(mendsHole(a)) ||
    graver(severityOf(a), severityOf(b)) ||
    compare(firstSeenOf(a), firstSeenOf(b)) ||
    compare(nameOf(a), nameOf(b))
  );
}

/** Whether any version that is not installed mends a hole; where no source tells, it may. */
function mendsHole({ versions }: MissingUpdate): boolean {
  return versions.some(({ security }) => security !== false);
}

/** The gravest of all versions that are not installed: a newer and harmless one does not mend the hole of one before. */
export function severityOf({ versions }: MissingUpdate): Severity {
  return gravest(versions.map(({ severity }) => severity));
}

/** Since when the package is behind. */
export function firstSeenOf({ versions }: MissingUpdate): string {
  return versions[0]?.firstSeen ?? '';
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
