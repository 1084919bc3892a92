/** Turning a VM back to the snapshot before its patch: in which order, asked of whom, and what proves that it has happened. */
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { isFinal, type PatchRun, type PatchRunStatus } from '../../api/patchrun.ts';
import { instant } from '../contract/condition.ts';
import { excerpt } from '../contract/excerpt.ts';
import { at, type Fields, listAt, textAt } from '../contract/json.ts';
import { lastOf } from './attempts.ts';
import { ROLLBACK_MS } from './run.ts';
import { withEnd } from './runstatus.ts';

type Run = Pick<PatchRun, 'metadata' | 'spec' | 'status'>;
type Rollback = NonNullable<PatchRunStatus['rollback']>;

/** What there is of it in the cluster. */
export type RollbackFacts = {
  /** The ManagedVM that the run is of, and none that has its name today. */
  readonly order: ManagedVM | undefined;
  readonly virtualMachine: Fields | undefined;
  readonly instance: Fields | undefined;
  readonly snapshot: Fields | undefined;
  /** The VirtualMachineRestore of the run's name, if it is the run's. */
  readonly restore: Fields | undefined;
  /** A PersistentVolumeClaim of the namespace. */
  readonly claim: (name: string) => Fields | undefined;
  /** All runs of the VM. */
  readonly runs: readonly PatchRun[];
};

export type RollbackAct =
  | { readonly act: 'nothing' }
  /** Have KubeVirt restore the machine, which has stopped, and note the uid of the restore. */
  | { readonly act: 'restore' }
  | { readonly act: 'write'; readonly status: PatchRunStatus }
  /** The restore is over; as long as it stands KubeVirt takes no other of this machine. */
  | { readonly act: 'remove' };

const NOTHING: RollbackAct = { act: 'nothing' };

/** Whether a run waits for its VM to be turned back. */
export function isTurningBack({ status }: Pick<PatchRun, 'status'>): boolean {
  const step = lastOf({ status }, 'rollback');
  return step !== undefined && step.verdict === undefined && !isFinal(status?.phase);
}

/** One name for each run: it is restored at most once. */
export function restoreName({ metadata }: Pick<PatchRun, 'metadata'>): string {
  return metadata.name;
}

/**
 * The machine must have stopped: KubeVirt waits five minutes for that. The disks as they were stay, under their names; those that take their place
 * belong to nobody until the ManagedVM takes them.
 */
export function restoreFor(run: Run, virtualMachine: string) {
  return {
    apiVersion: 'snapshot.kubevirt.io/v1beta1',
    kind: 'VirtualMachineRestore',
    metadata: { name: restoreName(run), namespace: run.metadata.namespace ?? '' },
    spec: {
      target: { apiGroup: 'kubevirt.io', kind: 'VirtualMachine', name: virtualMachine },
      virtualMachineSnapshotName: run.status?.snapshot?.name ?? '',
      targetReadinessPolicy: 'WaitGracePeriod',
      volumeRestorePolicy: 'RandomizeNames',
      volumeOwnershipPolicy: 'None',
    },
  };
}

/**
 * What the operator does next about a rollback that a run asks for. First it notes which instance ends, by which the ManagedVM's pass stops the
 * machine; then KubeVirt restores; then the claims that it made are noted by their uids, which is the consent to them; then the machine starts.
 * Another instance that runs on those claims is the proof.
 */
export function rollbackAct(run: Run, facts: RollbackFacts, now: Date): RollbackAct {
  const step = lastOf(run, 'rollback');
  const { status } = run;
  if (step === undefined || status === undefined) return NOTHING;
  if (step.verdict !== undefined || isFinal(status.phase))
    return facts.restore === undefined ? NOTHING : { act: 'remove' };
  const { rollback = {} } = status;
  const late = now.getTime() >= Date.parse(step.began) + ROLLBACK_MS;
  if (late) return failed(status, `it had not come about within ${ROLLBACK_MS / 60_000} minutes`, now);
  if (rollback.instance === undefined) return begin(status, run, facts, now);
  if (rollback.restoredAt === undefined) return restoring(status, rollback, facts, now);
  return isBack(rollback, facts) ? write(withEnd(status, 'rollback', { verdict: 'Passed' }, now)) : NOTHING;
}

function begin(status: PatchRunStatus, run: Run, facts: RollbackFacts, now: Date): RollbackAct {
  const why = whyNot(run, facts);
  if (why !== undefined) return failed(status, why, now);
  return noted(status, { instance: textAt(facts.instance, 'metadata', 'uid') ?? 'none' });
}

