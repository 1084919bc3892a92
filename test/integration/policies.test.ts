/** Admission policies that rewrite what Steward writes (Kyverno, mesh injectors, a platform's own): cluster/23 and beyond. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubeObject } from '../../hack/testbed/client/client.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { DataVolume, Service, ServiceMonitor, VirtualMachine } from '../../src/api/upstream.ts';
import { type Any, Namespace } from './support/api.ts';
import { type Cluster, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { linuxSystem, machine } from './support/orders.ts';

const admission = { group: 'admissionregistration.k8s.io', version: 'v1', namespaced: false } as const;
const Policy = { ...admission, kind: 'MutatingAdmissionPolicy', plural: 'mutatingadmissionpolicies' };
const Binding = { ...admission, kind: 'MutatingAdmissionPolicyBinding', plural: 'mutatingadmissionpolicybindings' };

const LABEL = `[JSONPatch{op: "replace", path: "/metadata/labels/app.kubernetes.io~1managed-by", value: "platform"}]`;
const LABELS = `object.metadata.labels.map(key,
  JSONPatch{op: "replace", path: "/metadata/labels/" + jsonpatch.escapeKey(key), value: "platform"})`;
/** KubeVirt itself keeps what it needs of a VirtualMachine in annotations and finalizers: without them no guest starts, whoever ordered it. */
const IS_OURS = 'object.kind != "VirtualMachine"';
const ANNOTATIONS = `(${IS_OURS} && has(object.metadata.annotations) ? [JSONPatch{op: "remove", path: "/metadata/annotations"}] : [])`;
const FINALIZERS = `(${IS_OURS} && has(object.metadata.finalizers) ? [JSONPatch{op: "remove", path: "/metadata/finalizers"}] : [])`;

/** What is rewritten of every child, and how the disk is ordered: a kept disk is known by its mark alone, which is an annotation. */
const policies: [string, string, string, string][] = [
  ['the label of who manages it', 'platform', LABEL, 'Retain'],
  ['every label', 'labels', LABELS, 'Retain'],
  ['every label, annotation and finalizer', 'everything', `${LABELS} + ${ANNOTATIONS} + ${FINALIZERS}`, 'Delete'],
];

type Specified = KubeObject & { readonly spec: object };
const MANAGED_BY = 'app.kubernetes.io/managed-by';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.api.create(operatingSystem, linuxSystem('debian-13'));
});
afterAll(() => cluster?.stop());

const rules = [
  [[''], ['v1'], ['services', 'secrets']],
  [['monitoring.coreos.com'], ['v1'], ['servicemonitors', 'prometheusrules']],
  [['cdi.kubevirt.io'], ['v1beta1'], ['datavolumes']],
  [['kubevirt.io'], ['v1'], ['virtualmachines']],
] as const;

async function rewrite(name: string, expression: string): Promise<void> {
  const { api } = cluster;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const condition = 'has(object.metadata.labels) && "app.kubernetes.io/managed-by" in object.metadata.labels';
  const resourceRules = rules.map(([apiGroups, apiVersions, resources]) => {
    return { apiGroups, apiVersions, resources, operations: ['CREATE', 'UPDATE'] };
  });
  const policy: Specified = {
    ...{ apiVersion, kind: Policy.kind, metadata: { name } },
    spec: {
      ...{ failurePolicy: 'Fail', reinvocationPolicy: 'Never' },
      matchConditions: [{ name: 'labelled', expression: condition }],
      matchConstraints: { namespaceSelector: { matchLabels: { rewritten: name } }, resourceRules },
      mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
    },
  };
  const binding: Specified = { apiVersion, kind: Binding.kind, metadata: { name }, spec: { policyName: name } };
  await api.create(Policy, policy);
  await api.create(Binding, binding);
  await api.create(Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { rewritten: name } } });
  await eventually(async () => expect((await probe(name)).metadata.labels[MANAGED_BY]).toBe('platform'));
}

/** A Service like ours, to see whether the policy is in force. */
function probe(namespace: string): Promise<Any> {
  const name = `probe-${Math.trunc(performance.now())}`;
  const metadata = { namespace, name, labels: { [MANAGED_BY]: 'me' } };
  const service: Specified = { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 1 }] } };
  return cluster.api.create(Service, service);
}

describe.each(policies)(
  'a policy that rewrites %s of every child (MO-1, MO-5)',
  (_, namespace, expression, reclaimPolicy) => {
    const disks = [{ name: 'root', size: '20Gi', reclaimPolicy }];

    test('makes no condition false', async () => {
      await rewrite(namespace, expression);
      await cluster.api.create(managedVM, machine(namespace, 'vm', { disks }));
      await reads(cluster.api, managedVM, namespace, 'vm', {
        ...{ Ready: 'True/Running', Provisioned: 'True/DisksFilled', Stalled: 'False/Settled' },
      });
      const [{ metadata }] = await cluster.api.list(DataVolume, namespace);
      expect(metadata.labels[MANAGED_BY]).toBe('platform');
    });

    test('keeps no child from being healed', async () => {
      const selector = async () => (await cluster.api.get(Service, namespace, 'vm-metrics')).spec.selector;
      const before = await selector();
      await cluster.api.edit(Service, namespace, 'vm-metrics', {
        spec: { selector: { 'managed.systems/managed-vm': 'other' } },
      });
      await eventually(async () => expect(await selector()).toEqual(before));
    });

    test('survives a restart of Steward', async () => {
      await cluster.steward().stop('SIGTERM');
      await cluster.startSteward();
      const labels = { touched: 'yes' };
      await cluster.api.edit(managedVM, namespace, 'vm', { metadata: { labels }, spec: { serviceLevel: 'Admin' } });
      await reads(cluster.api, managedVM, namespace, 'vm', { Ready: 'True/Running', Stalled: 'False/Settled' });
      await gone(cluster.api, Service, namespace, 'vm-metrics');
      await gone(cluster.api, ServiceMonitor, namespace, 'vm-metrics');
    });

    test('holds up no deletion', async () => {
      await cluster.api.remove(managedVM, namespace, 'vm');
      await gone(cluster.api, managedVM, namespace, 'vm');
      await gone(cluster.api, VirtualMachine, namespace, 'vm');
      if (reclaimPolicy === 'Delete') await gone(cluster.api, DataVolume, namespace, 'vm-root');
    });
  },
);
