import { type ChangeRequest, ChangeRequestSpec, changeRequest } from '../api/changerequest.ts';
import { type ManagedVM, managedVM } from '../api/managedvm.ts';
import { at, listAt, textAt } from '../domain/contract/json.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../runtime/pass/controller.ts';
import { readOnce } from './contracts.ts';

type VM = ManagedVM & KubeObject;

const CHANGES = 'patchedBy';
const saidIn = readOnce(ChangeRequestSpec);

/** The VMs that a policy of that name patches, or proves the content for; `namespace`: only those in it. */
export function patchedByPolicy(name: string, namespace: string | undefined, read: Reader): readonly ObjectKey[] {
  return read
    .list<VM>(managedVM, namespace === undefined ? {} : { namespace })
    .filter(({ status }) => status?.patching?.policy?.name === name || status?.patching?.provenBy === name)
    .map(keyOf);
}

/** Changes by which guests are patched, by whom they are for: a VM, or the VMs of a policy in their namespace. */
function patchedBy({ metadata, spec }: KubeObject): readonly string[] {
  if (textAt(spec, 'operation') !== 'PatchRun') return [];
  return [targetPath(metadata.namespace ?? '', textAt(spec, 'target', 'kind'), textAt(spec, 'target', 'uid'))];
}

function targetPath(namespace: string, kind: string | undefined, uid: string | undefined): string {
  return `${namespace}/${kind}/${uid}`;
}

/** Those that are for a VM, or for the VMs of a policy in its namespace; those that cannot be read are none. */
export function patchChangesOf(
  { metadata }: ManagedVM,
  policy: { readonly kind: string; readonly uid: string },
  read: Reader,
): readonly ChangeRequest[] {
  const { namespace = '', uid } = metadata;
  const targets = [
    [managedVM.kind, uid],
    [policy.kind, policy.uid],
  ] as const;
  return targets.flatMap(([kind, of]) =>
    read
      .byIndex<ChangeRequest & KubeObject>(changeRequest, CHANGES, targetPath(namespace, kind, of))
      .filter(({ spec }) => saidIn(spec).spec !== undefined),
  );
}

/** The VMs that a change by which guests are patched concerns. */
function patchedVMs({ metadata: { namespace = '' }, spec }: KubeObject, read: Reader): readonly ObjectKey[] {
  const [kind, name = ''] = ['kind', 'name'].map(field => textAt(spec, 'target', field));
  if (textAt(spec, 'operation') !== 'PatchRun') return [];
  if (kind === managedVM.kind) return [{ namespace, name }];
  return patchedByPolicy(name, namespace, read);
}

/** Whether it is agreed to as it stands, when it may be done, and for whom it waits. */
function agreedPart({ metadata, spec, status }: KubeObject): unknown {
  const agreed = listAt(status, 'conditions').find(condition => textAt(condition, 'type') === 'Agreed');
  const judged = ['status', 'reason'].map(field => textAt(agreed, field));
  return [
    metadata.generation,
    spec,
    at(status, 'observedGeneration'),
    at(status, 'window'),
    at(status, 'waitingFor'),
    judged,
  ];
}

/** Watches changes by which guests are patched, for the VMs that they concern. */
export const PATCH_CHANGES: WatchedKind = {
  kind: changeRequest,
  indexes: { [CHANGES]: patchedBy },
  part: agreedPart,
  toKeys: patchedVMs,
};
