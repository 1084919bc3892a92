import { type ManagedVM, managedVM } from '../api/managedvm.ts';
import type { KubeObject, ObjectKey } from '../runtime/api/object.ts';
import type { WatchedKind } from '../runtime/pass/controller.ts';
import { isUnavailable } from './patchrings.ts';

type Ordered = ManagedVM & KubeObject;

/** Watches ManagedVMs for a policy that counts them: what it looks at is what they say of their patches and whether they are there, in their status. */
export function patchMembers(index: string, policiesOf: (managedVM: Ordered) => readonly ObjectKey[]): WatchedKind {
  const keysOf = (object: KubeObject) => policiesOf(object as Ordered);
  return {
    kind: managedVM,
    indexes: { [index]: object => keysOf(object).map(({ namespace, name }) => `${namespace}/${name}`) },
    part: object => [keysOf(object), object.metadata.labels, ...saidOf(object as Ordered)],
    toKeys: keysOf,
  };
}

function saidOf({ status }: Ordered): readonly unknown[] {
  const patched = status?.conditions?.find(({ type }) => type === 'PatchCompliant')?.status;
  return [patched, isUnavailable(status)];
}
