/** Whether the patches of a guest are in time: said from the last answer of its package manager, the terms and what rings have proven (MO-3, MO-10). */
import type { GuestUpdates, MissingUpdate } from '../../api/guestupdates.ts';
import { earliest, instant } from '../contract/condition.ts';
import {
  type ApprovalTerms,
  gravestClass,
  mendsHole,
  type Proof,
  type Standing,
  standing,
  type UpdateBucket,
} from './approve.ts';
import type { COMPLIANCE_REASONS } from './compliancereasons.ts';
import { firstSeenOf, SCAN_INTERVAL_MS } from './seen.ts';
import type { SeverityClass } from './severity.ts';

const HOUR = 3_600_000;
/** By how much the clock of the guest worker may be ahead of the operator's. */
const CLOCK_SKEW_MS = HOUR;

export type ComplianceTerms = ApprovalTerms & {
  readonly policy: { readonly kind: string; readonly name: string };
  readonly reboot: 'Never' | 'IfRequired' | 'Always';
  readonly suspendedBy: 'Provider' | 'Customer' | undefined;
};

export type PatchFacts = {
  readonly terms: ComplianceTerms;
  /** Undefined: nobody has asked the guest yet. */
  readonly updates: GuestUpdates | undefined;
  readonly proofOf: (update: MissingUpdate) => Proof;
  /** Of the last run, by package: why it did not install it. */
  readonly failures: ReadonlyMap<string, string>;
  /** When the next window opens. */
  readonly nextWindow: Date | undefined;
  /** Sentence: what the customer withholds, such as a window or his agreement (GE-4). */
  readonly withheld: string | undefined;
};

export type ComplianceReason = keyof typeof COMPLIANCE_REASONS | 'WaitingForCustomer';

export type Compliance = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: ComplianceReason;
  readonly message: string;
  readonly nextEdge: Date | undefined;
  /** Undefined where the guest's answer is none, or too old. */
  readonly counts: Counts | undefined;
};

/** How many updates are missing, by where they stand and by severity. */
export type Counts = {
  readonly missing: number;
  readonly security: number;
  readonly byBucket: ReadonlyMap<UpdateBucket, ReadonlyMap<SeverityClass, number>>;
  /** Since when the oldest of those is missing that shall be installed. */
  readonly oldest: Date | undefined;
  /** When the next of those that are not late is due. */
  readonly due: Date | undefined;
  readonly rebootPending: boolean | undefined;
};

type Judged = { readonly update: MissingUpdate; readonly stands: Standing };
type Said = Pick<Compliance, 'status' | 'reason' | 'message'>;

/** What is not known is never True: no answer, one that is too old or read only some sources, and updates of which nobody tells what they are. */
export function compliance(facts: PatchFacts, now: Date): Compliance {
  const { terms, updates } = facts;
  const silent = notUsable(facts, now);
  if (updates === undefined || silent !== undefined) {
    return { ...(silent ?? notScanned(terms)), nextEdge: undefined, counts: undefined };
  }
  const judged = updates.missing.map(update => ({ update, stands: standingIn(facts, update, now) }));
  const counts = counted(judged, updates, now);
  const said = verdict(facts, updates, judged);
  const message = [said.message, summary(facts, judged, counts), nextWords(facts)]
    .filter(part => part !== '')
    .join(' ');
  return { ...said, message, nextEdge: nextEdge(updates, judged, now), counts };
}

function standingIn({ terms, proofOf, failures }: PatchFacts, update: MissingUpdate, now: Date): Standing {
  return standing(update, { terms, proof: proofOf(update), failure: failures.get(update.package), now });
}

function notScanned({ policy }: ComplianceTerms): Said {
  const message = `Whether ${named(policy)} is kept cannot be known: the guest's package manager has not been asked yet.`;
  return { status: 'Unknown', reason: 'NotScanned', message };
}

/** An answer is believed for two intervals; one from the future is no answer. */
export function isBelieved({ at: asked }: Pick<GuestUpdates, 'at'>, now: Date): boolean {
  const at = Date.parse(asked);
  return now.getTime() - at < 2 * SCAN_INTERVAL_MS && at - now.getTime() < CLOCK_SKEW_MS;
}

