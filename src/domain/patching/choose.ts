import { millisecondsOf } from '../../api/duration.ts';
import type { GuestUpdates, MissingUpdate } from '../../api/guestupdates.ts';
import type { PatchRunPackage, PatchRunSpec } from '../../api/patchrun.ts';
import { type ApprovalTerms, type Proof, standing } from './approve.ts';
import { recordedUpdates, severityOf } from './seen.ts';
import type { Scan } from './update.ts';

/**
 * What a run installs of what a guest could have newer, and why not the rest (MO-10, MO-11): by the terms that were frozen when its window
 * opened, and only what a ring before has proven. `before`: what was known of the guest, by which an update is as old as it was first seen.
 * Of more than are listed the gravest are taken; the others are the next run's.
 */
export function chosen(
  scan: Scan,
  before: GuestUpdates | undefined,
  spec: Pick<PatchRunSpec, 'terms' | 'proven'>,
  now: Date,
): readonly PatchRunPackage[] {
  const terms = approvalTerms(spec.terms);
  return recordedUpdates(scan, before).missing.map(update => {
    const { install, why } = standing(update, { terms, proof: proofOf(update, spec.proven), failure: undefined, now });
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

function proofOf({ package: name }: MissingUpdate, proven: PatchRunSpec['proven']): Proof {
  if (proven === undefined) return 'NotNeeded';
  return { ring: proven.ring, version: proven.packages.find(pin => pin.package === name)?.version };
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
