import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { type AccessOperation, accessChange, accessChangeName } from '../../domain/change/accesschange.ts';
import { lineChangePrefix } from '../../domain/change/linechange.ts';
import { endedBySteward, type StewardChange } from '../../domain/contract/stewardchange.ts';
import type { Decision } from '../../domain/policies/applicationdecision.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { OwnedKind, Reader } from '../../runtime/pass/controller.ts';
import type { ApplicationContext } from './credentials.ts';
import { type Facts, type Ordered, pathOf, VM_INDEX } from './facts.ts';

/** Records of what was ordered and agreed to: they do not go with their application. */
export const CHANGES: OwnedKind = {
  ...{ kind: changeRequest, selector: '', prune: () => false, reap: () => false },
  named: (owner, { metadata: { name } }) =>
    name.startsWith(lineChangePrefix(owner as Ordered)) ||
    (['WithholdAccess', 'ReturnAccess'] as const).some(each => name === accessChangeName(each, owner as Ordered)),
};

/** Whether this order is the one for which the customer's rights are withheld: it is to be set up, and no other is there (AP-9). */
export function isFirst({ status }: Ordered, { managedVM, earlier }: Facts, { plan }: Decision): boolean {
  return (
    plan !== undefined &&
    status?.plan === undefined &&
    managedVM?.status?.soleRoot === undefined &&
    earlier.every(({ application }) => application.status?.plan === undefined)
  );
}

/** Whether no other application is set up on its VM. */
export function isLast(object: Ordered, read: Reader): boolean {
  const others = read.byIndex<Ordered>(managedApplication, VM_INDEX, pathOf(object));
  return others.every(({ metadata, status }) => metadata.uid === object.metadata.uid || status?.plan === undefined);
}

/** Before anything is done by it. Made once, and people's from then on. Throws ApiError: then nothing is done either. */
export async function recordAccess(
  operation: AccessOperation,
  { object, read, apply }: ApplicationContext,
  vm: ManagedVM | undefined,
): Promise<void> {
  if (vm === undefined) return;
  const change = accessChange(operation, object, vm);
  if (recorded(operation, object, read) === undefined) await makeChange(change, apply);
}

/** Before what it is for is done or asked. Throws ApiError. */
export async function makeChange(change: StewardChange, apply: ApplicationContext['apply']): Promise<void> {
  const [outcome] = await apply([{ object: change, ownerReference: false }]);
  if (outcome?.error !== undefined) throw outcome.error;
}

/** What was recorded and never came to pass, for the order is gone before. */
export async function cancelAccess({ object, read, mergePatch, now }: ApplicationContext): Promise<void> {
  const change = recorded('WithholdAccess', object, read);
  if (change === undefined || change.spec.result !== undefined) return;
  const notes = `ManagedApplication ${object.metadata.name} is gone before access was withheld for it.`;
  await mergePatch(changeRequest, change, { spec: { result: endedBySteward('Cancelled', notes, now) } });
}

/** A name proves nothing: who takes it beforehand has no operation, which is Steward's alone to write (admission). */
function recorded(operation: AccessOperation, object: Ordered, read: Reader): (ChangeRequest & KubeObject) | undefined {
  const key = { namespace: object.metadata.namespace ?? '', name: accessChangeName(operation, object) };
  const found = read.get<ChangeRequest & KubeObject>(changeRequest, key);
  return found?.spec?.operation === operation ? found : undefined;
}
