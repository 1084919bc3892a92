import { clusterPatchPolicy } from '../../api/clusterpatchpolicy.ts';
import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { maintenanceWindow } from '../../api/maintenancewindow.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { product } from '../../api/product.ts';
import { applicationOfSetting } from '../../domain/contract/applicationsetting.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import type { ControllerDefinition, Reader } from '../../runtime/pass/controller.ts';
import { namespacesOf } from '../contracts.ts';
import { incidentWatch } from '../managedvm/incidents.ts';
import {
  CONTRACT_INDEX,
  NAMESPACE_INDEX,
  type Ordered,
  PRODUCT_INDEX,
  pathOf,
  VM_INDEX,
  WINDOW_INDEX,
} from './facts.ts';
import { RESTORE_CHANGES, RESTORES } from './restoring.ts';

const SYSTEM_INDEX = 'operatingSystem';

/** What else wakes the orders of applications, and which of them. */
export const WAKES: ControllerDefinition<Ordered>['watches'] = [
  incidentWatch(managedApplication),
  {
    kind: product,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read
        .byIndex<Ordered>(managedApplication, PRODUCT_INDEX, metadata.name)
        .flatMap(ordered => sharing(ordered, read)),
  },
  // Who was refused for another on the same VM is looked at again when that one is gone; all else of it concerns nobody.
  {
    kind: managedApplication,
    part: () => undefined,
    toKeys: (object, read) => sharing(object as Ordered, read),
  },
  {
    kind: managedVM,
    indexes: { [SYSTEM_INDEX]: object => [systemNameOf(object as ManagedVM & KubeObject)] },
    part: object => {
      const { metadata, spec, status } = object as ManagedVM & KubeObject;
      const told = status?.conditions?.filter(({ type }) => TOLD.has(type));
      return [
        metadata.uid,
        metadata.deletionTimestamp,
        spec,
        told,
        status?.patching?.nextWindow,
        status?.patching?.lastWindow,
      ];
    },
    toKeys: onMachine,
  },
  {
    kind: guestState,
    part: ({ status }) => {
      const { applications, differences } = (status ?? {}) as {
        applications?: unknown;
        differences?: readonly { setting: string }[];
      };
      return [applications, differences?.filter(({ setting }) => applicationOfSetting(setting) !== undefined)];
    },
    toKeys: onMachine,
  },
  {
    kind: operatingSystem,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read.byIndex(managedVM, SYSTEM_INDEX, metadata.name).flatMap(machine => onMachine(machine, read)),
  },
  {
    kind: maintenanceWindow,
    part: ({ spec }) => spec,
    toKeys: ({ metadata }, read) =>
      read.byIndex<Ordered>(managedApplication, WINDOW_INDEX, `${metadata.namespace}/${metadata.name}`).map(keyOf),
  },
  RESTORES,
  RESTORE_CHANGES,
  // Its rings are asked when a window opens for an update: who waits looks then.
  { kind: clusterPatchPolicy, part: () => undefined, toKeys: () => [] },
  {
    kind: contract,
    indexes: { [CONTRACT_INDEX]: namespacesOf },
    part: ({ spec }) => spec,
    toKeys: (agreement, read) =>
      namespacesOf(agreement).flatMap(namespace =>
        read.byIndex<Ordered>(managedApplication, NAMESPACE_INDEX, namespace).map(keyOf),
      ),
  },
];

/** Conditions of a ManagedVM that its applications speak of. */
const TOLD: ReadonlySet<string> = new Set(['GuestReachable', 'SoleRoot', 'BackupCompliant']);

/** The orders on the VM of one: with a conflict that its Product states, each of them may be refused. */
function sharing(ordered: Ordered, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(managedApplication, VM_INDEX, pathOf(ordered)).map(keyOf);
}

function onMachine({ metadata: { namespace = '', name } }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex<Ordered>(managedApplication, VM_INDEX, `${namespace}/${name}`).map(keyOf);
}
