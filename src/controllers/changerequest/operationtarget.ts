import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { type GuestState, guestState } from '../../api/gueststate.ts';
import { type ManagedVM, ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { isNewRootOperation } from '../../api/newroot.ts';
import {
  VirtualMachine,
  VirtualMachineInstance,
  VirtualMachineInstanceMigration,
  VirtualMachineSnapshot,
} from '../../api/upstream.ts';
import { isAccessOperation } from '../../domain/change/accesschange.ts';
import type { OperationTarget } from '../../domain/change/operation.ts';
import { isRequest, requestName } from '../../domain/change/requeststep.ts';
import { MANAGED_VM_LABEL, virtualMachineName } from '../../domain/contract/child.ts';
import { at, textAt } from '../../domain/contract/json.ts';
import { sentence } from '../../domain/contract/unreadable.ts';
import { recordOf } from '../../domain/guest/record.ts';
import { readVirtualMachineInstance } from '../../domain/machine/observedvm.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { unreadableAt } from '../unreadable.ts';

/** Changes by which Steward restarts a VM or changes who comes into its guest, that have no result yet, by the ManagedVM: `namespace/name`. */
export const OPERATION_INDEX = 'operatesOn';
/** ManagedVMs by the VirtualMachine that they have: `namespace/name`. */
const MACHINE_INDEX = 'machineOf';

const orderedIn = readOnce(ManagedVMSpec);

/** What a controller that carries out changes must see of their targets. */
export const TARGET_WATCHES: readonly WatchedKind[] = [
  {
    kind: managedVM,
    indexes: { [MACHINE_INDEX]: machineOf },
    part: ({ metadata, spec, status }) => [
      metadata.uid,
      metadata.deletionTimestamp,
      spec,
      machineIn(status),
      accessIn(status),
      remedyIn(status),
      (status as ManagedVM['status'])?.newRoot,
    ],
    toKeys: changesOf,
  },
  {
    kind: VirtualMachineInstance,
    selector: MANAGED_VM_LABEL,
    part: ({ metadata, status }) => [metadata.uid, metadata.deletionTimestamp, textAt(status, 'phase')],
    toKeys: ({ metadata }, read) =>
      read
        .byIndex(managedVM, MACHINE_INDEX, `${metadata.namespace}/${metadata.name}`)
        .flatMap(each => changesOf(each, read)),
  },
];

/** A machine is read when a request is made; it concerns no change otherwise. */
export const MACHINE_WATCH: WatchedKind = {
  kind: VirtualMachine,
  part: ({ metadata }) => metadata.uid,
  toKeys: () => [],
};

/** What the guest worker answers is watched for the changes that its guest is mended by. */
export const ANSWER_WATCH: WatchedKind = {
  kind: guestState,
  part: ({ status }) => at(status, 'remedy'),
  toKeys: changesOf,
};

/** What was stored under another schema may name nothing. */
export function operatesOn({ metadata, spec }: ChangeRequest): readonly string[] {
  return isOnMachine(spec) && spec.result === undefined ? [`${metadata.namespace}/${spec.target?.name}`] : [];
}

/** The machine that a change is carried out on; undefined: it is on none. */
export function operationTarget(change: ChangeRequest & KubeObject, read: Reader): OperationTarget | undefined {
  const { metadata, spec } = change;
  if (!isOnMachine(spec)) return undefined;
  const { namespace = '' } = metadata;
  const nothing = { managedVM: undefined, instance: undefined };
  const [unreadable] = unreadableAt(read, [
    [managedVM, namespace],
    [VirtualMachineInstance, namespace],
    ...(spec.operation === 'Remedy' ? [[guestState, namespace] as const] : []),
    ...(isRequest(spec.operation) ? [[VirtualMachine, namespace] as const] : []),
  ]);
  if (unreadable) return { ...nothing, unknown: sentence(unreadable) };
  const stored = read.get<ManagedVM & KubeObject>(managedVM, { namespace, name: String(spec.target?.name) });
  if (stored === undefined) return nothing;
  const { spec: order } = orderedIn(stored.spec);
  if (order === undefined) {
    return { ...nothing, unknown: `ManagedVM ${stored.metadata.name} cannot be read: see its condition Ready.` };
  }
  const live = read.get(VirtualMachineInstance, { namespace, name: virtualMachineName(stored) });
  const machine = machineIn(stored.status);
  const isItsOwn = machine !== undefined && live?.metadata.ownerReferences?.some(({ uid }) => uid === machine) === true;
  return {
    managedVM: { ...stored, spec: order },
    instance: isItsOwn ? readVirtualMachineInstance(live) : undefined,
    ...(spec.operation === 'Remedy' && { remedy: answerOf(stored, read) }),
    ...(isRequest(spec.operation) && { asked: askedBy(change, read) }),
  };
}

function isOnMachine(spec: ChangeRequest['spec'] | undefined): spec is ChangeRequest['spec'] {
  return (
    spec?.operation === 'Restart' ||
    spec?.operation === 'ForcedStop' ||
    isRequest(spec?.operation) ||
    spec?.operation === 'Remedy' ||
    isNewRootOperation(spec?.operation) ||
    isAccessOperation(spec?.operation)
  );
}

function changesOf({ metadata }: KubeObject, read: Reader): ReturnType<WatchedKind['toKeys']> {
  return read.byIndex(changeRequest, OPERATION_INDEX, `${metadata.namespace}/${metadata.name}`).map(keyOf);
}

function machineOf(order: KubeObject): readonly string[] {
  return [`${order.metadata.namespace}/${virtualMachineName(order as ManagedVM & KubeObject)}`];
}

/** What a ManagedVM says of who comes into its guest (AP-9). */
function accessIn(status: unknown): readonly unknown[] {
  const { soleRoot, conditions = [] } = (status as ManagedVM['status']) ?? {};
  return [soleRoot, conditions.filter(({ type }) => type === 'SoleRoot' || type === 'Configured')];
}

/** What it was told to have mended, by the change. */
function remedyIn(status: unknown): string | undefined {
  return (status as ManagedVM['status'])?.remedy?.change.uid;
}

/** What the guest worker has answered; of a record that is another's, or follows no schema, nothing is believed. */
function answerOf({ metadata }: ManagedVM & KubeObject, read: Reader): OperationTarget['remedy'] {
  const { namespace = '', name, uid } = metadata;
  const record = recordOf(read.get<GuestState & KubeObject>(guestState, { namespace, name }), uid);
  return record?.state === 'read' ? record.status.remedy : undefined;
}

/** What KubeVirt was asked for by a change, and nobody else's object of its name. */
function askedBy(change: ChangeRequest & KubeObject, read: Reader): KubeObject | undefined {
  const { namespace = '', uid } = change.metadata;
  const kind = ASKED[change.spec.operation === 'Snapshot' ? 'Snapshot' : 'LiveMigration'];
  const found = read.get(kind, { namespace, name: requestName(change) });
  return found?.metadata.ownerReferences?.some(owner => owner.uid === uid) === true ? found : undefined;
}

/** The machine that a request is of, as KubeVirt has it; it is of the ManagedVM that has the name. */
export function machineOfRequest({ metadata, spec }: ChangeRequest, read: Reader): KubeObject | undefined {
  if (!isRequest(spec.operation)) return undefined;
  const { namespace = '' } = metadata;
  const stored = read.get<ManagedVM & KubeObject>(managedVM, { namespace, name: String(spec.target?.name) });
  const uid = stored && machineIn(stored.status);
  const found = stored && read.get(VirtualMachine, { namespace, name: virtualMachineName(stored) });
  return found?.metadata.uid === uid ? found : undefined;
}

/** What KubeVirt can be asked for, by the operation. */
export const ASKED = { LiveMigration: VirtualMachineInstanceMigration, Snapshot: VirtualMachineSnapshot } as const;

/** UID of the VirtualMachine that a ManagedVM says is its own. */
function machineIn(status: unknown): string | undefined {
  return (status as ManagedVM['status'])?.virtualMachine?.uid;
}
