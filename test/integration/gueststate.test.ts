import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { whatOf } from '../../hack/testbed/client/audit.ts';
import { changeRequest } from '../../src/api/changerequest.ts';
import { contract } from '../../src/api/contract.ts';
import { guestState } from '../../src/api/gueststate.ts';
import { incident } from '../../src/api/incident.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { Secret, VirtualMachineInstance } from '../../src/api/upstream.ts';
import { keySecretName } from '../../src/domain/contract/child.ts';
import { instant } from '../../src/domain/contract/condition.ts';
import { type Any, conditionOf, verdictOf } from './support/api.ts';
import { callsSince, mark, untilStill, writes } from './support/audit.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, gone, reads } from './support/eventually.ts';
import { advancedPlan, contractOf, linuxSystem, machine, regularHours } from './support/orders.ts';
import { PlayedWorker } from './support/playedworker.ts';

const NAMESPACE = 'inside';
const VM = 'shop-db';
const SINCE = '2026-11-28T20:00:00Z';
const Event = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

let cluster: Cluster;
let steward: StewardProcess;
let worker: PlayedWorker;

beforeAll(async () => {
  cluster = await startCluster();
  await cluster.steward().stop();
  await startSeeing();
  worker = await PlayedWorker.on(cluster.bed);
  await cluster.api.create(operatingSystem, linuxSystem('debian-13'));
  await cluster.api.namespace(NAMESPACE);
  await cluster.api.create(managedVM, machine(NAMESPACE, VM));
  await reads(cluster.api, managedVM, NAMESPACE, VM, { Ready: 'True/Running' });
});

afterAll(async () => {
  await worker?.close();
  await steward?.stop('SIGKILL');
  await cluster?.stop();
});

/** The operator, for which a guest worker is lost after seconds; by default it is minutes. */
async function startSeeing(): Promise<void> {
  steward = await startSteward(cluster.bed, { environment: { STEWARD_GUEST_INTERVAL: '2s' } });
  await steward.ready();
}

const order = () => cluster.api.get(managedVM, NAMESPACE, VM);
const both = (reachable: string, configured: string): Promise<Any> =>
  reads(cluster.api, managedVM, NAMESPACE, VM, { GuestReachable: reachable, Configured: configured });
const says = (status: object) => worker.says(NAMESPACE, VM, status);
const contact = (outcome: string, more: object = {}) => ({
  contact: { outcome, address: '10.0.0.7', since: SINCE, ...more },
});

/** A look that has just found all as ordered. */
async function kept(): Promise<object> {
  const vmi = await cluster.api.get(VirtualMachineInstance, NAMESPACE, VM);
  const { metadata } = await order();
  return {
    ...contact('Reached', { detail: null }),
    ...{ instance: vmi.metadata.uid, compared: metadata.generation, lookedAt: SINCE, differences: [], foreign: [] },
    access: [{ name: 'steward', ordered: true, login: true, administrator: true, keys: ['SHA256:abc'] }],
  };
}

async function exported(type: string): Promise<string[]> {
  const text = await (await fetch(steward.metricsURL)).text();
  const series = new RegExp(
    `^steward_condition\\{[^}]*name="${VM}",type="${type}",status="(\\w+)",reason="(\\w+)"\\} 1$`,
    'gm',
  );
  return [...text.matchAll(series)].map(([, status, reason]) => `${status} ${reason}`);
}

async function events(reason: string): Promise<string[]> {
  const found = (await cluster.api.list(Event, NAMESPACE)).filter((event: Any) => event.reason === reason);
  return found.map(({ type, note }: Any) => `${type} ${note}`);
}

