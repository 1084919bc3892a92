/**
 * How disks are restored beside those that there are: the engine stages each as a claim in a namespace of the provider's, and its volume is then handed to a claim
 * in the namespace of the VM. No step writes to, or removes, what the VM has.
 */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { RestoredDisk, RestoreStatus } from '../../api/restore.ts';
import { dataVolumeName } from '../contract/child.ts';
import { type Fields, textAt } from '../contract/json.ts';
import { advance, end, fail, NOTHING, type RestoreAct, since, tell, withDisk, write } from './acts.ts';
import { whyGone, whyNot } from './begin.ts';
import { claimFor, givenTo, isClaimedBy, isGivenTo } from './claim.ts';
import type { Engine } from './engine.ts';
import type { Ordered, RestoreFacts } from './facts.ts';

/** For so long the engine may work at the most, and storage at what it was asked for. Milliseconds. */
export const ENGINE_MS = 24 * 3_600_000;
export const STORAGE_MS = 3_600_000;
/** From what Velero has restored, for binding and moving. Milliseconds. */
export const MOVE_MS = 2 * STORAGE_MS;

/** Follows the engine until every disk stands in the staging namespace, on a volume. */
export function follow(restore: Ordered, facts: RestoreFacts, engine: Engine, now: Date): RestoreAct {
  const { status } = restore;
  const { request, order } = facts;
  if (status?.point === undefined) return NOTHING;
  if (status.engine === undefined) {
    const why = whyNot(status, facts);
    if (why !== undefined) return fail(status, why, now);
    return { act: 'request', object: engine.request(restore, status.point, facts.staging, facts.engineNamespace) };
  }
  const gone = whyGone(status.managedVM, order);
  if (order === undefined || gone !== undefined) return fail(status, gone ?? '', now);
  if (request === undefined || textAt(request, 'metadata', 'uid') !== status.engine.uid)
    return fail(status, `Restore ${status.engine.name} of Velero's is not there any more.`, now);
  const result = engine.result(request);
  if (result.state === 'Failed') return fail(status, `${result.says}.`, now);
  if (result.state === 'UnderWay') return inTime(status, 'begun', ENGINE_MS, 'Velero has not ended', now);
  if (since(status, 'restored') === undefined)
    return write(advance(status, 'Restoring', 'restored', 'Velero has restored; its claims wait for volumes.', now));
  return staged(restore.spec.target.sandbox === true, status, order, facts, request, engine, now);
}

function staged(
  isDrill: boolean,
  status: RestoreStatus,
  order: ManagedVM,
  facts: RestoreFacts,
  request: Fields,
  engine: Engine,
  now: Date,
): RestoreAct {
  const found: RestoredDisk[] = [];
  for (const each of status.disks ?? []) {
    const claim = namesOf(order, each)
      .map(facts.staged)
      .find(there => there !== undefined);
    if (claim === undefined) return fail(status, `Disk ${each.disk} is not in the backup.`, now);
    const defect = engine.defect(claim, request);
    const name = textAt(claim, 'metadata', 'name') ?? '';
    if (defect !== undefined) return fail(status, `PersistentVolumeClaim ${facts.staging}/${name} ${defect}.`, now);
    const staged = { claim: name, uid: textAt(claim, 'metadata', 'uid') ?? '' };
    // Nothing is moved: the guest that starts on it is the consumer that storage may wait for.
    if (isDrill) {
      found.push({ ...each, staged });
      continue;
    }
    const volume = textAt(claim, 'spec', 'volumeName');
    if (textAt(claim, 'status', 'phase') !== 'Bound' || volume === undefined)
      return inTime(
        status,
        'restored',
        STORAGE_MS,
        `PersistentVolumeClaim ${facts.staging}/${name} has no volume`,
        now,
      );
    found.push({ ...each, staged, volume });
  }
  if (isDrill)
    return write({
      ...status,
      phase: 'Starting',
      disks: found,
      message: 'A guest is to boot from the restored disks.',
    });
  return write({ ...status, phase: 'Moving', disks: found, message: 'The volumes move beside the disks of the VM.' });
}

/** The claim of a disk may have had another name when the backup was made. */
export function namesOf(order: ManagedVM, { disk, before }: RestoredDisk): readonly string[] {
  return [before.claim, dataVolumeName(order, disk)];
}

function inTime(status: RestoreStatus, from: 'begun' | 'restored', ms: number, what: string, now: Date): RestoreAct {
  const start = since(status, from) ?? now;
  return now.getTime() - start.getTime() < ms
    ? tell(status, `${what} yet.`)
    : fail(status, `${what} within ${ms / 3_600_000} hours.`, now);
}

