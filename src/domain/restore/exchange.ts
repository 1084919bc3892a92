/** How the VM takes the restored disks: it is shut down, its disks become the claims beside the old ones, and it starts on them. */
import type { ManagedVM } from '../../api/managedvm.ts';
import type { RestoreStatus } from '../../api/restore.ts';
import { listAt, textAt } from '../contract/json.ts';
import { advance, end, fail, NOTHING, type RestoreAct, since, tell, write } from './acts.ts';
import { whyGone } from './begin.ts';
import type { Ordered, RestoreFacts } from './facts.ts';

/** A Windows guest that installs updates takes an hour to shut down. Milliseconds. */
export const STOP_MS = 2 * 3_600_000;
/** In which a guest must be up with its agent. Milliseconds. */
export const PROOF_MS = 30 * 60_000;

/** Waits until the machine is off. Until then nothing is exchanged, and the machine has its old disks. */
export function stop({ status }: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  if (status === undefined) return NOTHING;
  const { order, patchRun, virtualMachine, instance } = facts;
  const why = whyGone(status.managedVM, order) ?? otherDisk(status, order, 'before') ?? missingClaim(status, facts);
  if (order === undefined || why !== undefined) return fail(status, why ?? '', now);
  const asked = since(status, 'moved') ?? now;
  if (now.getTime() - asked.getTime() >= STOP_MS)
    return fail(status, `The VM was not off within ${STOP_MS / 3_600_000} hours.`, now);
  if (patchRun !== undefined)
    return tell(status, `PatchRun ${patchRun} works in the guest: the exchange waits for it.`);
  const isOff = textAt(virtualMachine, 'spec', 'runStrategy') === 'Halted' || virtualMachine === undefined;
  if (!isOff || instance !== undefined) return NOTHING;
  const claims = (status.disks ?? []).map(({ disk, after }) => `${disk}: ${after?.claim}`).join(', ');
  return write(
    advance(status, 'Exchanging', 'stopped', `The VM is off, and takes the restored disks (${claims}).`, now),
  );
}

/** The claims beside are consented to from here on: it ends with the VM having them, or without the VM. */
export function exchange({ status }: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  if (status === undefined) return NOTHING;
  const { order } = facts;
  const gone = whyGone(status.managedVM, order);
  if (order === undefined || gone !== undefined) return fail(status, gone ?? '', now);
  if (otherDisk(status, order, 'after') === undefined) {
    const message = 'The VM has taken the restored disks, and starts on them. The old ones stay as they are.';
    return write(advance(status, 'Starting', 'exchanged', message, now));
  }
  const why = whyNever(status, order, facts);
  if (why === undefined) return NOTHING;
  return otherDisk(status, order, 'before') === undefined
    ? fail(status, why, now)
    : end(status, 'Unproven', `${why} ${wayBack(status, facts)}`, now);
}

/** Why the VM will not have all of the restored disks. That it has some of them for a moment is none. */
function whyNever(status: RestoreStatus, order: ManagedVM, facts: RestoreFacts): string | undefined {
  const { disks = [] } = status;
  const gone = disks.find(({ disk }) => !order.spec.disks.some(({ name }) => name === disk));
  if (gone !== undefined) return `ManagedVM ${order.metadata.name} has no disk ${gone.disk} any more.`;
  const lost = missingClaim(status, facts);
  if (lost !== undefined) return lost;
  const held = new Map((order.status?.disks ?? []).map(({ name, claimUID }) => [name, claimUID]));
  const other = disks.find(({ disk, before, after }) => ![before.uid, after?.uid].includes(held.get(disk)));
  return other && `Disk ${other.disk} became the claim with uid ${held.get(other.disk)} meanwhile.`;
}

