import type { GuestState } from '../../api/gueststate.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { VirtualMachineInstance } from '../../api/upstream.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { machinePath } from '../managedvm/machine.ts';
import { found, keysOf, specOf } from '../managedvm/reading.ts';
import { type Way, wayTo } from './way.ts';

/** What a pass over a record knows from the cache. */
export type Situation = {
  readonly managedVM: ManagedVM & { readonly metadata: { readonly uid: string } };
  readonly operatingSystem: OperatingSystem;
  readonly way: Way;
};

/** Undefined where there is nothing to look into: the record is not that of a living ManagedVM, or its system is not in the catalogue. */
export function situationOf(record: GuestState, read: Reader): Situation | undefined {
  const { namespace = '', name } = record.metadata;
  const owner = read.get<ManagedVM & KubeObject>(managedVM, { namespace, name });
  const uid = owner?.metadata.uid;
  if (owner === undefined || uid === undefined || uid !== record.spec.managedVM) return undefined;
  if (owner.metadata.deletionTimestamp !== undefined) return undefined;
  const system = { namespace: '', name: systemNameOf(owner) };
  const entry = read.get<OperatingSystem & KubeObject>(operatingSystem, system);
  if (entry === undefined || !read.available(VirtualMachineInstance, namespace)) return undefined;
  const instance = read.get(VirtualMachineInstance, { namespace, name: virtualMachineName(owner) });
  return {
    managedVM: { ...owner, metadata: { ...owner.metadata, uid } },
    operatingSystem: entry,
    way: wayTo(instance),
  };
}

const MACHINE_INDEX = 'machine';
const SYSTEM_INDEX = 'system';

/** What makes a record worth another pass. */
export const WATCHES: readonly WatchedKind[] = [
  {
    kind: managedVM,
    indexes: {
      [MACHINE_INDEX]: object => [machinePath(object as ManagedVM & KubeObject)],
      [SYSTEM_INDEX]: object => [systemNameOf(object as ManagedVM & KubeObject)],
    },
    // Its status changes often, and only keys, rights, incidents and what is to be done matter here.
    part: object => {
      const { metadata, status } = object as ManagedVM & KubeObject;
      return [
        metadata.generation,
        metadata.deletionTimestamp,
        status?.keys,
        status?.soleRoot,
        status?.applications,
        status?.firstBoot?.users,
        status?.remedy,
        status?.incidents,
        systemNameOf(object as ManagedVM & KubeObject),
      ];
    },
    toKeys: object => [keyOf(object)],
  },
  {
    kind: VirtualMachineInstance,
    part: wayTo,
    toKeys: found(MACHINE_INDEX),
  },
  {
    kind: operatingSystem,
    part: specOf,
    toKeys: ({ metadata }, read) => keysOf(read.byIndex(managedVM, SYSTEM_INDEX, metadata.name)),
  },
];