describe('MO-8: the inside of a guest', () => {
  test('is not known while no guest worker looks into it', async () => {
    const vm = await both('Unknown/NotLookedInto', 'Unknown/NotLookedInto');
    expect(conditionOf(vm, 'Configured')?.message).toContain('but none looks into the guest');
    expect(vm.status.access).toBeUndefined();
  });

  test('is as ordered once a look found it so, and the status tells who can log in', async () => {
    await worker.live(NAMESPACE);
    await worker.record(await order());
    await both('Unknown/Pending', 'Unknown/Pending');
    await says(await kept());
    const vm = await both('True/Reached', 'True/AsOrdered');
    expect(vm.status.access).toEqual({
      readAt: SINCE,
      logins: [{ name: 'steward', ordered: true, administrator: true, keys: ['SHA256:abc'] }],
    });
  });

  test("has the provider's key replaced by order: the next is made beside it, takes its place once it has opened the guest, and the former goes last", async () => {
    const { metadata, status } = await order();
    const before = status.keys;
    const opened = async (by: string, ...ordered: string[]) =>
      says({ ...(await kept()), providerKey: { opened: by, ordered } });
    const keysOf = (expected: object) =>
      eventually(async () => {
        const { keys } = (await order()).status;
        expect(keys).toEqual(expected);
        return keys;
      });
    const stored = (generation: number) =>
      cluster.api.find(Secret, 'steward-keys', keySecretName(metadata.uid, generation));

    await cluster.api.edit(managedVM, NAMESPACE, VM, { spec: { access: { providerKey: { generation: 2 } } } });
    await opened(before.provider, before.provider);
    const next = { provider: expect.stringMatching(/^SHA256:/), generation: 2 };
    const { provider } = (await keysOf({ ...before, next })).next;
    expect(provider).not.toBe(before.provider);
    await both('True/Reached', 'False/KeyRotationPending');
    const first = (await stored(1)).data;
    expect((await stored(2)).data).toMatchObject({
      'host-key': first['host-key'],
      'host-key.pub': first['host-key.pub'],
    });

    await opened(provider, before.provider, provider);
    const after = { provider, host: before.host, generation: 2 };
    await keysOf({ ...after, former: [{ provider: before.provider, generation: 1 }] });
    expect(await stored(1)).toBeDefined();

    await opened(provider, provider);
    await keysOf(after);
    expect(await stored(1)).toBeUndefined();
    await both('True/Reached', 'True/AsOrdered');
  });

  test('costs no write while nothing changes, however often the worker renews its Lease', async () => {
    await untilStill(cluster.bed);
    const from = await mark(cluster.bed);
    const calls = await eventually(async () => {
      const all = await callsSince(cluster.bed, from);
      const lists = all.filter(({ verb, objectRef }) => verb === 'list' && objectRef?.resource === 'leases');
      expect(lists.length).toBeGreaterThan(10);
      return all;
    });
    expect(writes(calls).map(whatOf)).toEqual([]);
  });

  test('is pending from the moment on in which the order changes, with both generations, until it was compared', async () => {
    const before = (await order()).metadata.generation;
    await cluster.api.edit(managedVM, NAMESPACE, VM, { spec: { access: { users: [{ name: 'kim' }] } } });
    const vm = await both('True/Reached', 'Unknown/Pending');
    expect(conditionOf(vm, 'Configured')?.message).toContain(
      `has generation ${before + 1}, and it was compared last with generation ${before}`,
    );
    const differences = [{ setting: 'account:kim', found: 'absent', since: SINCE }];
    const lease = { holder: 'steward-guest-abc', purpose: 'Configuration', generation: 3, since: SINCE, until: SINCE };
    await says({ ...(await kept()), differences, lease });
    // It has just booted for the first time, and is being set up.
    await both('True/Reached', 'Unknown/SettingUp');
    const fence = { generation: 3, bootId: '11111111-1111-1111-1111-111111111111' };
    const step = { id: 'configure-3', phase: 'Ended', fence, verdict: 'Finished', exitCode: 1, at: SINCE };
    await says({ steps: [step], lease: null });
    const differing = await both('True/Reached', 'False/SettingsDiffer');
    expect(conditionOf(differing, 'Configured')?.message).toContain(`account:kim (found "absent" since ${SINCE})`);
    await eventually(async () => expect(await exported('Configured')).toEqual(['False SettingsDiffer']));
    await says({
      ...(await kept()),
      drift: { healed: 1, last: { setting: 'account:kim', before: 'absent', after: 'as ordered', at: SINCE } },
    });
    expect((await both('True/Reached', 'True/AsOrdered')).status.drift).toMatchObject({ count: 1 });
  });

  test('with another host key is told by condition, series and event, and nothing is claimed of its settings', async () => {
    await says(contact('NoAnswer'));
    await both('False/NoAnswer', 'Unknown/GuestNotReached');
    await says(contact('HostKeyMismatch', { detail: 'offered SHA256:other\u001b[31m' }));
    const vm = await both('False/HostKeyMismatch', 'Unknown/GuestNotReached');
    expect(conditionOf(vm, 'GuestReachable')?.message).toContain('another host key than the one on record');
    expect(conditionOf(vm, 'GuestReachable')?.message).not.toContain('\u001b');
    await eventually(async () => expect(await exported('GuestReachable')).toEqual(['False HostKeyMismatch']));
    await eventually(async () =>
      expect(await events('HostKeyMismatch')).toEqual([
        expect.stringMatching(/^Warning GuestReachable is broken: .*another host key/),
      ]),
    );
    await says(await kept());
    await both('True/Reached', 'True/AsOrdered');
  });

  test('MO-16: names what nobody ordered, by an event when it is new, and is no less as ordered for it', async () => {
    const foreign = [{ kind: 'Account', name: 'mallory', detail: 'uid 1001', since: SINCE }];
    await says({ ...(await kept()), foreign });
    const vm = await eventually(async () => {
      const read = await order();
      expect(read.status.access.foreign).toEqual(foreign);
      return read;
    });
    expect(verdictOf(vm, 'Configured')).toBe('True/AsOrdered');
    expect(conditionOf(vm, 'Configured')?.message).toContain('account "mallory" ("uid 1001", seen since');
    await eventually(async () =>
      expect(await events('AccessNotOrdered')).toEqual([
        'Warning Found in the guest, and ordered by nobody: account "mallory" ("uid 1001").',
      ]),
    );
  });

  test('shows who works in it, and not each renewal of that', async () => {
    const lease = { holder: 'steward-guest-abc', purpose: 'Configuration', generation: 4, since: SINCE, until: SINCE };
    await says({ lease, leaseGeneration: 4 });
    await eventually(async () =>
      expect((await order()).status.guestWork).toEqual({
        holder: 'steward-guest-abc',
        purpose: 'Configuration',
        generation: 4,
        since: SINCE,
      }),
    );
    await untilStill(cluster.bed);
    const from = await mark(cluster.bed);
    await says({ lease: { ...lease, until: '2026-11-28T20:01:00Z' } });
    await untilStill(cluster.bed);
    expect(writes(await callsSince(cluster.bed, from)).map(whatOf)).toEqual([]);
    await says({ lease: null });
  });
});

