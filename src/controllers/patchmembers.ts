import { type ManagedVM, managedVM } from '../api/managedvm.ts';
import type { KubeObject, ObjectKey } from '../runtime/api/object.ts';
import type { WatchedKind } from '../runtime/pass/controller.ts';

type Ordered = ManagedVM & KubeObject;

/** Watches ManagedVMs for a policy that counts them: what it looks at is what they say of their patches, in their status. */
export function patchMembers(index: string, policiesOf: (managedVM: Ordered) => readonly ObjectKey[]): WatchedKind {
  const keysOf = (object: KubeObject) => policiesOf(object as Ordered);
  return {
    kind: managedVM,
    indexes: { [index]: object => keysOf(object).map(({ namespace, name }) => `${namespace}/${name}`) },
    part: object => [keysOf(object), verdictOf(object as Ordered)],
    toKeys: keysOf,
  };
}

function verdictOf({ status }: Ordered): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'PatchCompliant')?.status;
}
