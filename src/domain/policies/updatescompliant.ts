/** Whether an application has the version that the provider has designated, inside of its line (AP-2, AP-14; docs/adr/0176). */
import type { ApplicationUpdate } from '../../api/applicationupdate.ts';
import type { Designated } from '../../api/designated.ts';
import { compareDebianVersions } from '../application/debianversion.ts';
import { overdueFrom, type VersionFound } from '../application/designated.ts';
import { instant } from '../contract/condition.ts';
import { unknown, type Verdict } from '../contract/finding.ts';
import { named, since } from '../guest/words.ts';

/** As many updates as an order remembers. */
const MOST_UPDATES = 5;

/** `silent`: why nothing is known of the guest. */
export function updatesCompliant(
  designated: Designated | undefined,
  found: VersionFound & { readonly silent?: Verdict | undefined },
  now: Date,
): Verdict {
  if (designated === undefined)
    return unknown(
      'NotIncluded',
      'The provider has designated no exact version of this line on this system, or it has a package manager by which updates are not carried out: its packages are patched with the system.',
    );
  const { silent, version, update } = found;
  if (silent !== undefined) return silent;
  if (update?.closedSince !== undefined)
    return {
      ...{ status: 'False', reason: 'InterfaceClosed' },
      message: `Its interface is closed to clients${since(update.closedSince)}: ${update.outcome === 'Failed' ? `it works neither as ${named(update.to, 64)} nor as ${named(update.from, 64)}` : `its update from ${named(update.from, 64)} to ${named(update.to, 64)} has not come to its end`}. No write that a client was told of is lost.`,
    };
  if (version === undefined) return unknown('NotInstalled', 'No version of it was found in the guest.');
  const difference = compareDebianVersions(version, designated.version);
  if (difference === 0)
    return {
      status: 'True',
      reason: 'UpToDate',
      message: `${version} is installed, which the provider has designated.`,
    };
  if (difference > 0)
    return unknown(
      'NotDesignated',
      `${named(version, 64)} is installed, which is newer than ${designated.version}: nobody has proven it. It is not taken back.`,
    );
  return behind(designated, version, update, now);
}

function behind(designated: Designated, version: string, update: ApplicationUpdate | undefined, now: Date): Verdict {
  const lacks = `${named(version, 64)} is installed, and ${designated.version} is designated since ${designated.since}`;
  if (update?.to === designated.version && update.outcome === 'RolledBack')
    return {
      ...{ status: 'False', reason: 'RolledBack' },
      message: `${lacks}: it did not work in this guest, so that the packages are as they were. It is not tried again; the provider designates another version.`,
    };
  const overdue = overdueFrom(designated);
  if (now >= overdue)
    return {
      ...{ status: 'False', reason: 'UpdateOverdue' },
      message: `${lacks}: it is overdue since ${instant(overdue)}. See status.pending for the window.`,
    };
  return {
    ...{ status: 'True', reason: 'UpdatePending', nextEdge: overdue },
    message: `${lacks}: it is installed in a window, and overdue from ${instant(overdue)} on.`,
  };
}

/** The newest first, each as it was told last; by when it was begun one is known again. */
export function updatesOf(
  before: readonly ApplicationUpdate[] = [],
  update: ApplicationUpdate | undefined,
): readonly ApplicationUpdate[] {
  if (update === undefined) return before;
  return [update, ...before.filter(({ at, to }) => at !== update.at || to !== update.to)].slice(0, MOST_UPDATES);
}
