/** What is approved, and how each missing update stands by the terms of its VM (MO-10, MO-11). */
import type { MissingUpdate, OfferedVersion } from '../../api/guestupdates.ts';
import { earliest, instant } from '../contract/condition.ts';
import { classOf, isUnrated, type SeverityClass } from './severity.ts';
import type { Severity } from './update.ts';

/** Where an update stands. A VM stands where the worst of its updates does: Compliant with none, PendingReboot where one waits for the next boot. */
export const BUCKETS = [
  'Overdue',
  'PendingReboot',
  'Failed',
  'Unknown',
  'Blocked',
  'InSLA',
  'NotYetApproved',
  'Excluded',
  'Compliant',
] as const;
export type Bucket = (typeof BUCKETS)[number];
export type UpdateBucket = Exclude<Bucket, 'Compliant' | 'PendingReboot'>;

/** Milliseconds by how grave the vendor calls an update. */
type BySeverity = Readonly<Record<SeverityClass, number>>;
type By = { readonly by: 'Provider' | 'Customer' };

/** What decides about one update: part of PatchTerms, and of what a PatchRun has frozen of them. */
export type ApprovalTerms = {
  readonly updates: 'Security' | 'All';
  readonly severities: readonly Severity[] | undefined;
  readonly minimumAge: BySeverity;
  readonly deadlines: BySeverity;
  readonly allow: readonly (readonly string[])[];
  readonly deny: readonly (By & { readonly pattern: string })[];
  readonly exclude: readonly (By & { readonly package: string; readonly reason: string; readonly until: Date })[];
};

/** What the rings before have proven of a package: nothing newer than what is installed, or a version. `NotNeeded`: it is the first ring. */
export type Proof = 'NotNeeded' | RingProof;
export type RingProof = {
  readonly ring: string;
  readonly version: string | undefined;
  /** It is known to be missing only since after the run was made, which carries what was proven of what was missing then. */
  readonly tooLate?: boolean;
};

export type Asked = {
  readonly terms: ApprovalTerms;
  readonly proof: Proof;
  /** Why the last run did not install the version that is to be had; undefined: it did not try, or it did. */
  readonly failure: string | undefined;
  readonly now: Date;
};

export type Standing = {
  readonly bucket: UpdateBucket;
  /** Part of a sentence: why it stands there. */
  readonly why: string;
  /** The version that may be installed now; undefined: none. */
  readonly install: string | undefined;
  /** When time alone lets it be installed. */
  readonly approvedFrom: Date | undefined;
  /** When it is overdue; undefined: never, as it stands. */
  readonly due: Date | undefined;
  /** Its deadline has passed, for whatever reason. */
  readonly late: boolean;
  /** The provider can do nothing before the customer decides otherwise (GE-4). */
  readonly waitsForCustomer: boolean;
};

/** What keeps an update from being installed now, or makes that doubtful. */
type Hindrance = {
  readonly bucket: UpdateBucket;
  readonly why: string;
  /** Of which updates it puts no deadline off: what the policy leaves out nobody promised, unless a hole stays open by it. */
  readonly due: 'Always' | 'OfHoles' | 'Never';
  readonly by?: By['by'];
  /** When time ends it. */
  readonly from?: Date;
};

/**
 * How an update stands. Its clock is when it was first seen: an advisory is dated before that, or is corrected later, and a correction resets
 * nothing. A hole that stays open is overdue after its deadline whoever did not approve it; only an exclusion, with its reason and its end, excepts it.
 */
export function standing(update: MissingUpdate, asked: Asked): Standing {
  const { terms, proof, now } = asked;
  const hindrance = hindranceOf(update, asked);
  const due = isPromised(update, hindrance) ? after(update, terms.deadlines) : undefined;
  const late = due !== undefined && now >= due;
  const mayBecomeLate = hindrance?.bucket !== 'Unknown' && hindrance?.bucket !== 'Blocked';
  const bucket = late && mayBecomeLate ? 'Overdue' : (hindrance?.bucket ?? 'InSLA');
  return {
    bucket,
    why: hindrance?.why ?? 'it is approved',
    install: isInstallable(hindrance) ? versionToHave(update, proof) : undefined,
    approvedFrom: hindrance?.from,
    due,
    late,
    waitsForCustomer: late && hindrance?.by === 'Customer',
  };
}

/** The first that applies. */
function hindranceOf(update: MissingUpdate, { terms, proof, failure, now }: Asked): Hindrance | undefined {
  return (
    excluded(update, terms, now) ??
    blocked(update) ??
    untold(update, terms) ??
    notSelected(update, terms) ??
    tooYoung(update, terms, now) ??
    unproven(proof) ??
    failed(failure)
  );
}

function isPromised(update: MissingUpdate, { due }: Pick<Hindrance, 'due'> = { due: 'Always' }): boolean {
  return due === 'Always' || (due === 'OfHoles' && mayMendHole(update));
}

/** What failed is tried again in the next window. */
function isInstallable(hindrance: Hindrance | undefined): boolean {
  return hindrance === undefined || hindrance.bucket === 'Failed';
}