/** The proof: another instance than before runs on the restored disks, and the agent in its guest answers (AP-13). */
export function prove(restore: Ordered, facts: RestoreFacts, now: Date): RestoreAct {
  const { status } = restore;
  if (status === undefined) return NOTHING;
  const { order, instance } = facts;
  const back = wayBack(status, facts);
  const why = whyGone(status.managedVM, order) ?? otherDisk(status, order, 'after');
  if (order === undefined || why !== undefined) return end(status, 'Unproven', `${why} ${back}`, now);
  if (order.spec.powerState === 'Stopped')
    return end(
      status,
      'Unproven',
      `The VM has the restored disks and is off as ordered, so that nothing proves that it boots. ${back}`,
      now,
    );
  if (isUp(status, instance))
    return end(withTime(restore, status, now), 'Succeeded', proven(restore, status, facts, now), now);
  const exchanged = since(status, 'exchanged') ?? now;
  if (now.getTime() - exchanged.getTime() < PROOF_MS) return NOTHING;
  const message = `The VM has the restored disks, and no guest with an agent that answers was seen within ${PROOF_MS / 60_000} minutes.`;
  return end(status, 'Unproven', `${message} ${back}`, now);
}

function isUp(status: RestoreStatus, instance: RestoreFacts['instance']): boolean {
  const agent = listAt(instance, 'status', 'conditions').find(each => textAt(each, 'type') === 'AgentConnected');
  const volumes = listAt(instance, 'spec', 'volumes').map(volume =>
    textAt(volume, 'persistentVolumeClaim', 'claimName'),
  );
  return (
    textAt(instance, 'status', 'phase') === 'Running' &&
    textAt(instance, 'metadata', 'uid') !== status.instance &&
    textAt(agent, 'status') === 'True' &&
    (status.disks ?? []).every(({ after }) => volumes.includes(after?.claim))
  );
}

function secondsOf({ metadata }: Ordered, now: Date): number {
  const from = Date.parse(metadata.creationTimestamp ?? '') || now.getTime();
  return Math.max(0, Math.round((now.getTime() - from) / 1000));
}

function withTime(restore: Ordered, status: RestoreStatus, now: Date): RestoreStatus {
  return { ...status, recoveryTime: { ...status.recoveryTime, seconds: secondsOf(restore, now) } };
}

function proven(restore: Ordered, status: RestoreStatus, facts: RestoreFacts, now: Date): string {
  const target = status.recoveryTime?.target;
  const within = target === undefined ? '' : `; ${target} are allowed by the ServicePlan`;
  return `The guest runs on the data of ${status.point?.time} and its agent answers, ${secondsOf(restore, now)} s after the order${within}. ${wayBack(status, facts)}`;
}

/** A disk that was lost is restored too: then there is no way back to it. */
function wayBack({ disks = [] }: RestoreStatus, { claim }: RestoreFacts): string {
  const named = (some: typeof disks) =>
    some.map(({ disk, before }) => `${disk}: PersistentVolumeClaim ${before.claim}`).join(', ');
  const isLeft = ({ before }: (typeof disks)[number]) => textAt(claim(before.claim), 'metadata', 'uid') === before.uid;
  const [left, lost] = [disks.filter(isLeft), disks.filter(each => !isLeft(each))];
  const stay = `The old disks stay until somebody deletes them (${named(left)}); spec.disks[].adopt takes one back.`;
  const gone = `Gone before are the old disks (${named(lost)}).`;
  return [...(left.length > 0 ? [stay] : []), ...(lost.length > 0 ? [gone] : [])].join(' ');
}

/** A disk that is not what it is expected to be, as a sentence. */
function otherDisk(
  { disks = [] }: RestoreStatus,
  order: ManagedVM | undefined,
  which: 'before' | 'after',
): string | undefined {
  const held = new Map((order?.status?.disks ?? []).map(({ name, claimUID }) => [name, claimUID]));
  const other = disks.find(each => held.get(each.disk) !== each[which]?.uid);
  return (
    other && `Disk ${other.disk} is the claim with uid ${held.get(other.disk)} meanwhile, not ${other[which]?.claim}.`
  );
}

/** A claim beside that is gone, as a sentence. */
function missingClaim({ disks = [] }: RestoreStatus, { claim }: RestoreFacts): string | undefined {
  const gone = disks.find(({ after }) => after === undefined || !isThere(claim(after.claim), after.uid));
  return gone && `PersistentVolumeClaim ${gone.after?.claim} of disk ${gone.disk} is gone.`;
}

function isThere(claim: ReturnType<RestoreFacts['claim']>, uid: string): boolean {
  return (
    textAt(claim, 'metadata', 'uid') === uid &&
    textAt(claim, 'metadata', 'deletionTimestamp') === undefined &&
    textAt(claim, 'status', 'phase') === 'Bound'
  );
}
