/**
 * A root disk that is made anew by an agreed change (MO-2, GE-11): filled beside the old one while the guest runs, then exchanged with the machine off, then
 * tried. Each step follows from what the status says of the one before and from what there is, so that whoever goes on after a crash does the same.
 * The old disk is neither changed nor deleted (docs/adr/0217).
 */
import type { ChangeRequest } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { isNewRootOperation, type NewRoot, type NewRootPhase } from '../../api/newroot.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { agreedWindow, isIn, isJudged } from '../contract/setout.ts';
import { claimOfVolume, volumeOf } from './diskhold.ts';
import { ROOT_DISK } from './disks.ts';
import { orderOf } from './exchanging.ts';
import type { MachineFacts } from './facts.ts';
import { conditionOf, holds } from './observedvm.ts';
import { newRootName, RESCUED_SERIAL } from './rootplace.ts';
import { machineUnreadable } from './unreadable.ts';
import { guestRuns } from './vmstate.ts';

/** Nothing is begun so late after its claim that it could happen after it was judged (change/rootstep.ts). Milliseconds. */
export const BEGIN_MS = 25 * 60_000;
/** In which an image must be on the disk; in which a guest must be off; in which one must be up with its agent. Milliseconds. */
export const MAKE_MS = 4 * 3_600_000;
const STOP_MS = 2 * 3_600_000;
export const BOOT_MS = 60 * 60_000;

/** What status.newRoot says from now on; undefined: nothing of that kind is under way. */
export function nextNewRoot(managedVM: ManagedVM, facts: MachineFacts, now: Date): NewRoot | undefined {
  const at = managedVM.status?.newRoot;
  const stands = managedVM.spec.paused !== undefined || managedVM.metadata.deletionTimestamp !== undefined;
  if (stands || machineUnreadable(facts.unreadable)) return at;
  return at === undefined ? begun(managedVM, facts, now) : goOn({ managedVM, facts, now, at });
}

/** When time alone decides, or at once where a step was taken. */
export function nextStepOf(before: NewRoot | undefined, after: NewRoot | undefined, now: Date): Date | undefined {
  if (after === undefined) return undefined;
  if (before?.phase !== after.phase) return now;
  if (after.phase === 'OnTrial' && after.until !== undefined) return new Date(after.until);
  const limit = { Making: MAKE_MS, Stopping: STOP_MS, Starting: BOOT_MS }[after.phase as string];
  const until = limit === undefined ? undefined : new Date(Date.parse(after.since) + limit);
  return until !== undefined && until > now ? until : undefined;
}

function begun(managedVM: ManagedVM, facts: MachineFacts, now: Date): NewRoot | undefined {
  const { uid } = managedVM.metadata;
  const [change] = facts.changeRequests
    .filter(({ spec }) => isNewRootOperation(spec.operation) && spec.target.uid === uid)
    .filter(each => isSetOut(each, now))
    .toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const root = managedVM.status?.disks?.find(({ name }) => name === ROOT_DISK);
  const { operation, system } = change?.spec ?? {};
  if (change === undefined || system === undefined || !isNewRootOperation(operation)) return undefined;
  if (root?.claimUID === undefined || whyNot(managedVM, facts) !== undefined) return undefined;
  const { name, uid: changeUid = '' } = change.metadata;
  const until = operation === 'Rescue' ? agreedWindow(change)?.notAfter : undefined;
  return {
    ...{ change: { name, uid: changeUid }, operation, operatingSystem: system.to },
    ...{ phase: 'Making', since: instant(now) },
    message: `A new root disk of OperatingSystem ${system.to} is made beside PersistentVolumeClaim ${root.claim}; the guest runs on.`,
    before: { claim: root.claim, uid: root.claimUID },
    after: { claim: newRootName(managedVM, changeUid) },
    ...(until && { until: instant(until) }),
  };
}

function isSetOut(change: ChangeRequest, now: Date): boolean {
  const { claim } = change.status ?? {};
  const window = agreedWindow(change);
  return (
    claim !== undefined && window !== undefined && isIn(window, now) && now.getTime() < Date.parse(claim.at) + BEGIN_MS
  );
}

