/** Admission policies of other people that rewrite what we write, on a real API server. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject, ResourceKind } from '../../../src/runtime/api/object.ts';
import { until } from './support/cluster.ts';
import { CONFIG_MAP, isIdle, PREFIX, SECRET, WIDGET } from './support/widget.ts';
import { WidgetCluster } from './support/widgetcluster.ts';

const admission = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;
const POLICY: ResourceKind = {
  ...{ ...admission, kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies' },
};
const BINDING: ResourceKind = {
  ...{ ...admission, kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings' },
};
const REWRITTEN = 'rewritten';

/** Every label gets another value, every annotation goes, every finalizer goes: more than any policy engine is known to do. */
const EVERYTHING = `
  (has(object.metadata.labels)
    ? object.metadata.labels.map(key, JSONPatch{op: "replace", path: "/metadata/labels/" + jsonpatch.escapeKey(key), value: "platform"})
    : []) +
  (has(object.metadata.annotations) ? [JSONPatch{op: "remove", path: "/metadata/annotations"}] : []) +
  (has(object.metadata.finalizers) ? [JSONPatch{op: "remove", path: "/metadata/finalizers"}] : [])`;

let cluster: WidgetCluster;

beforeAll(async () => {
  cluster = await WidgetCluster.start();
  await cluster.create(POLICY, {
    metadata: { name: REWRITTEN },
    spec: {
      ...{ failurePolicy: 'Fail', reinvocationPolicy: 'Never' },
      matchConstraints: {
        namespaceSelector: { matchLabels: { [REWRITTEN]: 'yes' } },
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['configmaps', 'secrets'],
          },
        ],
      },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression: EVERYTHING } }],
    },
  });
  await cluster.create(BINDING, { metadata: { name: REWRITTEN }, spec: { policyName: REWRITTEN } });
  const probe = await namespace('probe');
  await until('the policy is in force', async () => {
    const made = await cluster.create(CONFIG_MAP, {
      metadata: { namespace: probe, name: `probe-${performance.now()}`.replace('.', '-'), labels: { a: 'b' } },
    });
    return made.metadata.labels?.a === 'platform';
  });
});
afterEach(() => cluster.endOperators());
afterAll(() => cluster.stop());

const namespace = (name: string) => cluster.namespace(name, { [REWRITTEN]: 'yes' });

const part = (ns: string, name: string) => cluster.get(CONFIG_MAP, ns, `w-${name}`);
const data = async (ns: string, name: string) => (await part(ns, name))?.data;
const isOurs = (object: KubeObject | undefined) => object?.metadata.labels?.[`${PREFIX}/owner-uid`] !== 'platform';

describe('a policy that rewrites every label, annotation and finalizer of every child (cluster/23)', () => {
  test('neither makes conditions false, nor keeps children from being healed, pruned and made again, nor starts a fight', async () => {
    const ns = await namespace('policed');
    const operator = await cluster.readyOperator();
    await cluster.create(WIDGET, {
      metadata: { namespace: ns, name: 'w' },
      spec: { parts: { a: { x: '1' }, b: { y: '2' } }, secret: 'hush' },
    });
    expect((await cluster.done(ns, 'w')).status).toMatchObject({ children: 3, failed: [] });
    expect(isOurs(await part(ns, 'a'))).toBe(false);

    await cluster.patch(CONFIG_MAP, ns, 'w-a', { data: { x: 'wrong' } });
    await until('the edit is healed', async () => JSON.stringify(await data(ns, 'a')) === '{"x":"1"}');
    const former = await part(ns, 'a');
    if (former !== undefined) await cluster.delete(CONFIG_MAP, former);
    await until('it is there again', async () => {
      const again = await part(ns, 'a');
      return again !== undefined && again.metadata.uid !== former?.metadata.uid;
    });
    await cluster.patch(WIDGET, ns, 'w', { spec: { parts: { b: null } } });
    await until('what is no longer wanted is gone', async () => (await part(ns, 'b')) === undefined);
    expect((await cluster.done(ns, 'w')).status).toMatchObject({ children: 2, failed: [] });

    await cluster.idle(operator);
    const before = (await cluster.calls(operator.userAgent)).length;
    await cluster.patch(WIDGET, ns, 'w', { metadata: { labels: { touched: 'yes' } } });
    await until('the Widget is looked at again', () => isIdle(operator, 1));
    await cluster.idle(operator);
    expect((await cluster.calls(operator.userAgent)).length).toBe(before);
  });

  test('survives a restart, and the deletion ends', async () => {
    const ns = 'policed';
    const operator = await cluster.readyOperator();
    await cluster.idle(operator);
    expect((await cluster.done(ns, 'w')).status).toMatchObject({ children: 2, failed: [] });
    await cluster.patch(CONFIG_MAP, ns, 'w-a', { data: { x: 'wrong again' } });
    await until('the edit is healed', async () => JSON.stringify(await data(ns, 'a')) === '{"x":"1"}');
    const widget = await cluster.get(WIDGET, ns, 'w');
    if (widget !== undefined) await cluster.delete(WIDGET, widget);
    await until('the Widget is gone', async () => (await cluster.get(WIDGET, ns, 'w')) === undefined);
    await until('its parts are gone', async () => (await part(ns, 'a')) === undefined);
    expect(await cluster.get(SECRET, ns, 'w')).toBeUndefined();
  });
});
