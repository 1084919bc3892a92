import { type ManagedVM, managedVM } from '../api/managedvm.ts';
import { systemNameOf } from '../domain/contract/system.ts';
import type { KubeObject, ObjectKey } from '../runtime/api/object.ts';
import type { WatchedKind } from '../runtime/pass/controller.ts';
import { isUnavailable } from './patchrings.ts';

type Ordered = ManagedVM & KubeObject;

/** Watches ManagedVMs for a policy that counts them: what it looks at is by which policy they are patched, what they say of it, and whether they are there. */
export function patchMembers(index: string, policiesOf: (managedVM: Ordered) => readonly ObjectKey[]): WatchedKind {
  const keysOf = (object: KubeObject) => policiesOf(object as Ordered);
  return {
    kind: managedVM,
    indexes: { [index]: object => keysOf(object).map(({ namespace, name }) => `${namespace}/${name}`) },
    part: object => [keysOf(object), object.metadata.labels, ...saidOf(object as Ordered)],
    toKeys: keysOf,
  };
}

function saidOf({ spec, status }: Ordered): readonly unknown[] {
  const patched = status?.conditions?.find(({ type }) => type === 'PatchCompliant')?.status;
  // Whose rings it is in follows from its policy, which may change while the one that proves its patches stays.
  const { policy, updates } = status?.patching ?? {};
  return [
    systemNameOf({ spec, status }),
    spec.powerState,
    spec.paused,
    policy,
    updates?.standing,
    patched,
    isUnavailable(status),
  ];
}
