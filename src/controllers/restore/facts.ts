import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, OperatingSystemSpec, operatingSystem } from '../../api/operatingsystem.ts';
import { type PatchRun, patchRun } from '../../api/patchrun.ts';
import { isDrill, type Restore, RestoreSpec, restore } from '../../api/restore.ts';
import { type ServicePlan, ServicePlanSpec, servicePlan } from '../../api/serviceplan.ts';
import {
  BackupStorageLocation,
  Namespace,
  NetworkPolicy,
  PersistentVolumeClaim,
  VeleroBackup,
  VeleroRestore,
  VirtualMachine,
  VirtualMachineInstance,
} from '../../api/upstream.ts';
import { restorePoints } from '../../domain/backup/restorepoints.ts';
import type * as velero from '../../domain/backup/velero.ts';
import { changeConsent } from '../../domain/change/consent.ts';
import { virtualMachineName } from '../../domain/contract/child.ts';
import { textAt } from '../../domain/contract/json.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { sentence } from '../../domain/contract/unreadable.ts';
import { worksInGuest } from '../../domain/patching/underway.ts';
import { drillMachineName } from '../../domain/restore/drillmachine.ts';
import type { RestoreFacts } from '../../domain/restore/facts.ts';
import { rehearsalName } from '../../domain/restore/rehearsal.ts';
import { type SandboxFacts, sandboxDefect } from '../../domain/restore/sandbox.ts';
import { drillsAhead, restoreAhead } from '../../domain/restore/turn.ts';
import { veleroRestoreName } from '../../domain/restore/velero.ts';
import { type KubeObject, keyOf, type ObjectKey, type ResourceKind } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { permittedFor } from '../namespacelists.ts';
import type { Settings } from '../settings.ts';
import { unreadableAt } from '../unreadable.ts';
import { APPLICATION_KINDS, machineOfApplication, restoredApplication } from './application.ts';

export type Ordered = Restore & KubeObject;
export type VM = ManagedVM & KubeObject;

/** Restores of a ManagedVM: `namespace/name`. */
export const VM_INDEX = 'ofVM';
/** PatchRuns of a ManagedVM, by its UID. */
export const RUNS_INDEX = 'runsOf';
/** Drills that are not over, all under one value: few at any time. */
export const DRILL_INDEX = 'drills';
export const OPEN = 'open';
/** Restores that are not over, by their namespace: few at any time. */
export const OPEN_INDEX = 'open';
/** Velero Backups by the UID of the ManagedVM that they bear. */
export const BACKUPS_INDEX = 'backupsOf';

const promisedBy = readOnce(ServicePlanSpec);
const orderedIn = readOnce(RestoreSpec);
const systemIn = readOnce(OperatingSystemSpec);

/** All but the volumes, which are asked for one by one. */
export function factsOf(ordered: Ordered, read: Reader, settings: Settings, now: Date): Omit<RestoreFacts, 'volume'> {
  const { namespace = '' } = ordered.metadata;
  const application = restoredApplication(ordered, read);
  const order = read.get<VM>(managedVM, { namespace, name: machineNameOf(ordered, read) });
  const isDrilled = isDrill(ordered.spec);
  const staging = isDrilled ? settings.sandboxNamespace : settings.veleroNamespace;
  const machine = isDrilled
    ? drillMachineKey(ordered, settings)
    : order && { namespace, name: virtualMachineName(order) };
  return {
    problem: orderedIn(ordered.spec).problem,
    order,
    application,
    candidates: order && application === undefined ? restorePoints(judgedFacts(order, read, settings, now)) : [],
    unreadable:
      unreadable(namespace, read, settings, application === undefined ? [] : APPLICATION_KINDS) ??
      (isDrilled ? sandboxUnreadable(read, settings) : undefined),
    consent: consentOf(ordered, read, now),
    ahead: isDrilled ? drillAhead(ordered, read) : aheadOf(ordered, read),
    sandboxDefect: isDrilled ? sandboxDefect(sandboxOf(read, settings)) : undefined,
    operatingSystem: order && systemOf(order, read),
    rehearsal: read.get<Ordered>(restore, { namespace, name: rehearsalName(ordered) }),
    patchRun: order && patchRunIn(order, read),
    backup: name => read.get(VeleroBackup, { namespace: settings.veleroNamespace, name })?.metadata.uid,
    request: read.get(VeleroRestore, { namespace: settings.veleroNamespace, name: veleroRestoreName(ordered) }),
    staged: name => read.get(PersistentVolumeClaim, { namespace: staging, name }),
    claim: name => read.get(PersistentVolumeClaim, { namespace, name }),
    virtualMachine: machine && read.get(VirtualMachine, machine),
    instance: machine && read.get(VirtualMachineInstance, machine),
    target: order && planOf(order, read)?.backup?.recoveryTimeObjective,
    staging,
    engineNamespace: settings.veleroNamespace,
  };
}

function judgedFacts(order: VM, read: Reader, settings: Settings, now: Date): Parameters<typeof restorePoints>[0] {
  const { namespace = '', uid = '' } = order.metadata;
  return {
    managedVM: order,
    // Wherever the data lie, they can be restored from there.
    policy: undefined,
    backups: read.byIndex<velero.VeleroBackup & KubeObject>(VeleroBackup, BACKUPS_INDEX, uid),
    permitted: permittedFor(namespace, read, settings)?.storageLocations,
    storageLocation: name => {
      const key = { namespace: settings.veleroNamespace, name };
      return read.get<velero.BackupStorageLocation & KubeObject>(BackupStorageLocation, key);
    },
    now,
  };
}