function notUsable({ terms, updates }: PatchFacts, now: Date): Said | undefined {
  if (updates === undefined) return notScanned(terms);
  if (isBelieved(updates, now)) return undefined;
  return {
    status: 'Unknown',
    reason: 'ScanOutdated',
    message: `Whether ${named(terms.policy)} is kept cannot be known: the guest's package manager was asked last on ${updates.at}, and an answer is believed for ${(2 * SCAN_INTERVAL_MS) / HOUR} hours.`,
  };
}

/** The first that holds. What is known to be broken is broken, however much else is not known. */
function verdict(facts: PatchFacts, updates: GuestUpdates, judged: readonly Judged[]): Said {
  return (
    overdue(facts, judged) ??
    blocked(judged) ??
    reboot(facts, updates) ??
    failedUpdates(judged) ??
    unsure(updates, judged) ?? {
      status: 'True',
      reason: 'PatchesInTime',
      message: `The patches are as ${named(facts.terms.policy)} wants them, as of ${updates.at}.`,
    }
  );
}

function overdue({ terms, withheld }: PatchFacts, judged: readonly Judged[]): Said | undefined {
  const late = inBucket(judged, 'Overdue');
  if (late.length === 0) return undefined;
  const suspended = terms.suspendedBy === 'Customer' ? `${named(terms.policy)} is suspended.` : undefined;
  const denied = late.every(({ stands }) => stands.waitsForCustomer) ? sentence(late[0]?.stands.why ?? '') : undefined;
  const waits = withheld ?? suspended ?? denied;
  const words = `${updatesWords(late.length)} ${are(late)} overdue since ${dueSince(late)}.`;
  if (waits === undefined) return { status: 'False', reason: 'UpdatesOverdue', message: words };
  return {
    status: 'False',
    reason: 'WaitingForCustomer',
    message: `${words} It waits for the customer (GE-4): ${waits}`,
  };
}

/** What cannot be installed as it is, and is past its deadline: a person must decide. */
function blocked(judged: readonly Judged[]): Said | undefined {
  const late = inBucket(judged, 'Blocked').filter(({ stands }) => stands.late);
  const [first] = late;
  if (first === undefined) return undefined;
  const message = `${updatesWords(late.length)} ${are(late)} past the deadline and cannot be installed: of ${first.update.package}, ${first.stands.why}.`;
  return { status: 'False', reason: 'UpdatesBlocked', message };
}

/** What takes effect only at the next boot is not in force. */
function reboot({ terms }: PatchFacts, { rebootPending, at }: GuestUpdates): Said | undefined {
  if (rebootPending !== true) return undefined;
  const words = `Updates are installed that take effect at the next boot, as of ${at}.`;
  if (terms.reboot !== 'Never') return { status: 'False', reason: 'RebootPending', message: words };
  return {
    status: 'False',
    reason: 'WaitingForCustomer',
    message: `${words} It waits for the customer (GE-4), who reboots himself: ${named(terms.policy)} says reboot Never.`,
  };
}

function failedUpdates(judged: readonly Judged[]): Said | undefined {
  const failed = inBucket(judged, 'Failed');
  const [first] = failed;
  if (first === undefined) return undefined;
  const message = `${updatesWords(failed.length)} ${are(failed)} not installed although it was tried: of ${first.update.package}, ${first.stands.why}.`;
  return { status: 'False', reason: 'UpdatesFailed', message };
}

function unsure(
  { complete, rebootPending, notListed = 0, at }: GuestUpdates,
  judged: readonly Judged[],
): Said | undefined {
  if (!complete || rebootPending === undefined) {
    const what = complete ? 'whether a reboot is pending' : 'what some of its sources offer';
    return unknownBecause(
      'ScanIncomplete',
      `the guest's package manager did not say ${what} when it was asked on ${at}`,
    );
  }
  const untold = inBucket(judged, 'Unknown');
  if (untold.length > 0) {
    return unknownBecause(
      'UpdatesUnknown',
      `of ${updatesWords(untold.length)} no source tells whether a hole is mended`,
    );
  }
  return notListed === 0
    ? undefined
    : unknownBecause('UpdatesUnknown', `${notListed} more updates are missing than are listed`);
}

function unknownBecause(reason: ComplianceReason, why: string): Said {
  return { status: 'Unknown', reason, message: `Whether the patches are in time cannot be known: ${why}.` };
}

