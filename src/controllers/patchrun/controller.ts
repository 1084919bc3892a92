import { managedVM } from '../../api/managedvm.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import {
  PersistentVolumeClaim,
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineRestore,
  VirtualMachineSnapshot,
} from '../../api/upstream.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import { keepingOf } from '../../domain/patching/keeping.ts';
import { isRestarting } from '../../domain/patching/restart.ts';
import { isTurningBack } from '../../domain/patching/rollback.ts';
import { withVerdict } from '../../domain/patching/runstatus.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import type { Owner } from '../../runtime/children/ownership.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { attendRestart } from './restarts.ts';
import { attendRollback } from './rollbacks.ts';
import { attendSnapshot } from './snapshots.ts';
import { stopWatches, unbegunIndex, withdrawalOf } from './withdrawal.ts';

type Run = PatchRun & KubeObject;

const VM_INDEX = 'runsOf';
/** Runs whose VM is being turned back or restarted, by their namespace: few at any time. */
const MACHINE_INDEX = 'waitingForMachine';

/**
 * Does what a run needs done in the cluster, ends runs that no runner has followed to their end, and forgets those that are old (GE-8). What
 * goes on in guests is the runner's.
 */
export function patchRunController(): ControllerDefinition<Run> {
  return defineController<Run>({
    name: 'patchrun',
    kind: patchRun,
    indexes: {
      [VM_INDEX]: ({ spec }) => [spec.managedVM.uid],
      [MACHINE_INDEX]: run => (isTurningBack(run) || isRestarting(run) ? [run.metadata.namespace ?? ''] : []),
      ...unbegunIndex,
    },
    owns: [
      { kind: VirtualMachineSnapshot, named: hasItsName },
      // Everybody's: no snapshot is removed that one of them still needs.
      { kind: VirtualMachineRestore, selector: '', named: hasItsName },
    ],
    watches: [
      {
        kind: patchRun,
        part: ({ metadata }) => metadata.uid,
        toKeys: (run, read) => ofSameVM(run as Run, read).map(keyOf),
      },
      { kind: VirtualMachineRestore, toKeys: restore => [keyOfSnapshot(restore)] },
      // What is snapshotted, and turned back.
      { kind: managedVM, part: ({ status }) => at(status, 'disks'), toKeys: waitingBeside },
      { kind: VirtualMachine, part: ({ spec }) => at(spec, 'runStrategy'), toKeys: waitingBeside },
      {
        kind: VirtualMachineInstance,
        part: ({ metadata, status }) => [metadata.uid, at(status, 'phase')],
        toKeys: waitingBeside,
      },
      { kind: PersistentVolumeClaim, part: ({ metadata }) => metadata.uid, toKeys: waitingBeside },
      ...stopWatches,
    ],
    reconcile: async context => {
      const { object, read, now, status, deleteObject } = context;
      const { start } = object.spec.occurrence;
      const newer = ofSameVM(object, read).filter(other => other.spec.occurrence.start > start);
      const keeping = keepingOf(object, newer.length, now);
      switch (keeping.act) {
        case 'end':
          await status(withVerdict(object.status, keeping.ending, now));
          return;
        case 'forget':
          await deleteObject(patchRun, object);
          return;
        case 'keep': {
          const verdict = withdrawalOf(object, read);
          if (verdict !== undefined) {
            await status(withVerdict(object.status, verdict, now));
            return;
          }
          return {
            requeueAt: earliest(
              keeping.until,
              await attendSnapshot(context),
              await attendRestart(context),
              await attendRollback(context, ofSameVM(object, read)),
            ),
          };
        }
      }
    },
  });
}

function hasItsName(owner: Owner, { metadata }: KubeObject): boolean {
  return metadata.name === owner.metadata.name;
}

function waitingBeside({ metadata: { namespace = '' } }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Run>(patchRun, MACHINE_INDEX, namespace).map(keyOf);
}

/** The run whose snapshot a restore is of, if it is one's: both have one name. */
function keyOfSnapshot({ metadata: { namespace = '' }, spec }: KubeObject): ObjectKey {
  return { namespace, name: textAt(spec, 'virtualMachineSnapshotName') ?? '' };
}

function ofSameVM({ spec }: Run, read: Reader): readonly Run[] {
  return read.byIndex<Run>(patchRun, VM_INDEX, spec.managedVM.uid);
}
