import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { staticImage } from '../../images/program.ts';
import { apply } from '../client/apply.ts';
import type { KubeObject } from '../client/client.ts';
import { run } from '../process/command.ts';
import { until } from '../process/until.ts';
import { startTestBed, type TestBed } from '../testbed.ts';
import { nodeNetwork } from './addresses.ts';
import { adminClient, strictPod } from './realnode.fixtures.ts';

const image = 'steward.testbed/kubectl:test';

let bed: TestBed;
const kubectl = (...args: string[]) =>
  run(bed.binaries.kubectl, [`--kubeconfig=${bed.adminKubeconfig}`, '--namespace=strict', ...args]);
const inPod = (pod: string, ...args: string[]) => kubectl('exec', pod, '--', '/kube', 'kubectl', ...args);
const whoIs = (pod: string, way: 'address' | 'name') =>
  inPod(pod, `--kubeconfig=/config/${way}`, 'auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}');
const running = (pod: string) => kubectl('wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=60s');
const restarts = (pod: string) =>
  kubectl('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].restartCount}');

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: [] });
  const archive = join(bed.dir, 'kubectl.tar');
  await staticImage({ name: image, binary: await realpath(bed.binaries.kubectl) }, archive);
  await bed.node?.importImage(archive);
  const client = await adminClient(bed);
  const [namespace, ...rest] = strictPod(image) as readonly KubeObject[];
  if (namespace !== undefined) await apply(client, namespace);
  // Pods are refused until kube-controller-manager has made the account that they run as.
  await kubectl('wait', 'serviceaccount/default', '--for=create', '--timeout=60s');
  for (const object of rest) await apply(client, object);
  await client.close();
  await running('asker');
});
afterAll(() => bed?.stop());

describe('a Pod that runs as nobody in particular, in a namespace that enforces PSA restricted', () => {
  it('reaches the API by the address of its Service, as its ServiceAccount', async () => {
    expect(await whoIs('asker', 'address')).toBe('system:serviceaccount:strict:default');
  });

  it('reaches the API by its name in the cluster', async () => {
    expect(await whoIs('asker', 'name')).toBe('system:serviceaccount:strict:default');
  });

  it('is reached by others through a Service, from Pods and from the node', async () => {
    // The Pod is ready before kube-proxy has sent anyone to it.
    await until('answerer', () => inPod('asker', '--server=http://answerer', 'get', '--raw', '/version'), bed.died, 30);
    const answer = await fetch(`http://answerer.strict.svc.${nodeNetwork.domain}/version`);
    expect(await answer.json()).toHaveProperty('gitVersion');
  });

  it('has its log read', async () => {
    expect(await kubectl('logs', 'asker')).toContain('Starting to serve');
  });

  it('is told at once that a name outside of the cluster does not exist', async () => {
    await expect(inPod('asker', '--server=http://example.com', 'get', '--raw', '/')).rejects.toThrow('no such host');
  });
});

it('a Pod that asks for more than PSA restricted allows is refused', async () => {
  await expect(kubectl('run', 'greedy', `--image=${image}`, '--privileged')).rejects.toThrow('PodSecurity "restricted');
});

it.each(['containerd', 'kubelet', 'kube-proxy', 'kube-scheduler', 'coredns'] as const)(
  'when %s is killed and comes back, Pods have gone on running and new ones start',
  async program => {
    await bed.node?.restart(program);
    await kubectl('delete', 'pod', 'late', '--ignore-not-found', '--now');
    const client = await adminClient(bed);
    for (const object of strictPod(image, 'late')) await apply(client, object as KubeObject);
    await client.close();
    await running('late');
    expect(await whoIs('late', 'name')).toBe('system:serviceaccount:strict:default');
    expect(await restarts('asker')).toBe('0');
  },
);

it('a bed that is stopped takes its containers with it, and the next one in the same box starts', async () => {
  await bed.stop();
  const mounts = await run('cat', ['/proc/self/mounts']);
  expect(mounts).not.toMatch(/ \/(run\/containerd|var\/lib\/kubelet|run\/netns)\//);
  expect(await run('nft', ['list', 'tables'])).toBe('');
  expect(await run('ip', ['-brief', 'link'])).not.toMatch(/cni0|veth/);
  expect(await run('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-name', 'kubepods'])).toBe('');
  bed = await startTestBed({ profile: 'node', parts: [] });
  expect(await run(bed.binaries.kubectl, [`--kubeconfig=${bed.adminKubeconfig}`, 'get', 'pods', '-A'])).toBe('');
});
