import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Call, isLease, tally, whatOf } from '../../hack/testbed/client/audit.ts';
import { clusterPatchPolicy } from '../../src/api/clusterpatchpolicy.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { BackupStorageLocation } from '../../src/api/upstream.ts';
import { type Any, verdictOf } from './support/api.ts';
import { callsSince, gets, mark, untilStill, writes } from './support/audit.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import { fleet } from './support/fleet.ts';
import {
  advancedPlan,
  contractOf,
  linuxSystem,
  regularHours,
  standardPatches,
  storageLocation,
} from './support/orders.ts';

const COUNT = 50;
const NAMESPACE = 'fleet';
const CALENDAR = 'lower-saxony';
const PLAN = 'advanced-2020';
const CONTRACT = 'acme';
const PATCHES = 'standard';
/** Far from any hour at which a status would change by itself. */
const YEARLY = { name: 'yearly', schedule: '0 3 2 1 *', duration: '2h' };
const FLEET = fleet(NAMESPACE, COUNT, 'daily');
/** Seconds of idling that are watched; the issue names 60. */
const IDLE_SECONDS = Number(process.env.STEWARD_IDLE_SECONDS ?? 20);

/** Each of these is written once per ManagedVM with one disk, monitoring and one backup tier. */
const CHILDREN = ['virtualmachines', 'datavolumes', 'services', 'servicemonitors', 'schedules', 'secrets'];

let cluster: Cluster;
let created: Call[];
let calendar: Any;

beforeAll(async () => {
  cluster = await startCluster();
  const { api, bed } = cluster;
  await api.namespace(NAMESPACE);
  await api.create(BackupStorageLocation, storageLocation);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  const from = await mark(bed);
  await api.create(serviceCalendar, regularHours(CALENDAR));
  await api.create(servicePlan, advancedPlan(PLAN, CALENDAR));
  await api.create(clusterPatchPolicy, standardPatches(PATCHES, { windows: [YEARLY] }));
  await api.create(contract, contractOf(CONTRACT, [NAMESPACE], PLAN));
  await reads(api, contract, '', CONTRACT, { Ready: 'True/InForce' });
  await applyFleet();
  await eventually(async () => expect(await readyCount()).toBe(COUNT), 120_000);
  calendar = await reads(api, serviceCalendar, '', CALENDAR, { Ready: 'True/Readable' });
  await untilStill(bed);
  created = await callsSince(bed, from);
});

afterAll(() => cluster?.stop());

function applyFleet(): Promise<string> {
  return cluster.kubectl(['apply', '--server-side', '-f', '-'], FLEET);
}

async function readyCount(): Promise<number> {
  const vms = await cluster.api.list(managedVM, NAMESPACE);
  return vms.filter(vm => verdictOf(vm, 'Ready') === 'True/Running').length;
}

function report(what: string, calls: readonly Call[]): void {
  const leases = calls.filter(isLease);
  const rest = calls.filter(call => !isLease(call));
  console.log(`${what}: ${JSON.stringify({ ...tally(rest), 'on the Lease': leases.length })}`);
}

