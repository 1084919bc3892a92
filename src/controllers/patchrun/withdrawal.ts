import { type ClusterPatchPolicy, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type PatchPolicy, patchPolicy } from '../../api/patchpolicy.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { isUnbegun, type Stops, withdrawn } from '../../domain/patching/withdrawn.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { stopsOf } from '../patchrings.ts';

type Run = PatchRun & KubeObject;
type Policy = (PatchPolicy | ClusterPatchPolicy) & KubeObject;

const UNBEGUN = 'unbegun';

export const unbegunIndex = { [UNBEGUN]: (run: Run) => (isUnbegun(run) ? [''] : []) };

/** Policies: where one stops guests, or does so no more, all runs are looked at that are not begun. */
export const stopWatches: readonly WatchedKind[] = [patchPolicy, clusterPatchPolicy].map(kind => ({
  kind,
  part: stopsOf,
  toKeys: (_: KubeObject, read: Reader) => read.byIndex<Run>(patchRun, UNBEGUN, '').map(keyOf),
}));

/** The verdict on a run that its policy, or the provider's, stops before it has begun. */
export function withdrawalOf(run: Run, read: Reader): ReturnType<typeof withdrawn> {
  if (!isUnbegun(run)) return undefined;
  const { managedVM: vm, policy } = run.spec;
  const { namespace = '' } = run.metadata;
  const ordered = read.get<ManagedVM & KubeObject>(managedVM, { namespace, name: vm.name });
  const own = policy.kind === 'PatchPolicy';
  const provider = own ? ordered?.status?.patching?.provenBy : policy.name;
  const stops = (kind: Stops['kind'], name: string | undefined): readonly Stops[] => {
    if (name === undefined) return [];
    const [stored, place] = kind === 'PatchPolicy' ? [patchPolicy, namespace] : [clusterPatchPolicy, ''];
    const found = read.get<Policy>(stored, { namespace: place, name });
    // Another of the same name has agreed on nothing with this run: it ends under the terms that it was made with.
    if (found === undefined || (kind === policy.kind && found.metadata.uid !== policy.uid)) return [];
    return [{ kind, name, suspend: found.spec.suspend, rings: found.status?.rings ?? [] }];
  };
  return withdrawn(run, [...stops('ClusterPatchPolicy', provider), ...(own ? stops('PatchPolicy', policy.name) : [])]);
}