/** Why no root disk can be made anew now, as a sentence: what a change that waits for it says too. */
export function whyNot({ metadata: { name }, spec, status }: ManagedVM, facts?: MachineFacts): string | undefined {
  const vm = `ManagedVM ${name}`;
  if (spec.disks.some(disk => disk.name === ROOT_DISK && disk.adopt !== undefined))
    return `spec.disks[root].adopt of ${vm} says which claim its root disk is: take it out first, for what it took stays.`;
  if ((status?.applications ?? []).length > 0)
    return `A managed application is set up on the root disk of ${vm}, and would be lost with it.`;
  if (status?.disks?.find(disk => disk.name === ROOT_DISK)?.claimUID === undefined)
    return `${vm} has no root disk that ever held data.`;
  if (facts?.exchange !== undefined) return `Restore ${facts.exchange.restore} exchanges disks of ${vm}.`;
  if (facts?.turningBack?.isOff === true) return `PatchRun ${facts.turningBack.run} turns ${vm} back.`;
  return undefined;
}

type Standing = {
  readonly managedVM: ManagedVM;
  readonly facts: MachineFacts;
  readonly now: Date;
  readonly at: NewRoot;
};

function goOn(standing: Standing): NewRoot | undefined {
  switch (standing.at.phase) {
    case 'Making':
      return making(standing);
    case 'Stopping':
      return stopping(standing);
    case 'Exchanging':
      return exchanging(standing);
    case 'Starting':
      return starting(standing);
    case 'OnTrial':
      return onTrial(standing);
    case 'Accepted':
      return standing.managedVM.spec.operatingSystem === standing.at.operatingSystem ? undefined : standing.at;
    case 'StoppingBack':
      return stoppingBack(standing);
    case 'ExchangingBack':
      return exchangingBack(standing);
    case 'TakenBack':
    case 'Failed':
      return ended(standing);
  }
}

function to({ at, now }: Standing, phase: NewRootPhase, message: string, more: Partial<NewRoot> = {}): NewRoot {
  return { ...at, ...more, phase, since: instant(now), message: cut(message, 1000) };
}

/** It never came to an exchange: the old disk is what it was, and the new one, which no guest has seen, goes. */
function fail(standing: Standing, why: string): NewRoot {
  return to(standing, 'Failed', `${why} The root disk of the VM is what it was.`);
}

function isLate({ at, now }: Standing, ms: number): boolean {
  return now.getTime() - Date.parse(at.since) >= ms;
}

function making(standing: Standing): NewRoot {
  const { facts, at, managedVM } = standing;
  const { newRoot: seen, virtualMachine: vm, virtualMachineInstance: vmi } = facts;
  const gone = otherRoot(standing) ?? changeOver(standing);
  if (gone !== undefined) return fail(standing, gone);
  if (seen?.stage === 'failed') return fail(standing, `DataVolume ${at.after.claim} has failed.`);
  if (isLate(standing, MAKE_MS))
    return fail(standing, `The new root disk was not filled within ${MAKE_MS / 3_600_000} hours.`);
  // Storage that waits for a first consumer makes the disk when the machine starts on it.
  if (seen?.after === undefined || (seen.stage !== 'filled' && seen.stage !== 'firstConsumer')) return at;
  const busy =
    facts.patchRun !== undefined || vm?.snapshotInProgress !== undefined || vm?.restoreInProgress !== undefined;
  if (busy || vm === undefined || vm.printableStatus === 'Migrating' || holds(vm, 'VolumesChange')) return at;
  if (whyNot(managedVM, facts) !== undefined) return at;
  return to(
    standing,
    'Stopping',
    `The new root disk (PersistentVolumeClaim ${at.after.claim}) is there; the VM is shut down to take it.`,
    {
      after: { claim: at.after.claim, uid: seen.after },
      ...(vmi !== undefined && { instance: vmi.uid }),
    },
  );
}