/** The machine of a drill, in the sandbox. */
export function drillMachineKey({ metadata: { uid = '' } }: Ordered, { sandboxNamespace }: Settings): ObjectKey {
  return { namespace: sandboxNamespace, name: drillMachineName(uid) };
}

function sandboxOf(read: Reader, { sandboxNamespace: name }: Settings): SandboxFacts {
  return {
    name,
    namespace: read.get(Namespace, { namespace: '', name }),
    networkPolicies: read.list(NetworkPolicy, { namespace: name }),
    managedVMs: read.list(managedVM, { namespace: name }).length,
  };
}

function sandboxUnreadable(read: Reader, { sandboxNamespace }: Settings): string | undefined {
  const inSandbox = [NetworkPolicy, PersistentVolumeClaim, VirtualMachine, VirtualMachineInstance];
  const [found] = unreadableAt(read, [
    ...inSandbox.map(kind => [kind, sandboxNamespace] as const),
    [operatingSystem, ''],
    [Namespace, ''],
  ]);
  return found && sentence(found);
}

function systemOf(order: VM, read: Reader): OperatingSystem | undefined {
  const stored = read.get<OperatingSystem & KubeObject>(operatingSystem, { namespace: '', name: systemNameOf(order) });
  const { spec: system } = stored === undefined ? {} : systemIn(stored.spec);
  return stored && system && { ...stored, spec: system };
}

/** What cannot be read is neither missing nor gone. */
function unreadable(
  namespace: string,
  read: Reader,
  { veleroNamespace }: Settings,
  more: readonly ResourceKind[],
): string | undefined {
  const beside = [
    restore,
    managedVM,
    changeRequest,
    patchRun,
    PersistentVolumeClaim,
    VirtualMachine,
    VirtualMachineInstance,
    ...more,
  ];
  const [found] = unreadableAt(read, [
    ...beside.map(kind => [kind, namespace] as const),
    ...[VeleroBackup, VeleroRestore, BackupStorageLocation, PersistentVolumeClaim].map(
      kind => [kind, veleroNamespace] as const,
    ),
    [servicePlan, ''],
  ]);
  return found && sentence(found);
}

/** Of the name and of the very uid: another of its name is not what agrees. */
export function changeOf({ metadata, status }: Ordered, read: Reader): (ChangeRequest & KubeObject) | undefined {
  const { name, uid } = status?.change ?? {};
  if (name === undefined) return undefined;
  const found = read.get<ChangeRequest & KubeObject>(changeRequest, { namespace: metadata.namespace ?? '', name });
  return found?.metadata.uid === uid ? found : undefined;
}

function consentOf(ordered: Ordered, read: Reader, now: Date): RestoreFacts['consent'] {
  const made = ordered.status?.change;
  return made && changeConsent(changeOf(ordered, read), made.name, now);
}

/** The Restores in one VM come one after the other, whether of its disks or of the data of an application; none waits for a drill. */
function aheadOf(ordered: Ordered, read: Reader): string | undefined {
  const machine = machineNameOf(ordered, read);
  const open = read.byIndex<Ordered>(restore, OPEN_INDEX, ordered.metadata.namespace ?? '');
  return restoreAhead(
    ordered,
    open.filter(other => machineNameOf(other, read) === machine),
  );
}

function drillAhead(ordered: Ordered, read: Reader): string | undefined {
  return drillsAhead(ordered, read.byIndex<Ordered>(restore, DRILL_INDEX, OPEN));
}

function patchRunIn({ metadata: { uid = '' } }: VM, read: Reader): string | undefined {
  return read.byIndex<PatchRun & KubeObject>(patchRun, RUNS_INDEX, uid).find(worksInGuest)?.metadata.name;
}

/** The plan in force for a VM, if it can be read. */
export function planOf({ status }: VM, read: Reader): ServicePlan['spec'] | undefined {
  const name = status?.service?.plan;
  const plan =
    name === undefined ? undefined : read.get<ServicePlan & KubeObject>(servicePlan, { namespace: '', name });
  return plan && promisedBy(plan.spec).spec;
}

/** `namespace/name` of the ManagedVM that an order is for. */
export function vmPathOf(ordered: Ordered): string {
  return `${ordered.metadata.namespace}/${vmNameOf(ordered)}`;
}

/** Name of the VM in which it is restored: of an application the one that it runs on. */
function machineNameOf(ordered: Ordered, read: Reader): string {
  return machineOfApplication(ordered, read) ?? vmNameOf(ordered);
}

/** An order may have been stored under another schema. */
function vmNameOf(ordered: Ordered): string {
  return textAt(ordered, 'spec', 'managedVMRef') ?? '';
}

/** The orders for a ManagedVM. */
export function ordersFor(namespace: string, name: string, read: Reader): ReturnType<typeof keyOf>[] {
  return read.byIndex<Ordered>(restore, VM_INDEX, `${namespace}/${name}`).map(keyOf);
}
