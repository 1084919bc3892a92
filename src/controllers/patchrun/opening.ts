import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { guestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { baselineName, type PatchBaseline, patchBaseline } from '../../api/patchbaseline.ts';
import { patchPolicy } from '../../api/patchpolicy.ts';
import { patchRun } from '../../api/patchrun.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { heldBy } from '../../domain/patching/held.ts';
import { type Opened, openedBy, opensAt } from '../../domain/patching/opened.ts';
import { runFor } from '../../domain/patching/opening.ts';
import { termsOf } from '../../domain/patching/policyfor.ts';
import { provingRing, ringOf } from '../../domain/patching/ringof.ts';
import type { PatchTerms, Ring } from '../../domain/patching/terms.ts';
import type { Occurrence } from '../../domain/patching/window.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { gatherPolicies, policyIndexes, policyWatches, ringsSaid, updatesOf } from '../managedvm/patching.ts';
import { service } from '../managedvm/service.ts';
import { PATCH_CHANGES, patchChangesOf, patchedByPolicy } from '../patchchanges.ts';
import { stopsOf } from '../patchrings.ts';
import type { Settings } from '../settings.ts';

type VM = ManagedVM & KubeObject;

/**
 * Makes the run of each VM that is due: when a window of its policy opens, and when it was ordered. Making it is the claim (MO-2, MO-3, GE-8), and none is made but by a
 * change that is agreed to (GE-6).
 */
export function patchOpeningController(settings: Settings): ControllerDefinition<VM> {
  const membersOf = memberCounts();
  return defineController<VM>({
    name: 'patchopening',
    kind: managedVM,
    indexes: policyIndexes,
    owns: [{ kind: patchRun, selector: '' }],
    watches: [
      PATCH_CHANGES,
      ...policyWatches,
      ...service.watches(settings),
      ...[patchPolicy, clusterPatchPolicy].map(kind => ({
        kind,
        part: stopsOf,
        toKeys: ({ metadata: { name, namespace } }: KubeObject, read: Reader) => patchedByPolicy(name, namespace, read),
      })),
      ...[operatingSystem, patchBaseline, guestState].map(kind => ({ kind, part: () => undefined, toKeys: () => [] })),
    ],
    reconcile: async ({ object, read, now, apply }) => {
      const { terms } = termsOf(object, gatherPolicies(object, read), now);
      if (terms === undefined) return;
      const whose = { name: object.metadata.name, uid: object.metadata.uid ?? '' };
      const changes = patchChangesOf(object, terms.policy, read);
      const opened = changes.flatMap(change => openedBy(change, whose, terms, now) ?? []);
      const rings = ringsSaid(object.metadata.namespace ?? '', read);
      const due = opened.filter(({ urgent }) => heldBy(object, terms, rings, urgent !== undefined) === undefined);
      const runs = due.flatMap(each => runOf(object, terms, each, membersOf, read) ?? []);
      // Once: what stands is never healed, and the terms of today are not those of a run that has begun.
      const missing = runs.filter(run => read.get(patchRun, keyOf(run)) === undefined);
      await apply(missing.map(run => ({ object: run, ownerReference: false })));
      return { requeueAt: earliest(...changes.map(change => opensAt(change, whose, terms, now))) };
    },
  });
}

function runOf(
  { metadata, spec }: VM,
  terms: PatchTerms,
  opened: Opened,
  membersOf: ReturnType<typeof memberCounts>,
  read: Reader,
) {
  const { name, namespace = '', uid = '' } = metadata;
  const system = read.get<OperatingSystem & KubeObject>(operatingSystem, { namespace: '', name: spec.operatingSystem });
  if (system === undefined) return undefined;
  const ring = ringOf(terms.rings, placed(metadata));
  const baseline = baselineName(terms.provenBy.name, spec.operatingSystem);
  return runFor({
    managedVM: { name, namespace, uid },
    packageManager: system.spec.packageManager,
    ...{ terms, opened, ring },
    members: ring === undefined ? 0 : membersOf(terms, opened.occurrence, ring, namespace, read),
    proving: provingRing(terms.rings, ring),
    baseline: read.get<PatchBaseline & KubeObject>(patchBaseline, { namespace: '', name: baseline }),
    updates: updatesOf(metadata, read),
  });
}

function placed({ namespace = '', labels = {} }: VM['metadata']) {
  return { namespace, labels };
}

/** How many VMs are in a ring: counted once for an opening, for all of them ask at the same time. */
function memberCounts() {
  let key = '';
  let counts = new Map<string, number>();
  return (
    { policy, rings }: PatchTerms,
    { start }: Occurrence,
    ring: Ring,
    namespace: string,
    read: Reader,
  ): number => {
    const current = `${policy.uid} ${start.toISOString()}`;
    const isTheirs = (of: { kind: string; name: string } | undefined) =>
      of?.kind === policy.kind && of.name === policy.name;
    if (current !== key) {
      key = current;
      const place = policy.kind === 'PatchPolicy' ? { namespace } : {};
      const vms = read.list<VM>(managedVM, place).filter(({ status }) => isTheirs(status?.patching?.policy));
      const named = vms.map(({ metadata }) => ringOf(rings, placed(metadata))?.name ?? '');
      counts = new Map([...Map.groupBy(named, name => name)].map(([name, each]) => [name, each.length]));
    }
    return counts.get(ring.name) ?? 1;
  };
}
