import { type ClusterPatchPolicy, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { assessClusterPatchPolicy } from '../../domain/policies/patchpolicystatus.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { patchMembers } from '../patchmembers.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';

const MEMBERS = 'provenBy';

/** Says of each ClusterPatchPolicy whether it can be worked by and when, and sums up the ManagedVMs whose patches it proves (MO-3, MO-11). */
export function clusterPatchPolicyController(
  reporter: Reporter,
): ControllerDefinition<ClusterPatchPolicy & KubeObject> {
  return defineController<ClusterPatchPolicy & KubeObject>({
    name: 'clusterpatchpolicy',
    kind: clusterPatchPolicy,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    owns: [],
    watches: [patchMembers(MEMBERS, provenBy)],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const assessment = assessClusterPatchPolicy({
        policy: object,
        members: read.byIndex<ManagedVM & KubeObject>(managedVM, MEMBERS, `/${object.metadata.name}`),
        unreadable: unreadableAt(read, [[managedVM, '']])[0],
        now,
      });
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function provenBy({ status }: ManagedVM & KubeObject): readonly ObjectKey[] {
  const name = status?.patching?.provenBy;
  return name === undefined ? [] : [{ namespace: '', name }];
}