function stopping(standing: Standing): NewRoot {
  const { facts, at } = standing;
  const gone =
    otherRoot(standing) ??
    (facts.newRoot?.after === at.after.uid ? undefined : `PersistentVolumeClaim ${at.after.claim} is gone.`);
  if (gone !== undefined) return fail(standing, gone);
  if (isLate(standing, STOP_MS)) return fail(standing, `The VM was not off within ${STOP_MS / 3_600_000} hours.`);
  return isOff(facts)
    ? to(standing, 'Exchanging', `The VM is off, and takes PersistentVolumeClaim ${at.after.claim} as its root disk.`)
    : at;
}

function exchanging(standing: Standing): NewRoot {
  const { facts, at } = standing;
  if (facts.newRoot?.after !== at.after.uid)
    return to(
      standing,
      'StoppingBack',
      `PersistentVolumeClaim ${at.after.claim} is gone; the VM takes its old root disk back.`,
    );
  if (rootOf(facts) !== at.after.claim) return at;
  return to(
    standing,
    'Starting',
    `The VM starts on PersistentVolumeClaim ${at.after.claim}; PersistentVolumeClaim ${at.before.claim} stays as it was.`,
  );
}

function starting(standing: Standing): NewRoot {
  const { managedVM, facts, at } = standing;
  const { virtualMachineInstance: vmi, newRoot: seen } = facts;
  const agent = vmi && conditionOf(vmi, 'AgentConnected');
  const isNew = vmi !== undefined && guestRuns(vmi) && vmi.uid !== at.instance;
  const remembered = managedVM.status?.disks?.find(({ name }) => name === ROOT_DISK)?.claimUID === at.after.uid;
  if (isNew && agent?.status === 'True' && remembered)
    return to(standing, 'OnTrial', ran(at), { ranAt: instant(standing.now) });
  if (isRescueOver(standing))
    return to(
      standing,
      'StoppingBack',
      `The time of the rescue is over before its guest was up; the VM takes its old root disk back.`,
    );
  // Off as ordered: nothing can be proven, and nothing is held against it.
  if (managedVM.spec.powerState === 'Stopped') return { ...at, since: instant(standing.now) };
  const limit = seen?.stage === 'filled' ? BOOT_MS : MAKE_MS;
  if (!isLate(standing, limit)) return at;
  return to(
    standing,
    'StoppingBack',
    `No guest with an agent that answers was seen on the new root disk within ${limit / 60_000} minutes; the VM takes its old one back.`,
  );
}

function ran(at: NewRoot): string {
  const runs = `The guest runs on PersistentVolumeClaim ${at.after.claim} of OperatingSystem ${at.operatingSystem} and its agent answers.`;
  if (at.operation !== 'Rescue') return `${runs} ${wayBack(at)}`;
  return `${runs} The root disk that is to be mended (PersistentVolumeClaim ${at.before.claim}) is /dev/disk/by-id/virtio-${RESCUED_SERIAL} in it; the VM takes that back at ${at.until}, or as soon as an Approver rejects the change.`;
}

/**
 * Its change is not agreed to any more, or its time has passed: by the window that was agreed to first, or one that ends it sooner. A window that was just
 * written is heard when it was judged; it prolongs nothing.
 */
function isRescueOver(standing: Standing): boolean {
  const { at, now } = standing;
  if (at.operation !== 'Rescue') return false;
  const change = changeOf(standing);
  if (change === undefined || (at.until !== undefined && now >= new Date(at.until))) return true;
  if (!isJudged(change)) return false;
  const window = agreedWindow(change);
  return window === undefined || !isIn(window, now);
}

/** Until when a rescue lasts that may have been brought forward. */
function broughtForward(standing: Standing): NewRoot {
  const { at } = standing;
  const change = changeOf(standing);
  const end = change && agreedWindow(change)?.notAfter;
  return end === undefined || at.until === undefined || end >= new Date(at.until) ? at : { ...at, until: instant(end) };
}

function wayBack({ before }: NewRoot): string {
  return `The old root disk (PersistentVolumeClaim ${before.claim}) stays until somebody deletes it.`;
}

