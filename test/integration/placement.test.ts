/** MO-1: VMs of a group on two nodes, placed by the real kube-scheduler. Its Pods have what KubeVirt takes from a template: labels and affinity. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureArtifacts } from '../../hack/testbed/build/build.ts';
import { Client, type KubeObject } from '../../hack/testbed/client/client.ts';
import { readCredentials } from '../../hack/testbed/controlplane/certificates.ts';
import { layout } from '../../hack/testbed/controlplane/controlplane.ts';
import { nodeArtifacts } from '../../hack/testbed/node/artifacts.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { renderVirtualMachine } from '../../src/domain/machine/virtualmachine.ts';
import { managedVMOf, operatingSystemOf } from '../../src/domain/managedvm/rendering.fixtures.ts';
import { eventually } from './support/eventually.ts';

const NODES = ['north', 'south'];
const PODS = '/api/v1/namespaces/default/pods';

let bed: TestBed;
let client: Client;
let scheduler: ChildProcess;

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false, crds: [] });
  client = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'admin'), 'test');
  await client.delete('/api/v1/nodes/played-node');
  await Promise.all(NODES.map(makeNode));
  await eventually(() => client.get('/api/v1/namespaces/default/serviceaccounts/default'), 60_000);
  const { kubenode } = await ensureArtifacts({ kubenode: nodeArtifacts.kubenode }, () => {});
  const kubeconfigs = ['', 'authentication-', 'authorization-'].map(of => `--${of}kubeconfig=${bed.adminKubeconfig}`);
  const flags = [...kubeconfigs, '--leader-elect=false', '--bind-address=127.0.0.1', '--secure-port=0'];
  scheduler = spawn(join(kubenode, 'kube-scheduler'), flags, { stdio: 'ignore' });
}, 180_000);

afterAll(async () => {
  scheduler?.kill();
  await client?.close();
  await bed?.stop();
});

async function makeNode(name: string): Promise<void> {
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${name}` };
  await client.create('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } });
  const room = { cpu: '8', memory: '32Gi', pods: '110' };
  const now = new Date().toISOString();
  const ready = { type: 'Ready', status: 'True', reason: 'Test', lastHeartbeatTime: now, lastTransitionTime: now };
  const status = { capacity: room, allocatable: room, conditions: [ready] };
  await client.patch('strategic', `/api/v1/nodes/${name}/status`, { status });
}

/** The Pod of a VM in that group. */
async function start(name: string, placement: object): Promise<void> {
  const order = { serviceLevel: 'Admin', operatingSystem: 'debian-13', placement };
  const input = { managedVM: managedVMOf(order, { name, namespace: 'default' }), operatingSystem: operatingSystemOf() };
  const { template } = renderVirtualMachine(input).spec as {
    template: { metadata: { labels: Record<string, string> }; spec: { affinity: object } };
  };
  await client.create(PODS, {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: template.metadata.labels } },
    spec: {
      affinity: template.spec.affinity,
      automountServiceAccountToken: false,
      containers: [{ name: 'compute', image: 'none' }],
      tolerations: [{ operator: 'Exists' }],
    },
  });
}

type Scheduled = KubeObject & {
  spec: { nodeName?: string };
  status: { conditions?: { type: string; status: string; message?: string }[] };
};

const nodeOf = (name: string) =>
  eventually(async () => {
    const { spec } = (await client.get(`${PODS}/${name}`)) as Scheduled;
    expect(spec.nodeName).toBeDefined();
    return spec.nodeName;
  }, 60_000);

test.each(['Hosts', 'Zones'])(
  'MO-1: two VMs of a group never share one of %s, a third finds no place, and any that only wish it do',
  async apart => {
    const group = apart.toLowerCase();
    await start(`${group}-a`, { group, apart });
    const first = await nodeOf(`${group}-a`);
    await start(`${group}-b`, { group, apart });
    expect([first, await nodeOf(`${group}-b`)].sort()).toEqual(NODES);
    await start(`${group}-c`, { group, apart });
    await eventually(async () => {
      const { status } = (await client.get(`${PODS}/${group}-c`)) as Scheduled;
      const told = status.conditions?.find(({ type }) => type === 'PodScheduled');
      expect(told).toMatchObject({ status: 'False', message: expect.stringContaining('anti-affinity') });
    }, 60_000);
    const wished = { group: `${group}-wished`, apart, required: false };
    for (const name of ['x', 'y', 'z']) await start(`${group}-${name}`, wished);
    for (const name of ['x', 'y', 'z']) expect(NODES).toContain(await nodeOf(`${group}-${name}`));
  },
  120_000,
);
