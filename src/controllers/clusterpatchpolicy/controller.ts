import { type ClusterPatchPolicy, ClusterPatchPolicySpec, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { patchBaseline } from '../../api/patchbaseline.ts';
import { patchRun } from '../../api/patchrun.ts';
import { at } from '../../domain/contract/json.ts';
import { ringVerdicts } from '../../domain/patching/evidence.ts';
import { provingRingOf } from '../../domain/patching/ringof.ts';
import { type Ring, ringFrom } from '../../domain/patching/terms.ts';
import { assessClusterPatchPolicy } from '../../domain/policies/patchpolicystatus.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import type { AlertWatch } from '../alertwatch.ts';
import { readOnce } from '../contracts.ts';
import { patchMembers } from '../patchmembers.ts';
import { patchRuns, ringMember } from '../patchrings.ts';
import { type Reporter, STATUS_INTERVALS, SUMMARY_SHARE } from '../report.ts';
import type { RingMetrics } from '../ringmetrics.ts';
import { unreadableAt } from '../unreadable.ts';
import { baselinesOf } from './baselines.ts';

type Policy = ClusterPatchPolicy & KubeObject;
type Ordered = ManagedVM & KubeObject;

const MEMBERS = 'provenBy';

const said = readOnce(ClusterPatchPolicySpec);

/**
 * Says of each ClusterPatchPolicy whether it can be worked by and when, sums up the ManagedVMs whose patches it proves, judges its rings by their
 * PatchRuns, and keeps what they have proven (MO-3, MO-11).
 */
export function clusterPatchPolicyController(
  reporter: Reporter,
  metrics: RingMetrics,
  { polls, alertsOn }: AlertWatch,
): ControllerDefinition<Policy> {
  return defineController<Policy>({
    name: 'clusterpatchpolicy',
    kind: clusterPatchPolicy,
    statusIntervals: STATUS_INTERVALS,
    passShare: SUMMARY_SHARE,
    owns: [
      { kind: patchBaseline, named: (owner, { metadata }) => metadata.name.startsWith(`${owner.metadata.name}.`) },
    ],
    watches: [
      patchMembers(MEMBERS, provenBy),
      patchRuns(provenBy),
      { kind: guestState, part: ({ status }) => at(status, 'updates', 'missing'), toKeys: policyThatItProvesFor },
    ],
    polls,
    forget: uid => {
      reporter.forget(uid);
      metrics.forget(uid);
    },
    reconcile: async context => {
      const { object, read, now, apply } = context;
      const members = read.byIndex<Ordered>(managedVM, MEMBERS, `/${object.metadata.name}`);
      const rings = (said(object.spec).spec?.rings ?? []).map(ring => ringFrom('Provider', ring));
      const evidence = {
        rings,
        members: members.map(member => ringMember(member, ringOf(rings, member)?.name, { read, now, alertsOn })),
        before: object.status?.rings ?? [],
        resume: said(object.spec).spec?.resume,
      };
      const verdicts = ringVerdicts(evidence, now);
      const unreadable = unreadableAt(read, [
        [managedVM, undefined],
        [patchRun, undefined],
        [guestState, undefined],
      ])[0];
      // What cannot be read proves nothing, and disproves nothing either.
      if (unreadable === undefined) {
        const canaries = members.filter(member => ringOf(rings, member)?.name === rings[0]?.name);
        await apply(baselinesOf({ policy: object, evidence, verdicts, canaries }, read, now));
      }
      const runs = evidence.members.flatMap(member => member.runs);
      const assessment = assessClusterPatchPolicy({ policy: object, members, verdicts, runs, unreadable, now });
      if (await reporter.report(context, assessment)) metrics.record(object, assessment.status.rings ?? []);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

/** Who plans himself is in the provider's last ring only as far as he has none of his own: his policy judges those. */
function ringOf(rings: readonly Ring[], { metadata, status }: Ordered): Ring | undefined {
  const { namespace = '', labels = {} } = metadata;
  const proving = provingRingOf(rings, { namespace, labels });
  return proving ?? (status?.patching?.policy.kind === 'ClusterPatchPolicy' ? rings.at(-1) : undefined);
}

function provenBy({ status }: Ordered): readonly ObjectKey[] {
  const name = status?.patching?.provenBy;
  return name === undefined ? [] : [{ namespace: '', name }];
}

/** What a guest is offered concerns a policy only where the guest is in its first ring. */
function policyThatItProvesFor({ metadata }: KubeObject, read: Reader): readonly ObjectKey[] {
  const { namespace = '', name } = metadata;
  const ordered = read.get<Ordered>(managedVM, { namespace, name });
  return (ordered === undefined ? [] : provenBy(ordered)).filter(key => {
    const [first] = said(read.get<Policy>(clusterPatchPolicy, key)?.spec).spec?.rings ?? [];
    return first?.namespaces?.includes(namespace);
  });
}
