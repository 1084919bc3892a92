/**
 * What Steward carries out itself (GE-6): never before it is agreed and in its window, and once. Steward first writes down which instance it
 * ends, and only that one ends; whoever goes on with it tells by the uid whether it has happened (docs/adr/0145).
 */
import type { ChangeRequest, ChangeRequestSpec, Claim } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { DoneRemedy } from '../../api/remedy.ts';
import type { Child } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import type { Fields } from '../contract/json.ts';
import { agreedWindow, isIn } from '../contract/setout.ts';
import { endedBySteward, type Result } from '../contract/stewardchange.ts';
import type { VirtualMachineInstance } from '../machine/observedvm.ts';
import { guestRuns } from '../machine/vmstate.ts';

/** What a change is for, as it is now. */
export type OperationTarget = {
  readonly managedVM: ManagedVM | undefined;
  /** Of its VirtualMachine, and of no other. */
  readonly instance: VirtualMachineInstance | undefined;
  /** What the guest worker has answered of the last remedy that it was told of. */
  readonly remedy?: DoneRemedy | undefined;
  /** What KubeVirt was asked for by this change, if it is there. */
  readonly asked?: Fields | undefined;
  /** Why this is not known now, as a sentence. */
  readonly unknown?: string | undefined;
};

export type OperationFacts = {
  readonly spec: ChangeRequestSpec;
  readonly claim: Claim | undefined;
  readonly target: OperationTarget;
  /** Agreed, and in its window now. */
  readonly mayBegin: boolean;
  readonly now: Date;
};

/** How far it is: what is to be written down, and what to look at again when. */
export type OperationStep = {
  /** A sentence on how far it is. */
  readonly says: string;
  readonly claim?: Claim | undefined;
  readonly result?: Result;
  readonly nextEdge?: Date;
  /** What KubeVirt is to be asked for, once: its claim is written by then. */
  readonly ask?: Child;
};

export const RESTART_WITHIN = '30 minutes';
const RESTART_MS = 30 * 60_000;
/** Nothing is begun so late that it could happen after it was judged. */
const BEGIN_MS = 25 * 60_000;

/** The next step of what Steward carries out; undefined: it has a result, or people carry it out. */
export function operationStep(facts: OperationFacts): OperationStep | undefined {
  const { spec, claim, target, mayBegin, now } = facts;
  if (spec.operation === undefined || spec.result !== undefined) return undefined;
  if (target.unknown !== undefined) return { says: target.unknown, claim };
  if (claim !== undefined) return carriedOut(facts, claim);
  if (!mayBegin) return { says: 'Steward carries it out once Agreed and InWindow are True, and does nothing before.' };
  const ended = nothingToRestart(facts);
  if (ended !== undefined) return { says: ended, result: endedBySteward('Cancelled', ended, now) };
  const held = heldBack(target, spec.operation === 'ForcedStop');
  if (held !== undefined) return { says: held };
  const { uid = '' } = target.instance ?? {};
  return {
    says: ends(uid),
    claim: { instance: uid, at: instant(now) },
    nextEdge: new Date(now.getTime() + RESTART_MS),
  };
}

function carriedOut({ target: { instance, managedVM }, now, spec }: OperationFacts, claim: Claim): OperationStep {
  const { name } = spec.target;
  if (spec.operation === 'ForcedStop' && managedVM?.spec.powerState === 'Stopped' && instance?.uid !== claim.instance) {
    const says = `Instance ${claim.instance} of ManagedVM ${name} has ended, and the VM is off as ordered.`;
    return { says, claim, result: endedBySteward('Succeeded', says, now) };
  }
  const other = instance !== undefined && instance.uid !== claim.instance;
  if (other && guestRuns(instance)) {
    const says = `Instance ${claim.instance} of ManagedVM ${name} has ended, and instance ${instance.uid} runs.`;
    return { says, claim, result: endedBySteward('Succeeded', says, now) };
  }
  const judgedAt = new Date(Date.parse(claim.at) + RESTART_MS);
  if (now < judgedAt) return { says: ends(claim.instance), claim, nextEdge: judgedAt };
  const stand = instance?.uid === claim.instance ? 'still runs' : 'has ended, and no other runs';
  const says = `Instance ${claim.instance} of ManagedVM ${name} ${stand} ${RESTART_WITHIN} after it was to end; Steward does not try again.`;
  return { says, claim, result: endedBySteward('Failed', says, now) };
}

/** Why there is nothing to restart, and will not be. */
function nothingToRestart({
  spec: { target, operation },
  target: { managedVM, instance },
}: OperationFacts): string | undefined {
  const name = `ManagedVM ${target.name}`;
  if (managedVM === undefined || managedVM.metadata.uid !== target.uid)
    return `${name} of uid ${target.uid} is gone: nothing was restarted.`;
  if (managedVM.metadata.deletionTimestamp !== undefined) return `${name} is being deleted: nothing was restarted.`;
  // A guest that does not shut down as ordered is what it is for.
  if (operation === 'ForcedStop' && instance !== undefined) return undefined;
  if (managedVM.spec.powerState === 'Stopped')
    return `${name} is powered off as ordered: nothing was restarted, and its next start takes every setting.`;
  return undefined;
}

/** What it waits for. */
function heldBack({ managedVM, instance }: OperationTarget, byForce: boolean): string | undefined {
  const name = `ManagedVM ${managedVM?.metadata.name}`;
  if (managedVM?.spec.paused !== undefined) return `${name} is paused by spec.paused: Steward waits for its end.`;
  const isThere = byForce ? instance !== undefined : guestRuns(instance);
  return isThere && instance?.uid !== undefined ? undefined : `No guest of ${name} runs: Steward waits for one.`;
}

function ends(uid: string): string {
  return `Steward ends instance ${uid} as soon as nothing stands against it, and sees the next one run.`;
}

/**
 * Uid of the instance of a ManagedVM that must end now because a change says so, with its shutdown (`Restart`) or without (`ForcedStop`): claimed, still
 * agreed to as it is, in its window, without a result. `changes`: those of its namespace that name it.
 */
export function instanceToEnd(
  { metadata }: ManagedVM,
  changes: readonly ChangeRequest[],
  now: Date,
  by: 'Restart' | 'ForcedStop' = 'Restart',
): string | undefined {
  return changes.find(change => {
    const { spec, status } = change;
    if (spec.operation !== by || spec.target.uid !== metadata.uid || status?.claim === undefined) return false;
    const window = agreedWindow(change);
    return window !== undefined && isIn(window, now) && now.getTime() < Date.parse(status.claim.at) + BEGIN_MS;
  })?.status?.claim?.instance;
}
