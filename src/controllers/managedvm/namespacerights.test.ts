import { expect, it } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import type { Asked } from '../../runtime/pass/controller.ts';
import { namespaceRightsOf } from './namespacerights.ts';

const CONSOLE = {
  ...{ apiGroups: ['subresources.kubevirt.io'], resources: ['virtualmachineinstances/console'], verbs: ['get'] },
};
const machine = (namespace: string, soleRoot = true) =>
  ({ metadata: { namespace, name: 'shop' }, status: soleRoot ? { soleRoot: {} } : {} }) as unknown as ManagedVM &
    KubeObject;
const binding = (namespace: string | undefined, kind: string, name: string) => ({
  metadata: { ...(namespace && { namespace }), name },
  ...{ roleRef: { kind, name }, subjects: [{ kind: 'User', name: 'anna' }] },
});
const role = (name: string, rules: readonly unknown[], namespace?: string) => ({
  ...{ metadata: { name, ...(namespace && { namespace }) }, rules },
});

/** A fake: lists as they are given, by plural and namespace, counted. */
function apiServer(lists: Record<string, readonly unknown[]>, machines: readonly KubeObject[]) {
  const asked: string[] = [];
  let clock = 0;
  const list = (kind: ResourceKind, namespace: string) => {
    asked.push(`${kind.plural} ${namespace}`);
    const found = lists[`${kind.plural} ${namespace}`];
    return found === undefined ? Promise.reject(new Error('forbidden')) : Promise.resolve(found as KubeObject[]);
  };
  const system = { read: { list: () => machines }, list, monotonic: () => clock } as unknown as Asked;
  const rights = namespaceRightsOf({ guestIntervalMs: 600_000 });
  const ask = (later = 0) => {
    clock += later;
    return rights.source.ask(new Date(), new AbortController().signal, system);
  };
  return { asked, ask, rights };
}

const CLUSTER = { 'clusterroles ': [role('edit', [CONSOLE])], 'clusterrolebindings ': [] };

it('AP-9: bindings are read with their roles, of namespaces where the provider alone is to hold root and of no other', async () => {
  const lists = {
    ...CLUSTER,
    'roles acme': [role('mine', [CONSOLE], 'acme'), role('empty', [{ ...CONSOLE, verbs: ['list'] }], 'acme')],
    'rolebindings acme': [
      binding('acme', 'ClusterRole', 'edit'),
      binding('acme', 'Role', 'mine'),
      binding('acme', 'Role', 'empty'),
      binding('acme', 'Role', 'gone'),
      // Of the same name in the cluster, which it does not mean.
      binding('acme', 'Role', 'edit'),
    ],
  };
  const { asked, ask, rights } = apiServer(lists, [machine('acme'), machine('other', false)]);
  const concerns = await ask();
  expect(asked.some(each => each.endsWith(' other'))).toBe(false);
  expect(concerns(machine('acme'))).toBe(true);
  expect(concerns(machine('other', false))).toBe(false);
  const found = rights.of('acme');
  expect(found && 'grants' in found && found.grants.inNamespace).toHaveLength(2);
});

it('AP-9: what did not change concerns nobody, and is not asked again before its time', async () => {
  const { asked, ask } = apiServer({ ...CLUSTER, 'roles acme': [], 'rolebindings acme': [] }, [machine('acme')]);
  await ask();
  const { length } = asked;
  await ask(15_000);
  expect(asked).toHaveLength(length);
  const concerns = await ask(60_000);
  expect(asked.length).toBeGreaterThan(length);
  expect(concerns(machine('acme'))).toBe(false);
});

it('AP-9: what cannot be read, or is more than one list holds, is known as that', async () => {
  const many = Array.from({ length: 500 }, (_, index) => binding('many', 'ClusterRole', `b${index}`));
  const lists = { ...CLUSTER, 'roles many': [], 'rolebindings many': many };
  const { ask, rights } = apiServer(lists, [machine('acme'), machine('many')]);
  await ask();
  expect(rights.of('acme')).toEqual({ why: 'forbidden' });
  expect(rights.of('many')).toEqual({ why: 'there are more than 499 of rolebindings in many' });
  expect(rights.of('nowhere')).toBeUndefined();
});

it('AP-9: nobody asks anything where no application runs', async () => {
  const { asked, ask } = apiServer({}, [machine('acme', false)]);
  await ask();
  expect(asked).toEqual([]);
});