function counted(judged: readonly Judged[], { rebootPending }: GuestUpdates, now: Date): Counts {
  const byBucket = new Map<UpdateBucket, Map<SeverityClass, number>>();
  for (const { update, stands } of judged) {
    const classes = byBucket.get(stands.bucket) ?? new Map<SeverityClass, number>();
    const severity = gravestClass(update);
    byBucket.set(stands.bucket, classes.set(severity, (classes.get(severity) ?? 0) + 1));
  }
  return {
    missing: judged.length,
    security: judged.filter(({ update }) => mendsHole(update)).length,
    byBucket,
    oldest: earliest(...owed(judged).map(({ update }) => new Date(firstSeenOf(update)))),
    due: earliest(...judged.map(({ stands: { due } }) => (due !== undefined && due > now ? due : undefined))),
    rebootPending,
  };
}

/** Those that shall be installed some day. */
function owed(judged: readonly Judged[]): readonly Judged[] {
  return judged.filter(({ stands }) => stands.due !== undefined);
}

/** `2 security updates and 1 other missing, oldest since …, due … (PatchPolicy tuesday-night: Important within 7 days); 1 excluded.` */
function summary({ terms }: PatchFacts, judged: readonly Judged[], { missing, security, oldest }: Counts): string {
  if (missing === 0) return 'No update is missing.';
  const kinds = missingWords(missing, security);
  const next = owed(judged).toSorted((a, b) => timeOf(a) - timeOf(b))[0];
  const due =
    next?.stands.due === undefined
      ? ''
      : `, due ${instant(next.stands.due)} (${named(terms.policy)}: ${gravestClass(next.update)} within ${span(terms.deadlines[gravestClass(next.update)])})`;
  const since = oldest === undefined ? '' : `, oldest since ${instant(oldest)}`;
  return [`${kinds} missing${since}${due}`, ...bucketWords(judged)].join('; ').concat('.');
}

/** `2 security updates and 1 other update`: at least one is missing. */
export function missingWords(missing: number, security: number): string {
  return [
    ...(security > 0 ? [`${security} security ${security === 1 ? 'update' : 'updates'}`] : []),
    ...(missing > security ? [`${missing - security} other ${missing - security === 1 ? 'update' : 'updates'}`] : []),
  ].join(' and ');
}

const BUCKET_WORDS: Readonly<Record<UpdateBucket, string>> = {
  Overdue: 'overdue',
  Failed: 'failed',
  Unknown: 'not known',
  Blocked: 'blocked',
  InSLA: 'approved and in time',
  NotYetApproved: 'not approved yet',
  Excluded: 'excluded',
};

function bucketWords(judged: readonly Judged[]): readonly string[] {
  return Object.entries(BUCKET_WORDS).flatMap(([bucket, words]) => {
    const { length } = inBucket(judged, bucket);
    return length === 0 ? [] : [`${length} ${words}`];
  });
}

function nextWords({ nextWindow, terms }: PatchFacts): string {
  if (terms.suspendedBy !== undefined) return `Suspended by the ${terms.suspendedBy.toLowerCase()}.`;
  return nextWindow === undefined ? 'No window opens any more.' : `Next window ${instant(nextWindow)}.`;
}

/** When time alone changes what is said. */
function nextEdge({ at }: GuestUpdates, judged: readonly Judged[], now: Date): Date | undefined {
  const tooOld = new Date(Date.parse(at) + 2 * SCAN_INTERVAL_MS);
  const times = judged.flatMap(({ stands: { due, approvedFrom } }) => [due, approvedFrom]);
  return earliest(tooOld, ...times.filter(time => time !== undefined && time > now));
}

function inBucket(judged: readonly Judged[], bucket: string): readonly Judged[] {
  return judged.filter(({ stands }) => stands.bucket === bucket);
}

function dueSince(late: readonly Judged[]): string {
  const first = earliest(...late.map(({ stands }) => stands.due));
  return first === undefined ? 'an unknown time' : instant(first);
}

function timeOf({ stands: { due } }: Judged): number {
  return due?.getTime() ?? 0;
}

function named({ kind, name }: ComplianceTerms['policy']): string {
  return `${kind} ${name}`;
}

function updatesWords(number: number): string {
  return `${number} ${number === 1 ? 'update' : 'updates'}`;
}

function are({ length }: readonly unknown[]): string {
  return length === 1 ? 'is' : 'are';
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function span(ms: number): string {
  const hours = ms / HOUR;
  return hours % 24 === 0
    ? `${hours / 24} ${hours === 24 ? 'day' : 'days'}`
    : `${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}