const AS_RECEIVER = ['--as=system:serviceaccount:steward-system:steward-receive', '--as-group=system:masters'];

/** The receiver of alerts, played: an alarm that it has proven. */
async function alarm(name: string, service: string, vm: Any): Promise<void> {
  const at = instant(new Date());
  const alert = {
    name: 'ManagedVMServiceNotRunning',
    fingerprint: 'abcdef0123456789',
    severity: 'critical',
    startsAt: at,
  };
  const subject = { kind: 'ManagedVM', name: VM, uid: vm.metadata.uid };
  const spec = {
    ...{ subject, detectedAt: at, proof: { verdict: 'Proven', at } },
    alert: { ...alert, labels: [{ name: 'service', value: service }] },
  };
  const object = {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Incident',
    metadata: { name, namespace: NAMESPACE },
    spec,
  };
  await cluster.kubectl(['create', '--filename', '-', ...AS_RECEIVER], JSON.stringify(object));
}

describe('MO-6, GE-6: an incident of the operating system of a guest', () => {
  beforeAll(async () => {
    await cluster.api.create(serviceCalendar, regularHours('hours'));
    await cluster.api.create(servicePlan, advancedPlan('advanced', 'hours'));
    await cluster.api.create(contract, contractOf('inside', [NAMESPACE], 'advanced'));
    const { metadata } = await cluster.api.edit(managedVM, NAMESPACE, VM, { spec: { services: ['ssh', 'shop'] } });
    await reads(cluster.api, managedVM, NAMESPACE, VM, { Contracted: 'True/PlanApplies' });
    await says({ ...(await kept()), compared: metadata.generation });
  });

  test('is mended by one change that the plan pre-approves: the worker is told, answers, and the incident says so', async () => {
    const vm = await order();
    await alarm('inc-ssh', 'ssh', vm);
    const told = await eventually(async () => {
      const { remedy } = (await order()).status;
      expect(remedy).toMatchObject({ action: 'RestartService', unit: 'ssh' });
      return remedy;
    });
    const change = await cluster.api.get(changeRequest, NAMESPACE, told.change.name);
    expect(change.spec).toMatchObject({
      ...{ class: 'Standard', operation: 'Remedy', requestedBy: 'steward' },
      preApprovedBy: { kind: 'ServicePlan', name: 'advanced' },
      remedy: { incident: { name: 'inc-ssh' }, rung: 'service' },
      target: { name: VM, uid: vm.metadata.uid },
    });
    const at = instant(new Date());
    await says({ remedy: { change: told.change, outcome: 'Done', says: 'ssh.service was started and runs', at } });
    const ended = await eventually(async () => {
      const { status } = await cluster.api.get(incident, NAMESPACE, 'inc-ssh');
      const result = (await cluster.api.get(changeRequest, NAMESPACE, told.change.name)).spec.result;
      expect(result).toMatchObject({ outcome: 'Succeeded', by: 'steward' });
      expect(status.remediation?.[0]?.message).toContain('ssh.service was started and runs');
      expect((await order()).status.remedy).toBeUndefined();
      return status;
    });
    // The sensor judges: until it is quiet, nobody says that it has helped.
    expect(ended.remediation).toMatchObject([{ step: 0, action: 'RestartService', outcome: 'Running' }]);
    expect(ended.timeline.map(({ what, by }: Any) => [what, by])).toContainEqual(['Responded', 'steward']);
    const remedies = (await cluster.api.list(changeRequest, NAMESPACE)).filter(({ spec }: Any) => spec.remedy);
    expect(remedies).toHaveLength(1);
    const quiet = { spec: { signals: [{ at: instant(new Date()), firing: false }] } };
    await cluster.kubectl([
      'patch',
      'inc',
      'inc-ssh',
      '-n',
      NAMESPACE,
      '--type=merge',
      '-p',
      JSON.stringify(quiet),
      ...AS_RECEIVER,
    ]);
    await eventually(async () => {
      const { status } = await cluster.api.get(incident, NAMESPACE, 'inc-ssh');
      expect(status).toMatchObject({
        phase: 'Resolved',
        remediation: [{ action: 'RestartService', outcome: 'Succeeded' }],
      });
    });
  });

  test('GE-3, MO-9: is not mended where the unit is the customer’s', async () => {
    await alarm('inc-shop', 'shop', await order());
    await eventually(async () => {
      const { spec } = await cluster.api.get(incident, NAMESPACE, 'inc-shop');
      expect(spec.rating?.scope).toBe('Customer');
    });
    await untilStill(cluster.bed);
    const remedies = (await cluster.api.list(changeRequest, NAMESPACE)).filter(({ spec }: Any) => spec.remedy);
    expect(remedies.map(({ spec }: Any) => spec.remedy.incident.name)).toEqual(['inc-ssh']);
  });

  test('GE-6: nobody but Steward orders a remedy', async () => {
    const found = await cluster.api.list(changeRequest, NAMESPACE);
    const mine = found.find(({ spec }: Any) => spec.remedy);
    const { result: _, ...spec } = mine.spec;
    const forged = {
      apiVersion: mine.apiVersion,
      kind: mine.kind,
      metadata: { name: 'forged', namespace: NAMESPACE },
      spec,
    };
    const made = cluster.kubectl(
      ['create', '--filename', '-', '--as=anna', '--as-group=system:masters'],
      JSON.stringify(forged),
    );
    await expect(made).rejects.toThrow(/cannot request a change as steward|what Steward carries out it writes itself/);
  });
});

