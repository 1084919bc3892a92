/** Images that lie in a namespace of the provider's, on CDI's own clone authorisation (docs/testbed.md). */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installChart } from '../../hack/steward/steward.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { DataVolume } from '../../src/api/upstream.ts';
import { conditionOf } from './support/api.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { reads } from './support/eventually.ts';
import { linuxSystem, machine } from './support/orders.ts';

const images = 'closed-images';
const name = 'rhel-10';

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
  const { api } = cluster;
  await api.namespace('acme');
  await api.create(operatingSystem, linuxSystem(name, { image: { dataSource: { namespace: images, name } } }));
  await api.create(managedVM, machine('acme', 'vm', { operatingSystem: name }));
});
afterAll(() => cluster?.stop());

test('an image that is not there yet is waited for (MO-1)', async () => {
  const { api, kubectl } = cluster;
  const waiting = {
    Ready: 'False/ImageSourceNotReady',
    Provisioned: 'Unknown/ImageSourceNotReady',
    Stalled: 'False/Settled',
  };
  await reads(api, managedVM, 'acme', 'vm', waiting);
  await api.namespace(images);
  const source = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataSource',
    metadata: { name, namespace: images },
    spec: { source: { pvc: { namespace: images, name } } },
  };
  await kubectl(['apply', '-f', '-'], JSON.stringify(source));
});

test('one that Steward may not clone is said, with what the provider does about it (MO-1)', async () => {
  const { api } = cluster;
  const refused = { Ready: 'False/ImageNotPermitted', Provisioned: 'False/ImageNotPermitted' };
  const vm = await reads(api, managedVM, 'acme', 'vm', { ...refused, Stalled: 'True/ImageNotPermitted' }, 90_000);
  expect(conditionOf(vm, 'Provisioned')?.message).toContain(
    "The provider adds closed-images to imageNamespaces of Steward's Helm release.",
  );
  expect(await api.find(DataVolume, 'acme', 'vm-root')).toBeUndefined();
});

test('the order goes on by itself once the chart grants it, in that namespace only (MO-1)', async () => {
  const { api, bed } = cluster;
  await installChart(bed, { imageNamespaces: `{golden-images,${images}}` });
  await reads(api, managedVM, 'acme', 'vm', { Ready: 'True/Running', Provisioned: 'True/DisksFilled' }, 100_000);
});

test('the garbage collector may orphan a clone, which is a change of it', async () => {
  const collector = 'system:serviceaccount:kube-system:generic-garbage-collector';
  const orphan = [
    'patch',
    'dv',
    'vm-root',
    '-n',
    'acme',
    '--type=merge',
    '-p',
    '{"metadata":{"ownerReferences":null}}',
  ];
  await cluster.kubectl([...orphan, '--dry-run=server', '--as', collector]);
});

test('no right was missing but that one', () => expectNoRefusals(cluster));
