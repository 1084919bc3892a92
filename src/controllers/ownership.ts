import { managedVM } from '../api/managedvm.ts';
import * as upstream from '../api/upstream.ts';
import { OWNER_NAME_LABEL, OWNER_NAMESPACE_LABEL, OWNER_UID_LABEL } from '../domain/contract/child.ts';
import { isRetained } from '../domain/machine/disks.ts';
import { hasNameFor } from '../domain/managedvm/childnames.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { type Marks, type Owner, type Standing, standingOf } from '../runtime/children/ownership.ts';
import type { OwnedKind, Reader } from '../runtime/pass/controller.ts';
import type { Settings } from './settings.ts';

/** How Steward marks what it makes. */
export const MARKS: Marks = { manager: 'steward', prefix: 'managed.systems' };

/** Label selector of everything that Steward applies. */
export const MANAGED_SELECTOR = OWNER_UID_LABEL;

/** Index of objects by the uid of the object that their labels name: candidates, whose they are {@link Whose} decides. */
export const OWNER_INDEX = 'owner';

/** Also for objects that are not applied by us but carry our owner labels, such as the Backups that Velero makes from a Schedule. */
export const byOwner: Readonly<Record<string, (object: KubeObject) => readonly string[]>> = {
  [OWNER_INDEX]: ({ metadata: { labels, ownerReferences = [] } }) => {
    const uid = labels?.[OWNER_UID_LABEL];
    // Labels may have been rewritten by somebody's policy.
    const uids = ownerReferences.filter(({ kind }) => kind === managedVM.kind).map(reference => reference.uid);
    return [...new Set([...(uid === undefined ? [] : [uid]), ...uids])];
  },
};

/** What a ManagedVM owns, and where. */
function ownedByManagedVM(settings: Pick<Settings, 'namespace' | 'veleroNamespace'>): readonly OwnedKind[] {
  const { Secret, VirtualMachine, DataVolume, PersistentVolumeClaim } = upstream;
  const common = { indexes: byOwner, named: hasNameFor };
  return [
    { kind: VirtualMachine, selector: '', ...common },
    // Every one, so that what has a wanted name and is not ours is noticed.
    { kind: DataVolume, selector: '', ...common, prune: child => !isRetained(child) },
    { kind: PersistentVolumeClaim, selector: '', ...common, prune: () => false },
    { kind: upstream.Service, ...common, listKeys: { 'spec.ports': ['port', 'protocol'] } },
    { kind: upstream.ServiceMonitor, ...common },
    { kind: upstream.PrometheusRule, ...common },
    { kind: Secret, read: 'named', named: hasNameFor },
    // Keys are made once: new ones would lock the provider out of the guest. They end with the last that knows them.
    { kind: Secret, namespace: settings.namespace, ...common, prune: () => false, reap: isKnownToNobody },
    { kind: upstream.VeleroSchedule, namespace: settings.veleroNamespace, ...common, reap: backsUpNothing },
  ];
}

/** Whose an object is, as seen from a ManagedVM. */
export type Whose = (managedVM: Owner, object: KubeObject) => Standing;

/** What a ManagedVM owns, and the one decision about whose an object is, which the runtime makes by the same declarations. */
export type Ownership = { readonly kinds: readonly OwnedKind[]; readonly whose: Whose };

export function ownershipIn(settings: Pick<Settings, 'namespace' | 'veleroNamespace'>): Ownership {
  const kinds = ownedByManagedVM(settings);
  const byKind = Map.groupBy(kinds, ({ kind }) => kind.kind);
  const whose: Whose = (managedVM, object) => {
    const makings = byKind.get(object.kind) ?? [];
    const there = makings.find(({ namespace }) => namespace === object.metadata.namespace);
    const making = there ?? makings.find(({ namespace }) => namespace === undefined) ?? makings[0];
    return making === undefined ? 'foreign' : standingOf(MARKS, managedVM, making, object);
  };
  return { kinds, whose };
}

/** A Schedule whose ManagedVM is gone goes on as long as the machine does, which somebody has kept (`--cascade=orphan`). */
function backsUpNothing(schedule: KubeObject, read: Reader): boolean {
  const {
    [OWNER_UID_LABEL]: uid = '',
    [OWNER_NAMESPACE_LABEL]: namespace = '',
    [OWNER_NAME_LABEL]: name = '',
  } = schedule.metadata.labels ?? {};
  const machine = { kind: upstream.VirtualMachine, named: hasNameFor };
  const kept = read
    .byIndex(machine.kind, OWNER_INDEX, uid)
    .some(vm => standingOf(MARKS, { metadata: { uid, namespace, name } }, machine, vm) !== 'foreign');
  return read.available(machine.kind) && !kept;
}

/** The guest on a disk that somebody kept, or on a copy of it, still lets these keys in and no others. */
function isKnownToNobody(keys: KubeObject, read: Reader): boolean {
  const uid = keys.metadata.labels?.[OWNER_UID_LABEL] ?? '';
  return [upstream.VirtualMachine, upstream.DataVolume, upstream.PersistentVolumeClaim].every(
    kind => read.available(kind) && read.byIndex(kind, OWNER_INDEX, uid).length === 0,
  );
}
