import { managedVM } from '../../api/managedvm.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { VirtualMachine, VirtualMachineSnapshot } from '../../api/upstream.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { keepingOf } from '../../domain/patching/keeping.ts';
import { withVerdict } from '../../domain/patching/runstatus.ts';
import { snapshotName } from '../../domain/patching/snapshot.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { attendSnapshot } from './snapshots.ts';

type Run = PatchRun & KubeObject;

const VM_INDEX = 'runsOf';

/**
 * Does what a run needs done in the cluster, ends runs that no runner has followed to their end, and forgets those that are old (GE-8). What
 * goes on in guests is the runner's.
 */
export function patchRunController(): ControllerDefinition<Run> {
  return defineController<Run>({
    name: 'patchrun',
    kind: patchRun,
    indexes: { [VM_INDEX]: ({ spec }) => [spec.managedVM.uid] },
    owns: [
      {
        kind: VirtualMachineSnapshot,
        named: (owner, { metadata }) => metadata.name === snapshotName(owner as Run),
      },
    ],
    watches: [
      {
        kind: patchRun,
        part: ({ metadata }) => metadata.uid,
        toKeys: (run, read) => ofSameVM(run as Run, read).map(keyOf),
      },
      // What is snapshotted; its changes are no matter of a run.
      ...[managedVM, VirtualMachine].map(kind => ({ kind, part: () => undefined, toKeys: () => [] })),
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
        case 'keep':
          return { requeueAt: earliest(keeping.until, await attendSnapshot(context)) };
      }
    },
  });
}

function ofSameVM({ spec }: Run, read: Reader): readonly Run[] {
  return read.byIndex<Run>(patchRun, VM_INDEX, spec.managedVM.uid);
}
