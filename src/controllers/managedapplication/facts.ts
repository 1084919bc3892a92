import type { ChangeRequest } from '../../api/changerequest.ts';
import { type Contract, ContractSpec, contract } from '../../api/contract.ts';
import { type GuestState, guestState } from '../../api/gueststate.ts';
import { type MaintenanceWindow, MaintenanceWindowSpec, maintenanceWindow } from '../../api/maintenancewindow.ts';
import { type ManagedApplication, ManagedApplicationSpec, managedApplication } from '../../api/managedapplication.ts';
import { type ManagedVM, ManagedVMSpec, managedVM } from '../../api/managedvm.ts';
import { type OperatingSystem, operatingSystem } from '../../api/operatingsystem.ts';
import { type Product, ProductSpec, product } from '../../api/product.ts';
import { Secret } from '../../api/upstream.ts';
import { isEarlier } from '../../domain/application/earlier.ts';
import { faultsOf } from '../../domain/application/productcheck.ts';
import { type ApplicationPlan, planIn, planSecretName } from '../../domain/contract/applicationplan.ts';
import { holderOf } from '../../domain/contract/customer.ts';
import { listAt, textAt, textMapAt } from '../../domain/contract/json.ts';
import { systemNameOf } from '../../domain/contract/system.ts';
import { type GuestRecord, recordOf } from '../../domain/guest/record.ts';
import type { DecisionFacts } from '../../domain/policies/applicationdecision.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Reader } from '../../runtime/pass/controller.ts';
import { readOnce } from '../contracts.ts';
import { lineChangeRequestOf, offerRequestOf } from './linerequests.ts';
import { restoredOf, restoringOf } from './restoring.ts';

export type Ordered = ManagedApplication & KubeObject;

/** Applications by the path of the ManagedVM that they run on. */
export const VM_INDEX = 'managedVM';
export const PRODUCT_INDEX = 'product';
export const WINDOW_INDEX = 'window';
export const NAMESPACE_INDEX = 'namespace';
/** Contracts by the namespaces that they name. */
export const CONTRACT_INDEX = 'contractOf';

/** An order as this release reads it. */
export const orderIn = readOnce(ManagedApplicationSpec);
const entryOf = readOnce(ProductSpec);
const orderedIn = readOnce(ManagedVMSpec);
const agreementOf = readOnce(ContractSpec);
const windowOf = readOnce(MaintenanceWindowSpec);

/** What one pass has read: nothing of it from a guest. */
export type Facts = Omit<DecisionFacts, 'verifiers'> & {
  readonly record: GuestRecord | undefined;
  readonly lineChangeRequest: (ChangeRequest & KubeObject) | undefined;
};

export function factsOf(application: Ordered, read: Reader, keyNamespace: string): Facts {
  const { namespace = '', uid } = application.metadata;
  const vm = readableMachine(application, read);
  const stored = productOf(application, read);
  const { spec, problem } = stored === undefined ? {} : entryOf(stored.spec);
  const entry = stored && spec && { ...stored, spec };
  const system = vm && { namespace: '', name: systemNameOf(vm) };
  const others = read.byIndex<Ordered>(managedApplication, VM_INDEX, pathOf(application));
  return {
    entry,
    product: spec,
    productFaults: problem === undefined ? (entry === undefined ? [] : faultsOf(entry)) : [`${problem}.`],
    managedVM: vm,
    operatingSystem: system && read.get<OperatingSystem & KubeObject>(operatingSystem, system),
    earlier: others
      .filter(other => other.metadata.uid !== uid && isEarlier(other, application))
      .map(other => ({ application: other, product: productSpecOf(other, read) })),
    agreed: agreedIn(namespace, read),
    lineChangeRequest: lineChangeRequestOf(application, read),
    offerRequest: offerRequestOf(application, spec, read),
    told: toldOf(application, read, keyNamespace),
    restoring: restoringOf(application, read),
    restored: uid => restoredOf(application, uid, read),
    window: windowNamed(application, read),
    patchWindows: [vm?.status?.patching?.lastWindow, vm?.status?.patching?.nextWindow].flatMap(each => each ?? []),
    record:
      vm &&
      recordOf(read.get<GuestState & KubeObject>(guestState, { namespace, name: vm.metadata.name }), vm.metadata.uid),
  };
}

function productOf(ordered: Ordered, read: Reader): (Product & KubeObject) | undefined {
  return read.get(product, { namespace: '', name: textAt(ordered, 'spec', 'product') ?? '' });
}

/** What the catalogue says of the product of an order, where this release reads it. */
export function productSpecOf(ordered: Ordered, read: Reader): ProductSpec | undefined {
  return entryOf(productOf(ordered, read)?.spec).spec;
}

/** Products that were agreed on with the customer of a namespace one by one (AP-8). */
function agreedIn(namespace: string, read: Reader): readonly string[] | undefined {
  const holder = holderOf(read.byIndex<Contract & KubeObject>(contract, CONTRACT_INDEX, namespace));
  return holder && agreementOf(holder.spec).spec?.products;
}

/** The ManagedVM that it runs on, while that is there. */
export function machineOf(ordered: Ordered, read: Reader): ManagedVM | undefined {
  const { namespace = '' } = ordered.metadata;
  return read.get<ManagedVM & KubeObject>(managedVM, { namespace, name: vmNameOf(ordered) });
}

/** The same, where what was stored of it is an order. */
function readableMachine(ordered: Ordered, read: Reader): ManagedVM | undefined {
  const vm = machineOf(ordered, read);
  return vm !== undefined && orderedIn(vm.spec).spec !== undefined ? vm : undefined;
}

export function pathOf(ordered: Ordered): string {
  return `${ordered.metadata.namespace ?? ''}/${vmNameOf(ordered)}`;
}

/** An order may have been stored under another schema. */
function vmNameOf(ordered: Ordered): string {
  const [name] = listAt(ordered, 'spec', 'managedVMs');
  return typeof name === 'string' ? name : '';
}

/** What the guest worker was told last, as it is stored: where only Steward writes. A cache may be a write behind the status. */
function toldOf({ metadata: { uid = '' } }: Ordered, read: Reader, namespace: string): ApplicationPlan | undefined {
  const stored = textMapAt(read.get(Secret, { namespace, name: planSecretName(uid) }), 'data').plan ?? '';
  return planIn(Buffer.from(stored, 'base64').toString('utf8'));
}

function windowNamed(ordered: Ordered, read: Reader): DecisionFacts['window'] {
  const { namespace = '' } = ordered.metadata;
  const name = textAt(ordered, 'spec', 'windowRef');
  if (name === undefined) return undefined;
  const stored = read.get<MaintenanceWindow & KubeObject>(maintenanceWindow, { namespace, name });
  const { spec: times } = stored === undefined ? {} : windowOf(stored.spec);
  return times && { name, spec: times };
}
