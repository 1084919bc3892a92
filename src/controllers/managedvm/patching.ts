import { type ClusterPatchPolicy, ClusterPatchPolicySpec, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type PatchPolicy, PatchPolicySpec, patchPolicy } from '../../api/patchpolicy.ts';
import { Namespace } from '../../api/upstream.ts';
import type { Readable } from '../../domain/contract/readable.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import type { PatchingFacts, StoredPolicy } from '../../domain/patching/facts.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { readOnce } from '../contracts.ts';
import { unreadableAt } from '../unreadable.ts';
import { found, type Reading, type Sources, specOf, thoseThat } from './reading.ts';
import { agreementOn } from './service.ts';

const POLICY_INDEX = 'patchPolicy';

const windowSaid = readOnce(MaintenanceWindowSpec);
const customerSaid = readOnce(PatchPolicySpec);
const providerSaid = readOnce(ClusterPatchPolicySpec);

/** Reads by which policies and in which windows guests are patched; what the plan says comes with the watches of the terms of service. */
export const patching: Reading<PatchingFacts> = {
  gather,
  indexes: {
    [POLICY_INDEX]: managedVM => {
      const { metadata, spec } = managedVM;
      return plansItself(managedVM) ? [`${metadata.namespace}/${spec.patchPolicyRef?.name}`] : [];
    },
  },
  owns: () => [],
  watches: () => [
    { kind: patchPolicy, part: specOf, toKeys: found(POLICY_INDEX) },
    {
      kind: maintenanceWindow,
      part: specOf,
      toKeys: ({ metadata: { namespace = '' } }, read) => thoseThat(read, plansItself, { namespace }),
    },
    { kind: clusterPatchPolicy, part: specOf, toKeys: (_, read) => thoseThat(read, isPatched) },
    {
      kind: Namespace,
      part: ({ metadata: { labels } }) => labels,
      toKeys: ({ metadata: { name } }, read) => thoseThat(read, isPatched, { namespace: name }),
    },
  ],
  permissions: [],
};

function gather(managedVM: ManagedVM, { read }: Sources): PatchingFacts {
  const { namespace = '' } = managedVM.metadata;
  const { patchPolicyRef: ref } = managedVM.spec;
  const own =
    plansItself(managedVM) && ref
      ? read.get<PatchPolicy & KubeObject>(patchPolicy, { namespace, name: ref.name })
      : undefined;
  const observed = read.get(Namespace, { namespace: '', name: namespace });
  return {
    installed: [maintenanceWindow, patchPolicy, clusterPatchPolicy].every(kind => read.state(kind) !== 'missing'),
    namespaceLabels: observed && (observed.metadata.labels ?? {}),
    patchPolicy: own && stored(own, customerSaid(own.spec)),
    clusterPolicies: read
      .list<ClusterPatchPolicy & KubeObject>(clusterPatchPolicy)
      .map(policy => stored(policy, providerSaid(policy.spec))),
    window: name => {
      const window = read.get<MaintenanceWindow & KubeObject>(maintenanceWindow, { namespace, name });
      return window && windowSaid(window.spec);
    },
    ...agreementOn(namespace, read),
    unreadable: unreadableAt(read, [
      [maintenanceWindow, namespace],
      [patchPolicy, namespace],
      [clusterPatchPolicy, ''],
    ]),
  };
}

function stored<Spec>({ metadata }: KubeObject, says: Readable<Spec>): StoredPolicy<Spec> {
  const { name, uid = '', generation = 0 } = metadata;
  return { name, uid, generation, says };
}

function plansItself({ spec }: ManagedVM): boolean {
  return spec.patchPolicyRef?.kind === 'PatchPolicy';
}

function isPatched({ spec }: ManagedVM): boolean {
  return entitlements(spec.serviceLevel).patching;
}
