/** The operator as customers run it: its image, installed by Helm, as Pods of a real node in a namespace that enforces PSA `restricted`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildStewardImage } from '../../hack/images/steward.ts';
import { type Call, readCalls } from '../../hack/testbed/client/audit.ts';
import { run } from '../../hack/testbed/process/command.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { applyOfNewKind, chart, type Kubectl, kubectlOf, type Manifest, namespace } from '../chart/chart.ts';
import { operatingSystem, virtualMachine } from '../chart/objects.ts';
import { callsSince, writes } from '../integration/support/audit.ts';
import { eventually } from '../integration/support/eventually.ts';

const repository = 'steward.testbed/steward';
const selector = 'app.kubernetes.io/name=steward';

let bed: TestBed;
let kubectl: Kubectl;

beforeAll(async () => {
  bed = await startTestBed({ profile: 'node', parts: [] });
  kubectl = kubectlOf(bed);
  const archive = join(bed.dir, 'steward.tar');
  await buildStewardImage({ name: `${repository}:test`, outFile: archive });
  await bed.node?.importImage(archive);
  await kubectl(`create namespace ${namespace}`);
  await kubectl(`label namespace ${namespace} pod-security.kubernetes.io/enforce=restricted`);
  await kubectl('create namespace acme');
  await helm(`install steward ${chart} --set image.repository=${repository},image.tag=test`);
  await applyOfNewKind(kubectl, operatingSystem);
});
afterAll(() => bed?.stop());

function helm(command: string): Promise<string> {
  const flags = ['--kubeconfig', bed.adminKubeconfig, '--namespace', namespace, '--wait', '--timeout', '120s'];
  return run(bed.binaries.helm, [...command.split(' '), ...flags]);
}

/** The operator's Pods that are not being deleted. */
const pods = () => podsOf(selector);
/** Those of the guest worker. */
const workers = () => podsOf(`${selector}-guest`);

async function podsOf(labels: string): Promise<Manifest[]> {
  const { items } = JSON.parse(await kubectl(`get pods -n ${namespace} -l ${labels} -o json`));
  return (items as Manifest[]).filter(({ metadata }) => !('deletionTimestamp' in metadata));
}

function isReady({ status }: Manifest): boolean {
  return status.conditions.some(({ type, status }: Manifest) => type === 'Ready' && `${status}` === 'True');
}

function leader(): Promise<string> {
  return kubectl(`get lease steward -n ${namespace} -o jsonpath={.spec.holderIdentity}`);
}

/** Resolves with the leader's name when it is another one than `before` and its Pod exists. */
function nextLeader(before: string): Promise<string> {
  return eventually(async () => {
    const holder = await leader();
    expect(holder).not.toBe(before);
    expect((await pods()).map(({ metadata }) => metadata.name)).toContain(holder);
    return holder;
  });
}

/** Orders VMs and returns when the operator has said something about each. */
async function served(...names: readonly string[]): Promise<void> {
  for (const name of names) await applyOfNewKind(kubectl, virtualMachine(name));
  for (const name of names)
    await eventually(async () => {
      expect(await kubectl(`get mvm ${name} -n acme -o jsonpath={.status.observedGeneration}`)).toBe('1');
      expect(await kubectl(`get vm ${name} -n acme -o name`)).toContain(name);
    });
}

const target = ({ objectRef }: Call) => [objectRef?.resource, objectRef?.namespace, objectRef?.name].join('/');

/** Whatever was created by the operator in the tenant's namespace, once for each time. */
async function created(): Promise<string[]> {
  const calls = writes(await callsSince(bed));
  const news = calls.filter(call => call.responseStatus?.code === 201 && call.objectRef?.namespace === 'acme');
  return news
    .map(target)
    .filter(name => !name.startsWith('events/'))
    .sort();
}

async function expectNothingTwice(): Promise<void> {
  const names = await created();
  expect(names).not.toEqual([]);
  expect(names).toEqual([...new Set(names)]);
}