/** Hands one volume after the other to a claim beside the old one. */
export function move(restore: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  const { status } = restore;
  const { order } = facts;
  if (status === undefined) return NOTHING;
  const gone = whyGone(status.managedVM, order);
  if (order === undefined || gone !== undefined) return fail(status, gone ?? '', now);
  for (const disk of status.disks ?? []) {
    const act = moveDisk(restore, order, status, disk, facts, now);
    if (act !== undefined) return orTooLate(act, status, disk, now);
  }
  const { newName } = restore.spec.target;
  if (newName !== undefined)
    return end(advance(status, 'Moving', 'moved', '', now), 'Succeeded', forAnother(newName, status), now);
  const instance = textAt(facts.instance, 'metadata', 'uid') ?? 'none';
  const message = 'All disks are restored beside the old ones; the VM is shut down for the exchange.';
  return write({ ...advance(status, 'Stopping', 'moved', message, now), instance });
}

/** What waits for others may wait for ever: a claim that was deleted before it was bound, or one that something holds. */
function orTooLate(act: RestoreAct, status: RestoreStatus, { disk, volume }: RestoredDisk, now: Date): RestoreAct {
  const start = since(status, 'restored') ?? now;
  if (act.act !== 'nothing' || now.getTime() - start.getTime() < MOVE_MS) return act;
  const hours = MOVE_MS / 3_600_000;
  return fail(
    status,
    `PersistentVolume ${volume} of disk ${disk} was not beside the old one within ${hours} hours.`,
    now,
  );
}

/** The other VM is ordered by whoever orders VMs, in Git perhaps: Steward writes no order of a customer's. */
function forAnother(newName: string, { disks = [], point }: RestoreStatus): string {
  const adopt = disks.map(({ disk, after }) => `${disk}: {claim: ${after?.claim}, uid: ${after?.uid}}`).join(', ');
  return `The disks of ${point?.time} stand beside those of the VM, which was not touched. A ManagedVM ${newName} takes them by spec.disks[].adopt (${adopt}); nothing proves before that it boots.`;
}

/** Undefined: it is there. Each step tells by what it finds whether it has happened. */
function moveDisk(
  restore: Ordered,
  order: ManagedVM,
  status: RestoreStatus,
  disk: RestoredDisk,
  facts: RestoreFacts,
  now: Date,
): RestoreAct | undefined {
  const name = disk.volume ?? '';
  const volume = facts.volume(name);
  if (volume === undefined || disk.staged === undefined) return fail(status, `PersistentVolume ${name} is gone.`, now);
  const policy = textAt(volume, 'spec', 'persistentVolumeReclaimPolicy');
  const after = claimFor(order, disk.disk, restore, volume);
  if (disk.reclaimPolicy === undefined) return write(withDisk(status, disk.disk, { reclaimPolicy: policyOf(policy) }));
  const isStaged = isClaimedBy(volume, disk.staged.uid);
  const isGiven = isGivenTo(volume, after);
  if (!isStaged && !isGiven) return fail(status, `PersistentVolume ${name} was given to another claim.`, now);
  if (disk.after === undefined || !isGiven) {
    // From here on nothing that happens to a claim takes the data with it.
    if (policy !== 'Retain') return changeVolume(volume, { spec: { persistentVolumeReclaimPolicy: 'Retain' } });
    const claim = facts.staged(disk.staged.claim);
    if (textAt(claim, 'metadata', 'uid') === disk.staged.uid && claim !== undefined) return release(claim);
    if (isStaged) return changeVolume(volume, givenTo(after));
    return { act: 'makeClaim', disk: disk.disk, object: after };
  }
  return bound(status, { ...disk, after: disk.after }, volume, facts, now);
}

function bound(
  status: RestoreStatus,
  { disk, after, reclaimPolicy }: RestoredDisk & { readonly after: NonNullable<RestoredDisk['after']> },
  volume: Fields,
  { claim: claimOf }: RestoreFacts,
  now: Date,
): RestoreAct | undefined {
  const claim = claimOf(after.claim);
  const name = textAt(volume, 'metadata', 'name');
  // A cache may not have it yet; gone for good it is where the volume says so.
  if (textAt(claim, 'metadata', 'uid') !== after.uid) {
    const isOver = textAt(volume, 'status', 'phase') === 'Released';
    return isOver ? fail(status, `PersistentVolumeClaim ${after.claim} of disk ${disk} was deleted.`, now) : NOTHING;
  }
  if (textAt(claim, 'status', 'phase') !== 'Bound' || textAt(claim, 'spec', 'volumeName') !== name)
    return tell(status, `PersistentVolumeClaim ${after.claim} waits for PersistentVolume ${name}.`);
  if (textAt(volume, 'spec', 'persistentVolumeReclaimPolicy') === reclaimPolicy) return undefined;
  return changeVolume(volume, { spec: { persistentVolumeReclaimPolicy: reclaimPolicy } });
}

function changeVolume(volume: Fields, change: Readonly<Record<string, unknown>>): RestoreAct {
  return { act: 'changeVolume', volume, change };
}

function release(claim: Fields): RestoreAct {
  return textAt(claim, 'metadata', 'deletionTimestamp') === undefined ? { act: 'release', claim } : NOTHING;
}

function policyOf(policy: string | undefined): NonNullable<RestoredDisk['reclaimPolicy']> {
  return policy === 'Retain' || policy === 'Recycle' ? policy : 'Delete';
}
