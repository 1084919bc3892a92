import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type PatchPolicy, patchPolicy } from '../../api/patchpolicy.ts';
import { assessPatchPolicy } from '../../domain/policies/patchpolicystatus.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { patchMembers } from '../patchmembers.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';

const MEMBERS = 'patchedBy';
const WINDOW_INDEX = 'window';

const windowSaid = readOnce(MaintenanceWindowSpec);

/** Says of each PatchPolicy whether it can be worked by and when, and sums up what its ManagedVMs say of their patches (MO-4). */
export function patchPolicyController(reporter: Reporter): ControllerDefinition<PatchPolicy & KubeObject> {
  return defineController<PatchPolicy & KubeObject>({
    name: 'patchpolicy',
    kind: patchPolicy,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    indexes: { [WINDOW_INDEX]: windowsOf },
    owns: [],
    watches: [
      patchMembers(MEMBERS, policyOf),
      {
        kind: maintenanceWindow,
        part: ({ spec }) => spec,
        toKeys: ({ metadata: { namespace, name } }, read) =>
          read.byIndex(patchPolicy, WINDOW_INDEX, `${namespace}/${name}`).map(keyOf),
      },
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, read, now } = context;
      const { namespace = '', name } = object.metadata;
      const assessment = assessPatchPolicy({
        policy: object,
        members: read.byIndex<ManagedVM & KubeObject>(managedVM, MEMBERS, `${namespace}/${name}`),
        window: window => {
          const stored = read.get<MaintenanceWindow & KubeObject>(maintenanceWindow, { namespace, name: window });
          return stored && windowSaid(stored.spec);
        },
        unreadable: unreadableAt(read, [
          [managedVM, namespace],
          [maintenanceWindow, namespace],
        ])[0],
        now,
      });
      await reporter.report(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function policyOf({ metadata: { namespace = '' }, status }: ManagedVM & KubeObject): readonly ObjectKey[] {
  const { kind, name } = status?.patching?.policy ?? {};
  return kind === 'PatchPolicy' && name !== undefined ? [{ namespace, name }] : [];
}

/** The MaintenanceWindows that a policy names, whatever else can be read of it. */
function windowsOf({ metadata: { namespace }, spec }: KubeObject): readonly string[] {
  const names: unknown = Reflect.get(Object(spec), 'windowRefs');
  return Array.isArray(names) ? names.map(name => `${namespace}/${String(name)}`) : [];
}