describe('the chart on a real node', () => {
  it('runs two replicas that are ready, were never restarted and have nothing that PSA restricted forbids', async () => {
    const both = await pods();
    expect(both).toHaveLength(2);
    for (const pod of both) {
      expect(isReady(pod)).toBe(true);
      expect(pod.status.containerStatuses[0].restartCount).toBe(0);
    }
  });

  it('gives the process an unprivileged user, no capability, seccomp, and a root that it cannot write to', async () => {
    const [pod] = await pods();
    const program = `
      const { readFileSync, writeFileSync } = require('node:fs');
      const status = Object.fromEntries(readFileSync('/proc/1/status', 'utf8').split('\\n').map(line => line.split(':\\t')));
      const denied = path => { try { writeFileSync(path, ''); } catch (error) { return error.code; } };
      console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(), capabilities: status.CapBnd,
        noNewPrivileges: status.NoNewPrivs, seccomp: status.Seccomp, root: denied('/x'), tmp: denied('/tmp') }));`;
    const words = ['exec', '-n', namespace, pod?.metadata.name ?? '', '--', '/nodejs/bin/node', '-e', program];
    const said = await run(bed.binaries.kubectl, ['--kubeconfig', bed.adminKubeconfig, ...words]);
    expect(JSON.parse(said)).toEqual({
      uid: 65532,
      gid: 65532,
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
      seccomp: '2',
      root: 'EROFS',
      tmp: 'EROFS',
    });
  });

  it('has one leader, one of the two, and the other writes nothing', async () => {
    await served('first');
    const holder = await leader();
    expect((await pods()).map(({ metadata }) => metadata.name)).toContain(holder);
    const writers = new Set(writes(await callsSince(bed)).map(podOf));
    expect([...writers]).toEqual([holder]);
  });

  it('is guarded by a NetworkPolicy and a PodDisruptionBudget that select both Pods', async () => {
    const policy = await kubectl(`get networkpolicy steward -n ${namespace} -o json`);
    const { matchLabels } = JSON.parse(policy).spec.podSelector;
    const labels = Object.entries(matchLabels).map(([name, value]) => `${name}=${value}`);
    const chosen = await kubectl(`get pods -n ${namespace} -l ${labels.join(',')} -o name`);
    expect(chosen.trim().split('\n')).toHaveLength(2);
    const budget = () => kubectl(`get pdb steward -n ${namespace} -o jsonpath={.status.disruptionsAllowed}`);
    await eventually(async () => expect(await budget()).toBe('1'));
  });

  it('runs the guest worker beside it: ready, never restarted, with the Leases of all shards, its own account and what PSA restricted asks for', async () => {
    const [worker, ...more] = await workers();
    expect(more).toEqual([]);
    expect(worker && isReady(worker)).toBe(true);
    expect(worker?.status.containerStatuses[0].restartCount).toBe(0);
    expect(worker?.spec.serviceAccountName).toBe('steward-guest');
    const held = async () => {
      const { items } = JSON.parse(await kubectl(`get leases -n ${namespace} -o json`));
      const shards = (items as Manifest[]).filter(({ metadata }) => metadata.name.startsWith('steward-guest-'));
      return shards.filter(({ spec }) => `${spec.holderIdentity}`.startsWith(worker?.metadata.name ?? '?')).length;
    };
    await eventually(async () => expect(await held()).toBe(8));
    await served('looked-after');
    await eventually(async () => {
      expect(await kubectl('get gst looked-after -n acme -o jsonpath={.spec.managedVM}')).toBe(
        await kubectl('get mvm looked-after -n acme -o jsonpath={.metadata.uid}'),
      );
    });
  });

  it('keeps the guest worker out of what is the operator’s: its Service, its budget, its NetworkPolicy', async () => {
    const [worker] = await workers();
    expect((await pods()).map(({ metadata }) => metadata.name)).not.toContain(worker?.metadata.name);
    const endpoints = `get endpointslices -n ${namespace} -o jsonpath={.items[*].endpoints[*].targetRef.name} -l`;
    const behind = async (service: string) =>
      (await kubectl(`${endpoints} kubernetes.io/service-name=${service}`)).split(' ').sort();
    expect(await behind('steward-guest-metrics')).toEqual([worker?.metadata.name]);
    expect(await behind('steward-metrics')).toEqual((await pods()).map(({ metadata }) => metadata.name).sort());
    const answer = await fetch(`http://steward-guest-metrics.${namespace}.svc.cluster.local:8080/metrics`);
    expect(await answer.text()).toContain('steward_guest_shards 8');
  });

  it('serves its metrics through its Service', async () => {
    const answer = await fetch(`http://steward-metrics.${namespace}.svc.cluster.local:8080/metrics`);
    expect(await answer.text()).toContain('controller_runtime_reconcile_total');
  });

  it('is led by the other replica when the leader is deleted, and nothing is created twice', async () => {
    const before = await leader();
    const began = performance.now();
    await kubectl(`delete pod ${before} -n ${namespace} --wait=false`);
    const after = await nextLeader(before);
    console.log(`another replica led ${((performance.now() - began) / 1000).toFixed(1)} s after the Pod was deleted`);
    await served('second');
    await eventually(async () => expect((await pods()).filter(isReady)).toHaveLength(2));
    expect(await leader()).toBe(after);
    await expectNothingTwice();
  });

  it('goes on when the process of the leader is killed, and nothing is created twice', async () => {
    const pid = await processOf(await leader());
    const began = performance.now();
    process.kill(pid, 'SIGKILL');
    await served('third');
    console.log(`the next order was served ${((performance.now() - began) / 1000).toFixed(1)} s after the kill`);
    await eventually(async () => expect((await pods()).filter(isReady)).toHaveLength(2));
    await expectNothingTwice();
  });

  it('rolls to another revision while orders come in: some replica is always available, and nothing is created twice', async () => {
    const old = (await pods()).map(({ metadata }) => metadata.name);
    const availability = watchAvailability();
    const rolled = helm(`upgrade steward ${chart} --reuse-values --set podAnnotations.revision=next`);
    const orders = served(...Array.from({ length: 12 }, (_, index) => `rolling-${index}`));
    await Promise.all([rolled, orders]);
    const available = await availability.stop();
    console.log(`available replicas during the upgrade: ${available.join(' ')}`);
    expect(available.length).toBeGreaterThan(1);
    expect(Math.min(...available)).toBeGreaterThan(0);
    await eventually(async () => {
      const now = await pods();
      expect(now.filter(isReady)).toHaveLength(2);
      expect(now.filter(({ metadata }) => old.includes(metadata.name))).toEqual([]);
    });
    await served('afterwards');
    await expectNothingTwice();
  });

  it('never asked for more than the chart allows', async () => {
    const worker = { user: `system:serviceaccount:${namespace}:steward-guest` };
    const { calls } = await readCalls(bed.auditLog, worker);
    expect(calls.length).toBeGreaterThan(0);
    const all = [...calls, ...(await callsSince(bed))];
    expect(all.filter(({ responseStatus }) => responseStatus?.code === 403)).toEqual([]);
  });
});

