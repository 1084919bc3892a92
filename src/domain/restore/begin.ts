/** How a Restore begins: which disks, from which point, and whether it is agreed to. */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { RestoredDisk, RestoreStatus } from '../../api/restore.ts';
import { ROOT_DISK } from '../machine/disks.ts';
import { advance, fail, NOTHING, type RestoreAct, tell, write } from './acts.ts';
import type { Ordered, RestoreFacts } from './facts.ts';
import { choosePoint } from './point.ts';
import { rehearsal } from './rehearsal.ts';
import { RESTORE_LABEL } from './velero.ts';

/** On each order once it was looked at: a copy of it bears another's. */
export const SEAL = 'managed.systems/restore-uid';

const NEW: RestoreStatus = { phase: 'Pending' };

/** Whether the order was copied from another, by a backup that was restored or a manifest that was exported: what was done once is not done again. */
export function isCopy({ metadata: { uid, annotations, labels } }: Ordered): boolean {
  const seal = annotations?.[SEAL];
  return (seal !== undefined && seal !== uid) || labels?.[RESTORE_LABEL] !== undefined;
}

/** Chooses disks and point, once. */
export function choose(restore: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  const status = restore.status ?? NEW;
  const { order } = facts;
  if (order === undefined) return fail(status, `There is no ManagedVM ${restore.spec.managedVMRef}.`, now);
  const disks = disksOf(restore, order);
  if (typeof disks === 'string') return fail(status, disks, now);
  const choice = choosePoint(restore.spec.point, facts.candidates);
  if ('wait' in choice) return tell(status, choice.wait);
  if ('none' in choice) return fail(status, choice.none, now);
  const { point } = choice;
  return write(
    advance(
      {
        ...status,
        managedVM: order.metadata.uid ?? '',
        point,
        disks,
        ...(facts.target !== undefined && { recoveryTime: { target: facts.target } }),
      },
      'Pending',
      'chosen',
      `Backup ${point.name} with the data of ${point.time} was chosen; ${restore.spec.target.sandbox ? 'the drill waits for its turn' : 'nothing is done before it is agreed to'}.`,
      now,
    ),
  );
}

/** What is exchanged; a text: why nothing can be. */
function disksOf(
  { spec: { disks: wanted, target } }: Ordered,
  { metadata, spec, status }: ManagedVM,
): RestoredDisk[] | string {
  if (metadata.deletionTimestamp !== undefined) return `ManagedVM ${metadata.name} is being deleted.`;
  const unknown = wanted?.find(name => !spec.disks.some(disk => disk.name === name));
  if (unknown !== undefined) return `ManagedVM ${metadata.name} has no disk ${unknown}.`;
  const held = new Map((status?.disks ?? []).map(disk => [disk.name, disk]));
  const chosen = spec.disks.filter(({ name }) => wanted?.includes(name) ?? held.get(name)?.claimUID !== undefined);
  const adopts = chosen.find(({ adopt }) => adopt !== undefined);
  if (adopts !== undefined && target.inPlace === true)
    return `spec.disks[${adopts.name}].adopt of ManagedVM ${metadata.name} says which claim that disk is: take it out first, for what it took stays.`;
  const disks = chosen.flatMap(({ name }) => {
    const { claim, claimUID: uid } = held.get(name) ?? {};
    return claim === undefined || uid === undefined ? [] : [{ disk: name, before: { claim, uid } }];
  });
  if (target.sandbox === true && !chosen.some(({ name }) => name === ROOT_DISK))
    return `Disk ${ROOT_DISK} of ManagedVM ${metadata.name} is not among them: from the others nothing boots.`;
  const never = chosen.find(({ name }) => !disks.some(({ disk }) => disk === name));
  if (never !== undefined) return `Disk ${never.name} of ManagedVM ${metadata.name} has never held data.`;
  return disks.length > 0 ? disks : `ManagedVM ${metadata.name} has no disk that ever held data.`;
}

/** Waits for agreement, and for its turn. */
export function prepare(restore: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  const { status = NEW } = restore;
  const { point } = status;
  const { consent, ahead } = facts;
  if (point === undefined) return NOTHING;
  if (status.change === undefined || consent === undefined) return { act: 'change' };
  if (consent.stand === 'Refused') return fail(status, consent.says, now);
  if (consent.stand === 'Awaited') return tell(status, consent.says);
  const why = whyNot(status, facts);
  if (why !== undefined) return fail(status, why, now);
  const first = restore.spec.proveFirst && rehearsal(restore, isVerified(point.name, facts), facts.rehearsal);
  if (first && first.stand === 'Refused') return fail(status, first.says, now);
  if (first && first.stand === 'Awaited') return tell(status, first.says);
  if (ahead !== undefined) return tell(status, ahead);
  const message = `Backup ${point.name} is restored beside the disks of the VM.`;
  return write(advance(status, 'Restoring', 'agreed', message, now));
}

function isVerified(point: string, { candidates }: RestoreFacts): boolean {
  return candidates.some(candidate => candidate.name === point && candidate.isVerified);
}

/** Why what was chosen cannot be done any more. */
export function whyNot({ point, managedVM }: RestoreStatus, { order, backup }: RestoreFacts): string | undefined {
  const gone = whyGone(managedVM, order);
  if (gone !== undefined) return gone;
  return point !== undefined && backup(point.name) === point.uid
    ? undefined
    : `Backup ${point?.name} with uid ${point?.uid} is not there any more.`;
}

/** Of another incarnation nothing is touched. */
export function whyGone(uid: string | undefined, order: ManagedVM | undefined): string | undefined {
  if (order === undefined || order.metadata.uid !== uid) return `The ManagedVM with uid ${uid} is gone.`;
  return order.metadata.deletionTimestamp === undefined
    ? undefined
    : `ManagedVM ${order.metadata.name} is being deleted.`;
}
