/** The change by which a restore of the data of an application is agreed to (GE-6, GE-13). */
import type { Restore } from '../../api/restore.ts';
import { cut } from '../contract/excerpt.ts';
import { changeBySteward, type StewardChange } from '../contract/stewardchange.ts';
import { consentTo } from './orderedchange.ts';
import { restoreChangeName } from './restorechange.ts';

/** Days for which the data of before are kept where nobody is to accept the change one by one. */
export const RETIRED_AFTER_DAYS = 30;

/** Undefined: it has not been chosen yet what is restored. `pricedBy` as of every restore. */
export function applicationRestoreChange(restore: Restore, pricedBy: string | undefined): StewardChange | undefined {
  const { metadata, spec, status } = restore;
  const { point, managedApplication: uid } = status ?? {};
  const { managedApplicationRef: name = '' } = spec;
  if (point === undefined || uid === undefined) return undefined;
  return changeBySteward(restoreChangeName(restore), metadata.namespace, {
    title: cut(`Restore of the data of ManagedApplication ${name}`, 120),
    operation: 'Restore',
    target: { kind: 'ManagedApplication', name, uid },
    plan: [
      `Steward looks in the guest whether the dump as of ${point.time} is whole and there is room; where not, nothing is done.`,
      'Nobody is let in any more. All data that there are, are taken aside as they are, and the dump is restored in their place.',
      'Each row is compared with what was dumped, and all probes must succeed; then clients are let in. Where not, the data of before serve again.',
      `What was written since ${point.time} is then in the data of before only, which are kept in the guest.`,
      pricedBy === undefined
        ? 'They are removed once this change is accepted, and not before.'
        : `They are removed ${RETIRED_AFTER_DAYS} days after this change is done.`,
    ],
    risk: {
      rating: 'Medium',
      reasons: [
        'Whoever uses the application is shut out meanwhile.',
        `Then its data are as they were at ${point.time}: what was written since is not among them.`,
      ],
    },
    reason: cut(`Ordered by ${spec.requestedBy} as Restore ${metadata.name}: ${spec.reason}`, 500),
    wayBack:
      'Until clients are let in: the data of before serve again, with all that was written. Afterwards a person brings them back, who finds them beside the restored ones.',
    ...consentTo({ service: 'Restore' }, pricedBy),
  });
}