function podOf(call: Call): string {
  const { user } = call as Call & { user: { extra?: Record<string, string[]> } };
  return user.extra?.['authentication.kubernetes.io/pod-name']?.[0] ?? 'a process outside of Pods';
}

/** The number, in the box, of the process that runs in the Pod. */
async function processOf(pod: string): Promise<number> {
  const uid = await kubectl(`get pod ${pod} -n ${namespace} -o jsonpath={.metadata.uid}`);
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const [groups, command] = await Promise.all(
      ['cgroup', 'cmdline'].map(file => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')),
    );
    if (groups?.includes(uid) && command?.includes('steward.mjs')) return Number(entry);
  }
  throw new Error(`no process of Pod ${pod} runs the operator`);
}

/** Every value of the Deployment's available replicas from now on, as the API server tells them: none falls between two looks. */
function watchAvailability(): { stop(): Promise<number[]> } {
  const seen: number[] = [];
  const format = 'jsonpath={.status.availableReplicas}{"\\n"}';
  const words = [
    '--kubeconfig',
    bed.adminKubeconfig,
    '-n',
    namespace,
    'get',
    'deployment',
    'steward',
    '-w',
    '-o',
    format,
  ];
  const watch = spawn(bed.binaries.kubectl, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  createInterface(watch.stdout).on('line', line => seen.push(Number(line)));
  const ended = once(watch, 'exit');
  return {
    stop: async () => {
      watch.kill();
      await ended;
      return seen;
    },
  };
}
