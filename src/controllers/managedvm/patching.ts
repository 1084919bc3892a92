import { type ClusterPatchPolicy, ClusterPatchPolicySpec, clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { guestState } from '../../api/gueststate.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { baselineName, type PatchBaseline, PatchBaselineSpec, patchBaseline } from '../../api/patchbaseline.ts';
import { type PatchPolicy, PatchPolicySpec, patchPolicy } from '../../api/patchpolicy.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { Namespace } from '../../api/upstream.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import type { Readable } from '../../domain/contract/readable.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { recordOf, updatesIn } from '../../domain/guest/record.ts';
import type { PatchingFacts, PolicyFacts, StoredPolicy } from '../../domain/patching/facts.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { PATCH_CHANGES, patchChangesOf } from '../patchchanges.ts';
import { allow, OWN } from '../permission.ts';
import { unreadableAt } from '../unreadable.ts';
import { found, type Reading, specOf, thoseThat } from './reading.ts';
import { agreementOn } from './service.ts';

const POLICY_INDEX = 'patchPolicy';

const RUNS_INDEX = 'patchRuns';

const baselineSaid = readOnce(PatchBaselineSpec);
const windowSaid = readOnce(MaintenanceWindowSpec);
const customerSaid = readOnce(PatchPolicySpec);
const providerSaid = readOnce(ClusterPatchPolicySpec);

/** Finds the ManagedVMs that name a PatchPolicy. */
export const policyIndexes: Reading<PolicyFacts>['indexes'] = {
  [POLICY_INDEX]: managedVM => {
    const { metadata, spec } = managedVM;
    return plansItself(managedVM) ? [`${metadata.namespace}/${spec.patchPolicyRef?.name}`] : [];
  },
};

export const policyWatches: readonly WatchedKind[] = [
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
];

/** What is read for it, and what it is found by. */
export const PATCHING_WATCHES: readonly WatchedKind[] = [
  ...policyWatches,
  PATCH_CHANGES,
  {
    kind: patchRun,
    indexes: { [RUNS_INDEX]: run => [textAt(run, 'spec', 'managedVM', 'uid') ?? ''] },
    part: ({ status }) => [
      at(status, 'phase'),
      at(status, 'ended'),
      at(status, 'rollback'),
      at(status, 'restart'),
      rollbackVerdict(status),
    ],
    toKeys: run => [{ namespace: run.metadata.namespace ?? '', name: textAt(run, 'spec', 'managedVM', 'name') ?? '' }],
  },
  {
    kind: patchBaseline,
    part: baseline => at(baseline, 'spec', 'content', 'revision'),
    toKeys: ({ spec }, read) => thoseThat(read, ordered => systemNameOf(ordered) === textAt(spec, 'operatingSystem')),
  },
];

/** Reads by which policies and in which windows guests are patched; what the plan says comes with the watches of the terms of service. */
export const patching: Reading<PatchingFacts> = {
  gather: (managedVM, { read }) => patchingFacts(managedVM, read),
  indexes: policyIndexes,
  owns: () => [],
  watches: () => PATCHING_WATCHES,
  permissions: [
    allow('cluster', patchBaseline, OWN, 'Keeps what rings have proven (MO-11).'),
    allow(
      'cluster',
      clusterPatchPolicy,
      ['update'],
      'Owner references that block deletion (OwnerReferencesPermissionEnforcement).',
      'finalizers',
    ),
  ],
};

/** PatchRuns of exactly this ManagedVM. */
export function runsOf({ metadata: { uid = '' } }: ManagedVM, read: Reader): readonly (PatchRun & KubeObject)[] {
  return read.byIndex<PatchRun & KubeObject>(patchRun, RUNS_INDEX, uid);
}

/** How the rollback of a run has ended, by its step, which is more than its phase tells; undefined: it has not, or there is none. */
function rollbackVerdict(status: unknown): unknown {
  return at(
    listAt(status, 'steps').findLast(step => textAt(step, 'name') === 'rollback'),
    'verdict',
  );
}

/** What is known of the patches of one ManagedVM, from the cache alone. */
export function patchingFacts(managedVM: ManagedVM, read: Reader): PatchingFacts {
  const { namespace = '' } = managedVM.metadata;
  return {
    ...gatherPolicies(managedVM, read),
    updates: updatesOf(managedVM.metadata, read),
    content: ({ name, uid }) => {
      const key = { namespace: '', name: baselineName(name, systemNameOf(managedVM)) };
      const baseline = read.get<PatchBaseline & KubeObject>(patchBaseline, key);
      const spec = baseline && baselineSaid(baseline.spec).spec;
      return spec?.policy.uid === uid ? spec.content.versions : [];
    },
    runs: runsOf(managedVM, read),
    rings: ringsSaid(namespace, read),
    changes: policy => patchChangesOf(managedVM, policy, read),
    unreadable: unreadableAt(read, [
      [maintenanceWindow, namespace],
      [patchPolicy, namespace],
      [clusterPatchPolicy, ''],
      [patchRun, namespace],
      [patchBaseline, ''],
    ]),
  };
}

/** How the rings of a policy stand, as its own status says; `namespace`: that of its VM. */
export function ringsSaid(namespace: string, read: Reader): PatchingFacts['rings'] {
  return ({ kind, name }) => {
    const policy = kind === 'PatchPolicy' ? patchPolicy : clusterPatchPolicy;
    const key = { namespace: kind === 'PatchPolicy' ? namespace : '', name };
    return read.get<(PatchPolicy | ClusterPatchPolicy) & KubeObject>(policy, key)?.status?.rings ?? [];
  };
}

/** What the terms of a VM follow from: its watches are {@link policyWatches} and those of the terms of service. */
export function gatherPolicies(managedVM: ManagedVM, read: Reader): PolicyFacts {
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
  };
}

/** What the guest worker says of the updates of this VM's guest, and of no other's. */
export function updatesOf(
  { namespace = '', name, uid }: KubeObject['metadata'],
  read: Reader,
): PatchingFacts['updates'] {
  return updatesIn(recordOf(read.get(guestState, { namespace, name }), uid));
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