/** The customer tries it, and says whether he takes it (GE-13). What was pre-approved by a price list nobody is asked about. */
function onTrial(standing: Standing): NewRoot | undefined {
  const { at } = standing;
  const change = changeOf(standing);
  if (at.operation === 'Rescue')
    return isRescueOver(standing)
      ? to(standing, 'StoppingBack', `The rescue is over; the VM takes PersistentVolumeClaim ${at.before.claim} back.`)
      : broughtForward(standing);
  if (change !== undefined && change.spec.result === undefined) return at;
  const accepted = change?.status?.conditions?.find(({ type }) => type === 'Accepted');
  if (change !== undefined && accepted?.reason === 'NotAccepted') {
    return standing.facts.newRoot?.before === at.before.uid
      ? to(
          standing,
          'StoppingBack',
          `The customer has rejected the result; the VM takes PersistentVolumeClaim ${at.before.claim} back.`,
        )
      : {
          ...at,
          message: `The customer has rejected the result, and PersistentVolumeClaim ${at.before.claim} is gone: there is no way back to it.`,
        };
  }
  const isTaken = change === undefined || change.spec.class === 'Standard' || accepted?.status === 'True';
  if (!isTaken) return at;
  const message = `The migration is accepted: spec.operatingSystem may say ${at.operatingSystem} from now on. ${wayBack(at)}`;
  return at.operation === 'Rebuild' ? undefined : to(standing, 'Accepted', message);
}

function stoppingBack(standing: Standing): NewRoot {
  const { facts, at } = standing;
  if (facts.newRoot?.before !== at.before.uid)
    return {
      ...at,
      message: `The VM is to take PersistentVolumeClaim ${at.before.claim} back, which is gone: it stays off until that is restored.`,
    };
  return isOff(facts)
    ? to(
        standing,
        'ExchangingBack',
        `The VM is off, and takes PersistentVolumeClaim ${at.before.claim} back as its root disk.`,
      )
    : at;
}

function exchangingBack(standing: Standing): NewRoot {
  const { facts, at } = standing;
  if (rootOf(facts) !== at.before.claim) return at;
  return to(
    standing,
    'TakenBack',
    `The VM has its old root disk again (PersistentVolumeClaim ${at.before.claim}) and starts on it; PersistentVolumeClaim ${at.after.claim} stays until somebody deletes it.`,
  );
}

/** It is told until its change says so, the disk is remembered, and what no guest has seen has gone. */
function ended(standing: Standing): NewRoot | undefined {
  const { at, facts, managedVM } = standing;
  const change = changeOf(standing);
  if (change !== undefined && change.spec.result === undefined) return at;
  if (at.phase === 'Failed') return facts.newRoot?.dataVolume === undefined ? undefined : at;
  const root = managedVM.status?.disks?.find(({ name }) => name === ROOT_DISK);
  return root?.claimUID === at.before.uid ? undefined : at;
}

function otherRoot({ managedVM, facts, at }: Standing): string | undefined {
  const root = managedVM.status?.disks?.find(({ name }) => name === ROOT_DISK);
  const same = root?.claimUID === at.before.uid && facts.newRoot?.before === at.before.uid;
  return same
    ? undefined
    : `Its root disk is not PersistentVolumeClaim ${at.before.claim} with uid ${at.before.uid} any more.`;
}

function changeOver(standing: Standing): string | undefined {
  const { name } = standing.at.change;
  const change = changeOf(standing);
  if (change === undefined) return `ChangeRequest ${name} is gone.`;
  if (change.spec.result !== undefined) return `ChangeRequest ${name} has the result ${change.spec.result.outcome}.`;
  return isRescueOver(standing)
    ? `The time of the rescue is over, or ChangeRequest ${name} is not agreed to any more.`
    : undefined;
}

function changeOf({ facts, at }: Standing): ChangeRequest | undefined {
  return facts.changeRequests.find(({ metadata }) => metadata.uid === at.change.uid);
}

/** KubeVirt has taken notice, and nothing of the guest is left. */
function isOff({ live, virtualMachineInstance }: MachineFacts): boolean {
  const { virtualMachine } = live;
  const strategy = (virtualMachine?.spec as { readonly runStrategy?: unknown } | undefined)?.runStrategy;
  return virtualMachine !== undefined && strategy === 'Halted' && virtualMachineInstance === undefined;
}

/** The claim that the machine has as its root disk. */
function rootOf({ live }: MachineFacts): string | undefined {
  return claimOfVolume(volumeOf(live.virtualMachine, ROOT_DISK));
}