function excluded({ package: name }: MissingUpdate, { exclude }: ApprovalTerms, now: Date): Hindrance | undefined {
  const found = exclusionOf(name, exclude, now);
  return (
    found && {
      bucket: 'Excluded',
      why: `it is excluded until ${instant(found.until)}: ${found.reason}`,
      due: 'Never',
      by: found.by,
      from: found.until,
    }
  );
}

const BLOCKED: Readonly<Record<NonNullable<MissingUpdate['hindrance']>, string>> = {
  Held: 'it is held in the guest',
  Phased: 'the vendor does not offer it to this machine yet',
  NeedsLicence: 'it needs a licence, a subscription, or terms that somebody accepts',
  Removes: 'it would remove other packages',
  Interactive: 'it asks a person',
  RestartFirst: 'the guest must be restarted first',
};

function blocked({ hindrance }: MissingUpdate): Hindrance | undefined {
  // What the vendor himself holds back is not there to be had.
  return hindrance && { bucket: 'Blocked', why: BLOCKED[hindrance], due: hindrance === 'Phased' ? 'Never' : 'Always' };
}

/** Where no source tells updates for security from others, "none for security" would be no finding but ignorance. */
function untold({ versions }: MissingUpdate, { updates }: ApprovalTerms): Hindrance | undefined {
  if (updates === 'All' || !versions.every(({ security }) => security === undefined)) return undefined;
  return { bucket: 'Unknown', why: 'its source does not tell whether it mends a hole', due: 'Always' };
}

function notSelected(update: MissingUpdate, terms: ApprovalTerms): Hindrance | undefined {
  const denied = denialOf(update.package, terms.deny);
  if (denied) return leftOut(`the policy denies ${denied.pattern}`, denied.by);
  if (!isAllowed(update.package, terms.allow)) {
    return leftOut('the policy does not allow this package');
  }
  if (terms.updates === 'Security' && !mendsHole(update))
    return leftOut('the policy approves updates for security only');
  if (!update.versions.some(version => isOfSeverity(version, terms.severities))) {
    return leftOut('the policy does not approve its severity');
  }
  return undefined;
}

function leftOut(why: string, by?: By['by']): Hindrance {
  return { bucket: 'NotYetApproved', why, due: 'OfHoles', ...(by && { by }) };
}

/** Whether the terms leave a package out by its name, whatever its update is for. */
export function isLeftOut(name: string, { exclude, deny, allow }: ApprovalTerms, now: Date): boolean {
  return exclusionOf(name, exclude, now) !== undefined || denialOf(name, deny) !== undefined || !isAllowed(name, allow);
}

function exclusionOf(name: string, exclude: ApprovalTerms['exclude'], now: Date) {
  return exclude.find(each => now < each.until && matches(each.package, name));
}

function denialOf(name: string, deny: ApprovalTerms['deny']) {
  return deny.find(({ pattern }) => matches(pattern, name));
}

function isAllowed(name: string, allow: ApprovalTerms['allow']): boolean {
  return allow.every(patterns => patterns.some(pattern => matches(pattern, name)));
}

function isOfSeverity(version: OfferedVersion, severities: ApprovalTerms['severities']): boolean {
  return severities === undefined || severities.includes(version.severity) || isUnrated(version);
}

function tooYoung(update: MissingUpdate, { minimumAge }: ApprovalTerms, now: Date): Hindrance | undefined {
  const from = after(update, minimumAge);
  if (from === undefined || now >= from) return undefined;
  return { bucket: 'NotYetApproved', why: `it is approved from ${instant(from)} on`, due: 'Always', from };
}

function unproven(proof: Proof): Hindrance | undefined {
  if (proof === 'NotNeeded' || proof.version !== undefined) return undefined;
  const why = proof.tooLate
    ? 'it was not known to be missing when the run was made: the next one may install it (MO-11)'
    : `ring ${proof.ring} has not proven it yet (MO-11)`;
  return { bucket: 'NotYetApproved', why, due: 'Always' };
}

function failed(failure: string | undefined): Hindrance | undefined {
  return failure === undefined
    ? undefined
    : { bucket: 'Failed', why: `the last run did not install it: ${failure}`, due: 'Always' };
}

function versionToHave({ versions }: MissingUpdate, proof: Proof): string | undefined {
  return proof === 'NotNeeded' ? versions.at(-1)?.version : proof.version;
}

/** The earliest of all versions that are not installed: what is due of one is not put off by the next. */
function after({ versions }: MissingUpdate, times: BySeverity): Date | undefined {
  return earliest(...versions.map(version => new Date(Date.parse(version.firstSeen) + times[classOf(version)])));
}

/** The class by which an update is counted: the gravest of its versions. */
export function gravestClass({ versions }: MissingUpdate): SeverityClass {
  const classes = new Set(versions.map(classOf));
  return (['Critical', 'Important'] as const).find(each => classes.has(each)) ?? 'Other';
}

export function mendsHole({ versions }: MissingUpdate): boolean {
  return versions.some(({ security }) => security === true);
}

function mayMendHole({ versions }: MissingUpdate): boolean {
  return versions.some(({ security }) => security !== false);
}

/** Whether a name is of a pattern, in which `*` stands for any text and everything else for itself. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return first === name;
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let from = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, from);
    if (found < 0) return false;
    from = found + part.length;
  }
  return from <= name.length - last.length;
}