describe(`the audit log with ${COUNT} ManagedVMs (Must show 5)`, () => {
  test('creating one costs a write per child, a finalizer and status writes, and no GET', async () => {
    report('created', created);
    const vms: Any[] = await cluster.api.list(managedVM, NAMESPACE);
    const written = writes(created);
    for (const resource of CHILDREN) {
      const ofKind = written.filter(({ objectRef }) => objectRef?.resource === resource && !objectRef.subresource);
      const objects = ofKind.map(({ objectRef }) => `${objectRef?.namespace}/${objectRef?.name}`);
      const each = resource === 'secrets' ? 2 : 1;
      expect({ resource, writes: objects.length }).toEqual({ resource, writes: each * vms.length });
    }
    const own = written.filter(({ objectRef }) => objectRef?.resource === 'managedvms');
    const finalizers = own.filter(({ objectRef }) => objectRef?.subresource === undefined);
    expect(finalizers.map(({ objectRef }) => objectRef?.name).sort()).toEqual(vms.map(vm => vm.metadata.name).sort());

    const allowed = new Set([
      ...CHILDREN,
      'managedvms',
      'events',
      'backuppolicies',
      'operatingsystems',
      'clusterpatchpolicies',
      'servicecalendars',
      'serviceplans',
      'contracts',
    ]);
    const others = written.filter(({ objectRef }) => !allowed.has(objectRef?.resource ?? ''));
    // The rules of the namespace, those of the one backup policy, and its question to Velero, whatever the number of VMs.
    expect(tally(others)).toEqual({ 'patch prometheusrules': 2, 'patch serverstatusrequests': 1 });

    expect(gets(created)).toEqual([]);
  });

  test('MO-3: a standard of patching costs status writes and its finalizer, counts all to whom it applies, and each says when', async () => {
    const own = writes(created).filter(({ objectRef }) => objectRef?.resource === 'clusterpatchpolicies');
    const others = own.filter(({ objectRef }) => objectRef?.subresource !== 'status');
    // Two controllers write it: one of them may come with a version that the other has just replaced, and comes again.
    const written = others.filter(({ responseStatus }) => responseStatus?.code !== 409);
    expect(written.map(({ verb, objectRef }) => [verb, objectRef?.subresource])).toEqual([['patch', undefined]]);
    const { status } = await cluster.api.get(clusterPatchPolicy, '', PATCHES);
    expect(status).toMatchObject({ managedVMs: COUNT, compliant: 0, next: { window: 'yearly' } });
    const vms: Any[] = await cluster.api.list(managedVM, NAMESPACE);
    for (const vm of vms) expect(vm.status.patching).toMatchObject({ provenBy: PATCHES, nextWindow: status.next });
  });

  test('GE-5: a calendar costs one write, and tells its revision and the holidays of two years', () => {
    const own = writes(created).filter(({ objectRef }) => objectRef?.resource === 'servicecalendars');
    expect(own.map(({ objectRef }) => objectRef?.subresource)).toEqual(['status']);
    const { revision, holidays } = calendar.status;
    expect(revision).toMatch(/^sha256:[0-9a-f]{64}$/);
    const year = Number(holidays[0].date.slice(0, 4));
    expect([holidays.length, holidays[0].name, holidays[10].date]).toEqual([20, "New Year's Day", `${year + 1}-01-01`]);
  });

  test('GE-1: every one shows by which contract and plan it is serviced, in the statuses that it had anyway', async () => {
    const { revision } = (await cluster.api.get(servicePlan, '', PLAN)).status;
    const [own] = (await cluster.api.get(contract, '', CONTRACT)).status.plans;
    expect(own).toEqual({ level: 'AdvancedMonitoringAndPatching', plan: PLAN, from: '2020-01-01', revision });
    const service = { contract: CONTRACT, plan: PLAN, planRevision: revision, since: '2020-01-01' };
    for (const vm of await cluster.api.list(managedVM, NAMESPACE)) {
      expect(verdictOf(vm, 'Contracted')).toBe('True/PlanApplies');
      expect(vm.status.service).toEqual(service);
    }
    const others = writes(created).filter(({ objectRef }) =>
      /^(contracts|serviceplans)$/.test(objectRef?.resource ?? ''),
    );
    expect(others.filter(({ objectRef }) => objectRef?.subresource !== 'status')).toEqual([]);
    expect(others.length).toBeLessThanOrEqual(4);
  });

  test(`${IDLE_SECONDS} s without a change cost no write and no GET`, async () => {
    const from = await mark(cluster.bed);
    await sleep(IDLE_SECONDS * 1000);
    const calls = await callsSince(cluster.bed, from);
    report('idle', calls);
    expect(calls.length, 'the Lease is renewed, so the log is read right').toBeGreaterThan(0);
    expect({ writes: writes(calls).map(whatOf), gets: gets(calls).map(whatOf) }).toEqual({ writes: [], gets: [] });
  });

  test('a second, identical apply costs no write', async () => {
    const from = await mark(cluster.bed);
    await applyFleet();
    await untilStill(cluster.bed);
    const calls = await callsSince(cluster.bed, from);
    report('second apply', calls);
    expect(writes(calls).map(whatOf)).toEqual([]);
  });

  test('an edit that concerns no child costs no child write and no GET', async () => {
    const from = await mark(cluster.bed);
    const labelled = await cluster.kubectl(['label', 'managedvms', '--all', '-n', NAMESPACE, 'team=shop']);
    expect(labelled.trim().split('\n')).toHaveLength(COUNT);
    await untilStill(cluster.bed);
    const calls = await callsSince(cluster.bed, from);
    report('labelled', calls);
    expect({ writes: writes(calls).map(whatOf), gets: gets(calls).map(whatOf) }).toEqual({ writes: [], gets: [] });
  });

  test('a restart of the operator costs no write, and one look per first-boot Secret', async () => {
    await cluster.steward().stop();
    const from = await mark(cluster.bed);
    await cluster.startSteward();
    const secrets = async () => gets(await callsSince(cluster.bed, from)).filter(isFirstBootSecret);
    await eventually(async () => expect(await secrets()).toHaveLength(COUNT), 60_000);
    await untilStill(cluster.bed);
    const calls = await callsSince(cluster.bed, from);
    report('restarted', calls);
    expect(writes(calls).map(whatOf)).toEqual([]);
    expect(gets(calls).filter(({ objectRef }) => objectRef !== undefined && objectRef.resource !== 'secrets')).toEqual(
      [],
    );
    expect(new Set((await secrets()).map(({ objectRef }) => objectRef?.name)).size).toBe(COUNT);
    expect((await cluster.api.get(serviceCalendar, '', CALENDAR)).status, 'the calendar').toEqual(calendar.status);
  });

  test('GE-1: a Contract concerns the ManagedVMs of its namespaces and no others, each of which is written once', async () => {
    const { api, bed } = cluster;
    const ofVMs = async (from: number) => {
      await untilStill(bed);
      const written = writes(await callsSince(bed, from));
      return written.filter(({ objectRef }) => objectRef?.resource === 'managedvms').map(whatOf);
    };
    const before = await mark(bed);
    await api.create(contract, contractOf('other', ['elsewhere'], PLAN));
    await reads(api, contract, '', 'other', { Ready: 'True/InForce' });
    expect(await ofVMs(before)).toEqual([]);

    const since = await mark(bed);
    const [agreed] = contractOf(CONTRACT, [NAMESPACE], PLAN).spec.plans as object[];
    await api.edit(contract, '', CONTRACT, { spec: { plans: [agreed, { ...agreed, from: '2096-01-01' }] } });
    await eventually(async () => {
      const vms: Any[] = await api.list(managedVM, NAMESPACE);
      const told = vms.filter(({ status }) =>
        status.conditions.some(
          ({ type, message }: Any) => type === 'Contracted' && message.includes('From 2096-01-01 on'),
        ),
      );
      expect(told).toHaveLength(COUNT);
    });
    expect(await ofVMs(since)).toHaveLength(COUNT);
  });

  test('GE-8: a calendar has another revision once it is open at other times, and the old one when it is set back', async () => {
    const edited = async (to: string) => {
      const coreHours = [{ days: calendar.spec.coreHours[0].days, from: '09:00', to }];
      await cluster.api.edit(serviceCalendar, '', CALENDAR, { spec: { coreHours } });
      const { status } = await reads(cluster.api, serviceCalendar, '', CALENDAR, { Ready: 'True/Readable' });
      return status.revision;
    };
    const longer = await edited('20:00');
    expect(longer).not.toBe(calendar.status.revision);
    expect(await edited('18:00')).toBe(calendar.status.revision);
  });

  test('the roles of the chart were enough: no call was refused (Must show 4)', () => expectNoRefusals(cluster));
});

function isFirstBootSecret({ objectRef }: Call): boolean {
  return (
    objectRef?.resource === 'secrets' && objectRef.namespace === NAMESPACE && /-first-boot$/.test(objectRef.name ?? '')
  );
}