/** Looked at before anything is done: from then on the machine is stopped, and what has begun is brought to its end. */
function whyNot(run: Run, { order, virtualMachine, snapshot, runs }: RollbackFacts): string | undefined {
  const taken = run.status?.snapshot;
  if (order === undefined || order.metadata.deletionTimestamp !== undefined || virtualMachine === undefined)
    return 'the ManagedVM or its machine is gone, or is being deleted';
  if (order.spec.powerState !== 'Running' || order.spec.paused !== undefined)
    return `${managedVM.kind} ${order.metadata.name} is switched off or paused by its order`;
  const adopts = order.spec.disks.find(({ adopt }) => adopt !== undefined);
  if (adopts) return `spec.disks[${adopts.name}].adopt says which claim that disk is: a person must decide`;
  if (taken === undefined || textAt(snapshot, 'metadata', 'uid') !== taken.uid)
    return 'the snapshot is not there any more';
  if (at(snapshot, 'status', 'readyToUse') !== true) return 'the snapshot cannot be used';
  const since = Date.parse(taken.takenAt ?? '') || 0;
  const other = runs.find(
    ({ metadata, status }) =>
      metadata.uid !== run.metadata.uid && (status?.steps ?? []).some(({ began }) => Date.parse(began) >= since),
  );
  return other && `PatchRun ${other.metadata.name} has begun in the guest since the snapshot was taken`;
}

function restoring(status: PatchRunStatus, rollback: Rollback, facts: RollbackFacts, now: Date): RollbackAct {
  const { restore } = facts;
  if (rollback.restore === undefined) {
    const halted = textAt(facts.virtualMachine, 'spec', 'runStrategy') === 'Halted';
    return halted && facts.instance === undefined ? { act: 'restore' } : NOTHING;
  }
  if (textAt(restore, 'metadata', 'uid') !== rollback.restore)
    return failed(status, 'its VirtualMachineRestore is not there any more', now);
  const failure = restoreFailure(restore);
  if (failure !== undefined) return failed(status, `KubeVirt could not restore: ${excerpt(failure, 200)}`, now);
  if (rollback.disks === undefined) {
    const disks = restoredDisks(status, facts);
    return disks === undefined ? NOTHING : noted(status, { disks });
  }
  return at(restore, 'status', 'complete') === true ? noted(status, { restoredAt: instant(now) }) : NOTHING;
}

/** Why KubeVirt has given a restore up; undefined: it has not. */
export function restoreFailure(restore: Fields | undefined): string | undefined {
  const failure = listAt(restore, 'status', 'conditions').find(
    condition => textAt(condition, 'type') === 'Failure' && textAt(condition, 'status') === 'True',
  );
  return failure === undefined ? undefined : (textAt(failure, 'reason') ?? 'no reason');
}

/** Of each disk that is in the snapshot the claim that KubeVirt made from it; undefined: they are not all there yet. */
function restoredDisks({ snapshot }: PatchRunStatus, { order, restore, claim }: RollbackFacts): Rollback['disks'] {
  const restores = listAt(restore, 'status', 'restores');
  const ordered = new Set(order?.spec.disks.map(({ name }) => name));
  const disks = (snapshot?.disks ?? []).filter(disk => ordered.has(disk));
  const found = disks.flatMap(disk => {
    const made = restores.find(each => textAt(each, 'volumeName') === disk);
    const name = textAt(made, 'persistentVolumeClaim') ?? '';
    const uid = textAt(claim(name), 'metadata', 'uid');
    const before = order?.status?.disks?.find(each => each.name === disk)?.claim;
    return uid === undefined ? [] : [{ disk, claim: name, uid, ...(before !== undefined && { before }) }];
  });
  return found.length === disks.length && disks.length > 0 ? found : undefined;
}

/** Another instance runs, on what was restored. */
function isBack({ instance, disks = [] }: Rollback, facts: RollbackFacts): boolean {
  const uid = textAt(facts.instance, 'metadata', 'uid');
  const taken = facts.order?.status?.disks ?? [];
  return (
    uid !== undefined &&
    uid !== instance &&
    textAt(facts.instance, 'status', 'phase') === 'Running' &&
    disks.every(({ disk, uid: claim }) => taken.some(each => each.name === disk && each.claimUID === claim))
  );
}

function noted(status: PatchRunStatus, more: Partial<Rollback>): RollbackAct {
  return write({ ...status, rollback: { ...status.rollback, ...more } });
}

function write(status: PatchRunStatus): RollbackAct {
  return { act: 'write', status };
}

function failed(status: PatchRunStatus, why: string, now: Date): RollbackAct {
  return write(withEnd(status, 'rollback', { verdict: 'Failed', detail: why }, now));
}
