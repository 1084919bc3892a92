import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { keepingOf } from '../../domain/patching/keeping.ts';
import { withVerdict } from '../../domain/patching/runstatus.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';

type Run = PatchRun & KubeObject;

const VM_INDEX = 'runsOf';

/** Ends runs that no runner has followed to their end, and forgets those that are old (GE-8). What goes on in guests is the runner's. */
export function patchRunController(): ControllerDefinition<Run> {
  return defineController<Run>({
    name: 'patchrun',
    kind: patchRun,
    indexes: { [VM_INDEX]: ({ spec }) => [spec.managedVM.uid] },
    owns: [],
    watches: [
      {
        kind: patchRun,
        part: ({ metadata }) => metadata.uid,
        toKeys: (run, read) => ofSameVM(run as Run, read).map(keyOf),
      },
    ],
    reconcile: async ({ object, read, now, status, deleteObject }) => {
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
          return { requeueAt: keeping.until };
      }
    },
  });
}

function ofSameVM({ spec }: Run, read: Reader): readonly Run[] {
  return read.byIndex<Run>(patchRun, VM_INDEX, spec.managedVM.uid);
}
