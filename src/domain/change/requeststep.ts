/** How far a change is that Steward has KubeVirt carry out: a live migration, or a snapshot, by one object that is made once (MO-2; docs/adr/0219). */
import type { ChangeRequestSpec, Claim } from '../../api/changerequest.ts';
import { type Child, nameBetween, shortHash, virtualMachineName } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { at, type Fields, listAt, textAt, textsAt, timeAt } from '../contract/json.ts';
import { endedBySteward, type Result } from '../contract/stewardchange.ts';
import { consistencyOf, flawOf, snapshotFailure } from '../machine/snapshot.ts';
import { guestRuns } from '../machine/vmstate.ts';
import type { OperationFacts, OperationStep } from './operation.ts';

export const REQUESTS = ['LiveMigration', 'Snapshot'] as const;
export type RequestOperation = (typeof REQUESTS)[number];

export function isRequest(operation: ChangeRequestSpec['operation']): operation is RequestOperation {
  return operation === 'LiveMigration' || operation === 'Snapshot';
}

/** Nothing is asked for so late after its claim. Milliseconds. */
const BEGIN_MS = 25 * 60_000;
/** In which KubeVirt has to be done: it sets a migration no end. Milliseconds. */
const JUDGE_MS = 2 * 3_600_000;
const NO_INSTANCE = 'none';

/** The uid makes it the name of this change alone, so that whoever asks again finds what was asked for. */
export function requestName({
  metadata: { name, uid = '' },
}: {
  readonly metadata: { readonly name: string; readonly uid?: string | undefined };
}): string {
  return nameBetween('', name, `-${shortHash(uid)}`);
}

export type RequestFacts = OperationFacts & {
  readonly change: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string | undefined;
      readonly uid?: string | undefined;
    };
  };
  /** The VirtualMachine, as KubeVirt has it. */
  readonly virtualMachine: Fields | undefined;
};

/** Undefined: it has a result. */
export function requestStep(facts: RequestFacts): OperationStep | undefined {
  const { spec, claim, target, mayBegin, now } = facts;
  if (spec.result !== undefined) return undefined;
  if (target.unknown !== undefined) return { says: target.unknown, claim };
  if (claim !== undefined) return asked(facts, claim);
  if (!mayBegin) return { says: 'Steward carries it out once Agreed and InWindow are True, and does nothing before.' };
  const gone = goneOf(facts);
  if (gone !== undefined) return { says: gone, result: endedBySteward('Cancelled', gone, now) };
  const held = heldBack(facts);
  if (held !== undefined) return { says: held };
  return {
    says: `${WORDS[operationOf(spec)]} is asked of KubeVirt.`,
    claim: { instance: target.instance?.uid ?? NO_INSTANCE, at: instant(now) },
    // An own write comes back by no event.
    nextEdge: now,
  };
}

const WORDS: Readonly<Record<RequestOperation, string>> = {
  LiveMigration: 'A VirtualMachineInstanceMigration',
  Snapshot: 'A VirtualMachineSnapshot',
};

function operationOf({ operation }: ChangeRequestSpec): RequestOperation {
  return operation === 'LiveMigration' ? 'LiveMigration' : 'Snapshot';
}

function goneOf({ spec: { target, operation }, target: { managedVM } }: RequestFacts): string | undefined {
  const name = `ManagedVM ${target.name}`;
  if (managedVM === undefined || managedVM.metadata.uid !== target.uid)
    return `${name} of uid ${target.uid} is gone: nothing was done.`;
  if (managedVM.metadata.deletionTimestamp !== undefined) return `${name} is being deleted: nothing was done.`;
  if (operation === 'LiveMigration' && managedVM.spec.powerState === 'Stopped')
    return `${name} is powered off as ordered: there is nothing to migrate.`;
  return undefined;
}

function heldBack({ spec, target: { managedVM, instance }, virtualMachine }: RequestFacts): string | undefined {
  const name = `ManagedVM ${spec.target.name}`;
  if (managedVM?.spec.paused !== undefined) return `${name} is paused by spec.paused: Steward waits for its end.`;
  if (spec.operation === 'LiveMigration')
    return guestRuns(instance) ? undefined : `No guest of ${name} runs: Steward waits for one.`;
  return virtualMachine === undefined ? `${name} has no VirtualMachine yet: Steward waits for it.` : undefined;
}

