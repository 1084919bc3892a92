import { millisecondsOf } from '../../api/duration.ts';
import type { GuestUpdates, MissingUpdate } from '../../api/guestupdates.ts';
import type { PatchRunPackage, PatchRunSpec } from '../../api/patchrun.ts';
import type { Urgent } from '../../api/patchurgent.ts';
import { type ApprovalTerms, isLeftOut, type Proof, standing } from './approve.ts';
import { firstSeenOf, nameOf, recordedUpdates, severityOf } from './seen.ts';
import type { Scan, Update } from './update.ts';

/**
 * What a run installs of what a guest could have newer, and why not the rest (MO-10, MO-11): by the terms that were frozen when its window
 * opened, and only what a ring before has proven. `before`: what was known of the guest, by which an update is as old as it was first seen.
 * Of more than are listed the gravest are taken; the others are the next run's. An emergency installs what it names, whatever its age and without proof; what is
 * denied, not allowed or excluded stays as it is all the same.
 */
export function chosen(
  scan: Scan,
  before: GuestUpdates | undefined,
  spec: Pick<PatchRunSpec, 'terms' | 'proven' | 'urgent'>,
  now: Date,
): readonly PatchRunPackage[] {
  const { urgent } = spec;
  const agreed = approvalTerms(spec.terms);
  const terms = urgent === undefined ? agreed : { ...agreed, ...AT_ONCE };
  const meant = urgent && new Set(scan.updates.filter(update => isMeant(update, urgent)).map(nameOf));
  return recordedUpdates(scan, before).missing.map(update => {
    const proof = urgent === undefined ? proofOf(update, spec.proven) : 'NotNeeded';
    const { install, why } =
      meant === undefined || meant.has(nameOf(update))
        ? standing(update, { terms, proof, failure: undefined, now })
        : NOT_MEANT;
    const newest = update.versions.at(-1);
    return {
      package: update.package,
      ...(update.from !== undefined && { from: update.from }),
      to: install ?? newest?.version ?? '',
      ...(newest?.security !== undefined && { security: newest.security }),
      severity: severityOf(update),
      ...(install === undefined ? { state: 'Left', reason: why } : { state: 'Pending' }),
    };
  });
}

/** What may come along with that, as the ring before has installed it: what the terms leave out does not. */
export function mayComeAlong({ terms, proven, occurrence }: Pick<PatchRunSpec, 'terms' | 'proven' | 'occurrence'>) {
  const [agreed, opened] = [approvalTerms(terms), new Date(occurrence.start)];
  return (proven?.packages ?? []).filter(each => each.comesAlong === true && !isLeftOut(each.package, agreed, opened));
}

/** An emergency waits for no age, and asks for no severity: it names what it wants. */
const AT_ONCE: Pick<ApprovalTerms, 'updates' | 'severities' | 'minimumAge'> = {
  ...{ updates: 'All', severities: undefined },
  minimumAge: { Critical: 0, Important: 0, Other: 0 },
};
const NOT_MEANT = { install: undefined, why: 'the emergency does not name it' };

function isMeant({ package: name, advisories, security }: Update, urgent: Urgent): boolean {
  if (urgent.packages === undefined && urgent.advisories === undefined) return security === true;
  return (
    urgent.packages?.includes(name) === true || advisories.some(({ id }) => urgent.advisories?.includes(id) === true)
  );
}

function proofOf(update: MissingUpdate, proven: PatchRunSpec['proven']): Proof {
  if (proven === undefined) return 'NotNeeded';
  const { ring, packages, askedAt } = proven;
  const version = packages.find(pin => pin.package === update.package)?.version;
  return {
    ring,
    version: version === update.from ? undefined : version,
    tooLate: askedAt !== undefined && firstSeenOf(update) > askedAt,
  };
}

function approvalTerms({ minimumAge, deadlines, exclude, severities, ...rest }: PatchRunSpec['terms']): ApprovalTerms {
  return {
    ...rest,
    severities,
    minimumAge: milliseconds(minimumAge),
    deadlines: milliseconds(deadlines),
    exclude: exclude.map(({ until, ...each }) => ({ ...each, until: new Date(until) })),
  };
}

function milliseconds({ Critical, Important, Other }: PatchRunSpec['terms']['deadlines']): ApprovalTerms['deadlines'] {
  return {
    Critical: millisecondsOf(Critical),
    Important: millisecondsOf(Important),
    Other: millisecondsOf(Other),
  };
}
