/** Which Restore comes first. */
import { isRestored, type Restore } from '../../api/restore.ts';
import { STEWARD } from '../contract/setout.ts';
import { orderOf } from '../machine/exchanging.ts';

type Queued = Pick<Restore, 'metadata' | 'spec' | 'status'>;

/** Drills that are under way at once, of all VMs and of those of one namespace: they take room that others need, and Velero's time. */
export const DRILLS_AT_ONCE = 4;
export const DRILLS_OF_NAMESPACE = 2;

/** Why a restore waits for another of the same VM, as a sentence. No restore waits for a drill, which has a place of its own. */
export function restoreAhead(restore: Queued, others: readonly Queued[]): string | undefined {
  const first = others
    .filter(({ spec, status }) => spec?.target?.sandbox === undefined && isOpen(status))
    .filter(other => orderOf(other) < orderOf(restore) || isBegun(other))
    .find(other => isOther(restore, other));
  return first && `Restore ${first.metadata.name} of the same VM comes first.`;
}

/**
 * Why a drill waits, as a sentence. `open`: all that are not over. Only a few at once, those of policies first and then by age, so that nobody who orders many keeps
 * others from theirs; and never two whose claims have one name, for all of them are restored into one namespace.
 */
export function drillsAhead(drill: Queued, open: readonly Queued[]): string | undefined {
  const earlier = open
    .filter(other => isOther(drill, other))
    .filter(other => isBegun(other) || placeOf(other) < placeOf(drill));
  const claims = claimsOf(drill);
  const rival = earlier.find(other => claimsOf(other).some(claim => claims.includes(claim)));
  const { namespace } = drill.metadata;
  const beside = earlier.filter(({ metadata }) => metadata.namespace === namespace);
  // What a tenant reads names no order of another.
  if (rival !== undefined) return 'Another drill, of claims of the same names, comes first.';
  if (beside.length >= DRILLS_OF_NAMESPACE)
    return `${beside.length} drills of this namespace come first; ${DRILLS_OF_NAMESPACE} of one are made at once.`;
  if (earlier.length < DRILLS_AT_ONCE) return undefined;
  return `${earlier.length} drills come first; ${DRILLS_AT_ONCE} are made at once.`;
}

function placeOf(drill: Queued): string {
  return `${drill.spec?.requestedBy === STEWARD ? 1 : 2} ${orderOf(drill)}`;
}

function claimsOf({ status }: Queued): readonly string[] {
  return (status?.disks ?? []).map(({ before }) => before.claim);
}

function isOther({ metadata }: Queued, other: Queued): boolean {
  return other.metadata.uid !== metadata.uid;
}

function isOpen(status: Queued['status']): boolean {
  return status !== undefined && !isRestored(status.phase);
}

function isBegun({ status }: Queued): boolean {
  return status !== undefined && status.phase !== 'Pending';
}