function asked(facts: RequestFacts, claim: Claim): OperationStep {
  const { spec, target, now } = facts;
  const made = target.asked;
  const what = WORDS[operationOf(spec)];
  const over = (outcome: Result['outcome'], says: string, kept: Claim = claim): OperationStep => ({
    ...{ says, claim: kept },
    result: endedBySteward(outcome, says, now),
  });
  if (made === undefined) {
    if (claim.asked !== undefined)
      return over(
        'Failed',
        `${what} ${claim.asked.name} was asked for, and somebody has deleted it before it was done.`,
      );
    const gone = goneOf(facts);
    if (gone !== undefined) return over('Cancelled', gone);
    const until = new Date(Date.parse(claim.at) + BEGIN_MS);
    if (now >= until)
      return over('Cancelled', `${what} could not be asked for within ${BEGIN_MS / 60_000} minutes: nothing was done.`);
    return { says: `${what} is asked of KubeVirt.`, claim, ask: requestOf(facts), nextEdge: until };
  }
  const known = { name: textAt(made, 'metadata', 'name') ?? '', uid: textAt(made, 'metadata', 'uid') ?? '' };
  if (claim.asked !== undefined && claim.asked.uid !== known.uid)
    return over('Failed', `${what} ${known.name} is another by now than was asked for.`);
  const kept = { ...claim, asked: known };
  const found = operationOf(spec) === 'Snapshot' ? snapshotOf(facts, made) : migrationOf(made);
  if (found !== undefined) return over(found.outcome, `${what} ${known.name}: ${found.says}`, kept);
  const judgedAt = new Date(Date.parse(claim.at) + JUDGE_MS);
  if (now >= judgedAt)
    return over(
      'Failed',
      `${what} ${known.name} was not done within ${JUDGE_MS / 3_600_000} hours; Steward does not try again.`,
      kept,
    );
  return {
    says: `${what} ${known.name} is ${textAt(made, 'status', 'phase') ?? 'new'}.`,
    claim: kept,
    nextEdge: judgedAt,
  };
}

/** What is asked of KubeVirt. It goes with the record of the change. */
function requestOf({ change, spec, virtualMachine, target: { managedVM } }: RequestFacts): Child {
  const metadata = { name: requestName(change), namespace: change.metadata.namespace ?? '' };
  const machine =
    textAt(virtualMachine, 'metadata', 'name') ?? (managedVM ? virtualMachineName(managedVM) : spec.target.name);
  if (spec.operation === 'LiveMigration')
    return {
      apiVersion: 'kubevirt.io/v1',
      kind: 'VirtualMachineInstanceMigration',
      metadata,
      spec: { vmiName: machine },
    };
  return {
    ...{ apiVersion: 'snapshot.kubevirt.io/v1beta1', kind: 'VirtualMachineSnapshot', metadata },
    spec: {
      source: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: machine },
      ...{ failureDeadline: '5m0s', deletionPolicy: 'Delete' },
    },
  };
}

type Found = { readonly outcome: 'Succeeded' | 'Failed'; readonly says: string } | undefined;

function snapshotOf({ target: { managedVM }, virtualMachine }: RequestFacts, made: Fields): Found {
  const phase = textAt(made, 'status', 'phase');
  if (phase === 'Failed') return { outcome: 'Failed', says: `KubeVirt could not make it: ${snapshotFailure(made)}.` };
  if (phase !== 'Succeeded' || at(made, 'status', 'readyToUse') !== true) return undefined;
  const disks = managedVM?.spec.disks.map(({ name }) => name) ?? [];
  const flaw = flawOf(made, { virtualMachine, disks });
  if (flaw !== undefined) return { outcome: 'Failed', says: `it is there and not whole: ${flaw}.` };
  const taken = timeAt(made, 'status', 'creationTime');
  const included = textsAt(made, 'status', 'snapshotVolumes', 'includedVolumes').slice(0, 16).join(', ');
  return {
    outcome: 'Succeeded',
    says: `of ${taken === undefined ? 'an instant that KubeVirt does not tell' : instant(taken)}, ${consistencyOf(made)}, with the disks ${included}. It stays until somebody deletes it, and is no backup: it lies where the disks lie.`,
  };
}

function migrationOf(made: Fields): Found {
  const phase = textAt(made, 'status', 'phase');
  const state = at(made, 'status', 'migrationState');
  const [from, to] = [textAt(state, 'sourceNode') ?? 'its node', textAt(state, 'targetNode') ?? 'another'];
  if (phase === 'Succeeded')
    return {
      outcome: 'Succeeded',
      says: `the guest runs on node ${to} and not on ${from} any more, without a restart.`,
    };
  if (phase !== 'Failed') return undefined;
  const rejected = listAt(made, 'status', 'conditions').find(each => textAt(each, 'status') === 'True');
  const why =
    textAt(state, 'failureReason') ?? textAt(rejected, 'message') ?? textAt(rejected, 'type') ?? 'it does not say why';
  return {
    outcome: 'Failed',
    says: `KubeVirt could not move the guest, which stays on ${from}: ${excerpt(why, 300)}.`,
  };
}
