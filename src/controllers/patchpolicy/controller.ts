import { contract } from '../../api/contract.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type PatchPolicy, PatchPolicySpec, patchPolicy } from '../../api/patchpolicy.ts';
import { patchRun } from '../../api/patchrun.ts';
import type { CustomerSide } from '../../domain/change/ground.ts';
import { ringVerdicts } from '../../domain/patching/evidence.ts';
import { ringOf } from '../../domain/patching/ringof.ts';
import { ringFrom } from '../../domain/patching/terms.ts';
import { assessPatchPolicy } from '../../domain/policies/patchpolicystatus.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import type { AlertWatch } from '../alertwatch.ts';
import { namespacesOf, readOnce } from '../contracts.ts';
import { CONTRACT_INDEXES, customerSideOf } from '../customerside.ts';
import { patchMembers } from '../patchmembers.ts';
import { patchRuns, ringMember } from '../patchrings.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import type { RingMetrics } from '../ringmetrics.ts';
import { unreadableAt } from '../unreadable.ts';

const MEMBERS = 'patchedBy';
const WINDOW_INDEX = 'window';

const customerSaid = readOnce(PatchPolicySpec);
const windowSaid = readOnce(MaintenanceWindowSpec);

/** Says of each PatchPolicy whether it can be worked by and when, and sums up what its ManagedVMs say of their patches (MO-4). */
export function patchPolicyController(
  reporter: Reporter,
  metrics: RingMetrics,
  { polls, alertsOn }: AlertWatch,
): ControllerDefinition<PatchPolicy & KubeObject> {
  return defineController<PatchPolicy & KubeObject>({
    name: 'patchpolicy',
    kind: patchPolicy,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    indexes: { [WINDOW_INDEX]: windowsOf },
    owns: [],
    watches: [
      patchMembers(MEMBERS, policyOf),
      patchRuns(policyOf),
      {
        kind: contract,
        indexes: CONTRACT_INDEXES,
        part: ({ spec }) => spec,
        toKeys: (object, read) =>
          namespacesOf(object).flatMap(namespace => read.list(patchPolicy, { namespace }).map(keyOf)),
      },
      {
        kind: maintenanceWindow,
        part: ({ spec }) => spec,
        toKeys: ({ metadata: { namespace, name } }, read) =>
          read.byIndex(patchPolicy, WINDOW_INDEX, `${namespace}/${name}`).map(keyOf),
      },
    ],
    polls,
    forget: uid => {
      reporter.forget(uid);
      metrics.forget(uid);
    },
    reconcile: async context => {
      const { object, read, now } = context;
      const { namespace = '', name } = object.metadata;
      const members = read.byIndex<ManagedVM & KubeObject>(managedVM, MEMBERS, `${namespace}/${name}`);
      const evidence = evidenceOf(object, members, { read, now, alertsOn });
      const assessment = assessPatchPolicy({
        policy: object,
        members,
        window: window => {
          const stored = read.get<MaintenanceWindow & KubeObject>(maintenanceWindow, { namespace, name: window });
          return stored && windowSaid(stored.spec);
        },
        verdicts: ringVerdicts(evidence, now),
        runs: evidence.members.flatMap(member => member.runs),
        approvers: approversIn(customerSideOf(read, namespace)),
        unreadable: unreadableAt(read, [
          [managedVM, namespace],
          [maintenanceWindow, namespace],
          [patchRun, namespace],
        ])[0],
        now,
      });
      if (await reporter.report(context, assessment)) metrics.record(object, assessment.status.rings ?? []);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

/** His own rings only: those of the provider judges the provider's policy (MO-11). */
function evidenceOf(
  policy: PatchPolicy,
  members: readonly (ManagedVM & KubeObject)[],
  known: Parameters<typeof ringMember>[2],
) {
  const { spec } = customerSaid(policy.spec);
  const rings = (spec?.rings ?? []).map(ring => ringFrom('Customer', ring));
  return {
    rings,
    members: members.map(member => {
      const { namespace = '', labels = {} } = member.metadata;
      return ringMember(member, ringOf(rings, { namespace, labels })?.name, known);
    }),
    before: policy.status?.rings ?? [],
    resume: spec?.resume,
  };
}

/** Without a Contract whoever holds the right decides, and nobody knows who that is. */
function approversIn(customer: CustomerSide): readonly string[] | undefined {
  if (typeof customer === 'string') return undefined;
  return customer.contacts.filter(({ roles }) => roles.includes('Approver')).map(({ name }) => name);
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
