import type { ClusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { guestState } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { baselineName, PatchBaselineSpec, patchBaseline } from '../../api/patchbaseline.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { recordOf, updatesIn } from '../../domain/guest/record.ts';
import { baselineContent } from '../../domain/patching/baseline.ts';
import { type PolicyEvidence, ringEvidence } from '../../domain/patching/evidence.ts';
import { provenBy, type RingTerms, type RingVerdict } from '../../domain/patching/rings.ts';
import { apiVersionOf, type KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';

const said = readOnce(PatchBaselineSpec);

export type Proving = {
  readonly policy: ClusterPatchPolicy & KubeObject;
  readonly evidence: PolicyEvidence;
  readonly verdicts: readonly (readonly [RingTerms, RingVerdict])[];
  /** The ManagedVMs of the first ring: what their guests are offered is what there is to prove. */
  readonly canaries: readonly (ManagedVM & KubeObject)[];
};

/** The PatchBaselines of a policy as they should be: one for each system that the first ring has a guest of (MO-11). */
export function baselinesOf(proving: Proving, read: Reader, now: Date): readonly KubeObject[] {
  const systems = new Set(proving.canaries.map(systemNameOf));
  return [...systems].map(system => baselineOf(proving, system, read, now));
}

function baselineOf(
  { policy, evidence, verdicts, canaries }: Proving,
  system: string,
  read: Reader,
  now: Date,
): KubeObject {
  const { name: policyName, uid = '' } = policy.metadata;
  const name = baselineName(policyName, system);
  const before = said(read.get(patchBaseline, { namespace: '', name })?.spec).spec;
  // The last ring proves nothing for others, and a halted one proves nothing more.
  const proving = verdicts.slice(0, -1).filter(([, { state }]) => state !== 'Halted');
  const content = baselineContent({
    before: before?.policy.uid === uid ? before.content : undefined,
    offered: canaries.filter(canary => systemNameOf(canary) === system).flatMap(canary => offeredTo(canary, read)),
    proven: proving.map(([ring]) => ({
      ring: ring.name,
      content: provenBy(ringEvidence(evidence, ring, system), now),
    })),
    now,
  });
  const spec: PatchBaselineSpec = { policy: { name: policyName, uid }, operatingSystem: system, content };
  return { apiVersion: apiVersionOf(patchBaseline), kind: patchBaseline.kind, metadata: { name }, spec };
}

function offeredTo({ metadata: { namespace = '', name, uid } }: ManagedVM, read: Reader) {
  return updatesIn(recordOf(read.get(guestState, { namespace, name }), uid))?.missing ?? [];
}