describe('what a guest worker has said', () => {
  test('is old when nobody has held its shard for two intervals, for a new leader too, and holds again with the next renewal', async () => {
    worker.die(NAMESPACE);
    const vm = await both('Unknown/WorkerLost', 'Unknown/WorkerLost');
    expect(conditionOf(vm, 'GuestReachable')?.message).toContain(
      `The Lease "${worker.leaseOf(NAMESPACE)}" is not held`,
    );
    await eventually(async () => expect(await exported('GuestReachable')).toEqual(['Unknown WorkerLost']));
    await steward.stop();
    const { resourceVersion } = (await order()).metadata;
    await startSeeing();
    await untilStill(cluster.bed);
    expect((await order()).metadata.resourceVersion).toBe(resourceVersion);
    await worker.live(NAMESPACE);
    await both('True/Reached', 'True/AsOrdered');
  });

  test('is not believed of another ManagedVM than the one whose UID it bears: a copy says nothing', async () => {
    await cluster.api.create(managedVM, machine(NAMESPACE, 'copied'));
    const read = (configured: string) =>
      reads(cluster.api, managedVM, NAMESPACE, 'copied', {
        ...{ Ready: 'True/Running', GuestReachable: 'Unknown/NotLookedInto', Configured: configured },
      });
    const copied = await read('Unknown/NotLookedInto');
    const vmi = await cluster.api.get(VirtualMachineInstance, NAMESPACE, 'copied');
    await worker.record(copied, (await order()).metadata.uid);
    const status = { ...(await kept()), compared: copied.metadata.generation, instance: vmi.metadata.uid };
    await worker.says(NAMESPACE, 'copied', status);
    await untilStill(cluster.bed);
    expect((await read('Unknown/NotLookedInto')).status.access).toBeUndefined();
  });

  test('that does not follow the schema is refused by the API server, and no worker can order, nor speak for a ManagedVM', async () => {
    const tooLong = { contact: { outcome: 'x'.repeat(41), since: SINCE } };
    await expect(says(tooLong)).rejects.toThrow(/status\.contact\.outcome: Too long/);
    await expect(says({ lookedAt: 'yesterday' })).rejects.toThrow(/status\.lookedAt: Invalid value/);
    const conditions = [{ type: 'SLACompliant', status: 'True', reason: 'PromisesKept', message: 'x' }];
    await expect(worker.speaksFor(await order(), { conditions })).rejects.toThrow(
      /cannot patch resource "managedvms\/status"/,
    );
  });

  test('goes with its VM when that is powered off, and no longer holds when another guest has started', async () => {
    await cluster.api.edit(managedVM, NAMESPACE, VM, { spec: { powerState: 'Stopped' } });
    await gone(cluster.api, VirtualMachineInstance, NAMESPACE, VM);
    await both('Unknown/PoweredOff', 'Unknown/PoweredOff');
    await cluster.api.edit(managedVM, NAMESPACE, VM, { spec: { powerState: 'Running' } });
    await reads(cluster.api, managedVM, NAMESPACE, VM, {
      ...{ Ready: 'True/Running', GuestReachable: 'Unknown/Pending', Configured: 'Unknown/Pending' },
    });
    await says(await kept());
    await both('True/Reached', 'True/AsOrdered');
  });

  test('ends with its record', async () => {
    await cluster.api.remove(guestState, NAMESPACE, VM);
    const vm = await reads(cluster.api, managedVM, NAMESPACE, VM, { GuestReachable: 'Unknown/NotLookedInto' });
    expect(vm.status.access).toBeUndefined();
  });

  test('took no right that the chart does not give', () => expectNoRefusals(cluster));
});
