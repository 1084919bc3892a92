/** The short form: a hundred ManagedVMs, judged by counts and never by time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTail, type Call, isWrite, tally } from '../testbed/client/audit.ts';
import type { KubeObject, List } from '../testbed/client/client.ts';
import { type BenchBed, onBenchBed } from './bed.ts';
import { isGet, isStatusWrite } from './calls.ts';
import { atMost, type Check, exactly, sentence } from './checks.ts';
import { managedVMs, steward } from './contestants/contestant.ts';
import { rawClient } from './contestants/raw.ts';
import { startRecordedSteward } from './contestants/recordedsteward.ts';
import { recordTemplate } from './contestants/template.ts';
import { callsUntil, deleteAll, orderAll } from './fleet.ts';
import { patching } from './patching/patching.ts';
import { openFiles } from './process.ts';
import { CHILDREN_EACH, FLEET_NAMESPACE, fleetNames, rootPath } from './workload.ts';

const COUNT = 100;
const IDLE_MS = 10_000;
/** How many live a whole life; virt-controller and the played node take a second or so of this machine for each. */
const LIVES = 25;
/** Guests in a window: two for each way to fail, and some that do not. */
const PATCHED = 40;
/** What a VM passes through in the plain case: ordered, provisioned, its agent answers, ready. */
const STATES = 4;

const CHILDREN: Readonly<Record<string, number>> = {
  virtualmachines: 1,
  datavolumes: 1,
  services: 1,
  servicemonitors: 1,
  schedules: 1,
  secrets: 2,
};

const names = fleetNames(COUNT);

/** Runs everything and prints each check as soon as it is known. */
export async function quick(): Promise<Check[]> {
  const checks: Check[] = [];
  const note = (...more: readonly Check[]) => {
    for (const check of more) console.log(sentence(check));
    checks.push(...more);
  };
  note(...(await onBenchBed(rawWrites)));
  await onBenchBed(bench => createdToDeleted(bench, note));
  note(...(await onBenchBed(statusWrites, { webhooks: true })));
  checks.push(...(await patching(PATCHED, console.log)));
  return checks;
}

function report(what: string, calls: readonly Call[]): void {
  console.log(`\n${what}: ${JSON.stringify(tally(calls))}`);
}

const allHaveStatus = (calls: readonly Call[]) => statusWritesOf(calls).size === COUNT;

function statusWritesOf(calls: readonly Call[]): Map<string, Call[]> {
  const status = calls.filter(call => isStatusWrite(call, managedVMs.resource));
  return Map.groupBy(status, ({ objectRef }) => objectRef?.name ?? '');
}

/** The yardstick itself: seven children and a status each. */
async function rawWrites(bench: BenchBed): Promise<Check[]> {
  const raw = rawClient(await recordTemplate(bench));
  const running = await raw.start(bench);
  try {
    const tail = await AuditTail.fromNow(bench.bed.auditLog, running.user);
    await orderAll(bench.client, raw.roots, names, running.told);
    const calls = await callsUntil(tail, allHaveStatus, { running });
    report(`raw client, ${COUNT} created`, calls);
    return [exactly('writes of the raw client per ManagedVM', calls.filter(isWrite).length / COUNT, CHILDREN_EACH + 1)];
  } finally {
    await running.stop();
  }
}

/** Creation, idling, restart and deletion, where nothing reacts to children: each ManagedVM has one state only. */
async function createdToDeleted(bench: BenchBed, note: (...checks: readonly Check[]) => void): Promise<void> {
  let running = await steward.start(bench);
  try {
    const tail = await AuditTail.fromNow(bench.bed.auditLog, running.user);
    await orderAll(bench.client, managedVMs, names);
    const created = await callsUntil(tail, allHaveStatus, { running });
    report(`Steward, ${COUNT} created`, created);
    note(...creationChecks(created));

    await sleep(IDLE_MS);
    const idle = await tail.look();
    report(`Steward, idle for ${IDLE_MS / 1000} s`, idle);
    note(exactly('idle: writes', idle.filter(isWrite).length, 0), exactly('idle: GETs', idle.filter(isGet).length, 0));
    const filesBefore = await openFiles(running.pid);

    await deleteAll(bench.client, managedVMs, names);
    const deleted = await callsUntil(tail, calls => finalizersTaken(calls) === COUNT, { running });
    report(`Steward, ${COUNT} deleted`, deleted);
    note(
      exactly('deleted: objects left behind', await leftBehind(bench), 0),
      atMost('deleted: open files more than before', (await openFiles(running.pid)) - filesBefore, 0),
    );

    await orderAll(bench.client, managedVMs, names);
    await callsUntil(tail, allHaveStatus, { running });
    await running.stop();
    await tail.look();
    running = await steward.start(bench);
    const restarted = await callsUntil(tail, calls => calls.filter(isGet).length >= COUNT, { running });
    report('Steward, restarted', restarted);
    note(exactly('restart: writes', restarted.filter(isWrite).length, 0), ...restartGets(restarted));
  } finally {
    await running.stop();
  }
}

function creationChecks(calls: readonly Call[]): Check[] {
  const writes = calls.filter(isWrite);
  const of = (resource: string, subresource?: string) =>
    writes.filter(({ objectRef }) => objectRef?.resource === resource && objectRef.subresource === subresource).length;
  const children = Object.entries(CHILDREN).map(([resource, each]) =>
    exactly(`created: writes of ${resource} per ManagedVM`, of(resource) / COUNT, each),
  );
  const own = ['managedvms', 'events', 'backuppolicies', 'operatingsystems', ...Object.keys(CHILDREN)];
  const others = writes.filter(({ objectRef }) => !own.includes(objectRef?.resource ?? ''));
  return [
    ...children,
    exactly('created: finalizers per ManagedVM', of('managedvms') / COUNT, 1),
    exactly('created: status writes per ManagedVM', of('managedvms', 'status') / COUNT, 1),
    // The first verdicts on the policy and the system; that a new ManagedVM is not ready yet is none.
    atMost('created: Events', of('events'), 2),
    // The default rules of the namespace, those of the policy, and its question to Velero, whatever the number of VMs.
    atMost('created: other writes', others.length, 3),
    exactly('created: GETs', calls.filter(isGet).length, 0),
  ];
}

/** GETs are for first-boot Secrets only, which cannot be watched without the right to read every Secret. */
function restartGets(calls: readonly Call[]): Check[] {
  const [all, others] = [calls.filter(isGet).length, otherGets(calls).length];
  return [
    exactly('restart: GETs but of first-boot Secrets', others, 0),
    atMost('restart: GETs of first-boot Secrets per ManagedVM', (all - others) / COUNT, 1),
  ];
}

function otherGets(calls: readonly Call[]): Call[] {
  return calls.filter(call => isGet(call) && !/-first-boot$/.test(call.objectRef?.name ?? ''));
}

function finalizersTaken(calls: readonly Call[]): number {
  return calls.filter(({ verb, objectRef }) => {
    return verb === 'patch' && objectRef?.resource === managedVMs.resource && objectRef.subresource === undefined;
  }).length;
}

/** Children of the fleet, wherever they live, once Kubernetes' own collector has had its time. */
async function leftBehind({ client }: BenchBed): Promise<number> {
  const selector = encodeURIComponent(
    `managed.systems/owner-kind=ManagedVM,managed.systems/owner-namespace=${FLEET_NAMESPACE}`,
  );
  const collections = [
    ...['/api/v1/secrets', '/api/v1/services', '/apis/kubevirt.io/v1/virtualmachines'],
    ...['/apis/cdi.kubevirt.io/v1beta1/datavolumes', '/apis/monitoring.coreos.com/v1/servicemonitors'],
    '/apis/velero.io/v1/schedules',
  ];
  const deadline = performance.now() + 60_000;
  for (;;) {
    const lists = collections.map(path => client.get<List<KubeObject>>(`${path}?labelSelector=${selector}`));
    const left = (await Promise.all(lists)).reduce((sum, { items }) => sum + items.length, 0);
    if (left === 0 || performance.now() > deadline) return left;
    await sleep(500);
  }
}

type ManagedVM = KubeObject & {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** The whole life, with KubeVirt's controller and webhooks: how often the status is written until the guest agent speaks. */
async function statusWrites(bench: BenchBed): Promise<Check[]> {
  const { sent, stop } = await startRecordedSteward(bench);
  try {
    await orderAll(bench.client, managedVMs, names.slice(0, LIVES));
    await allReady(bench);
    const writes = sent.filter(({ method, path }) => method === 'PUT' && path.startsWith(rootPath));
    const each = [...Map.groupBy(writes, ({ path }) => path).values()];
    const repeated = each.map(own => own.length - new Set(own.map(({ body = '' }) => timeless(body))).size);
    const gets = sent.filter(({ method, path }) => method === 'GET' && !path.endsWith('-first-boot'));
    console.log(`\nstatus writes per ManagedVM: ${(writes.length / LIVES).toFixed(2)}`);
    return [
      exactly('running: ManagedVMs whose status was written', each.length, LIVES),
      exactly('running: status writes that say nothing new', Math.max(...repeated), 0),
      atMost('running: most status writes of one ManagedVM', Math.max(...each.map(({ length }) => length)), STATES),
      exactly('running: GETs but of first-boot Secrets', gets.length, 0),
    ];
  } finally {
    await stop();
  }
}

/** What a status says, whatever version of the object it was written on. */
function timeless(body: string): string {
  const { status } = JSON.parse(body) as { readonly status: object };
  return JSON.stringify(status, (field, value: unknown) => (field === 'lastTransitionTime' ? undefined : value));
}

async function allReady({ client }: BenchBed): Promise<void> {
  const deadline = performance.now() + 300_000;
  const isReady = ({ status }: ManagedVM) =>
    status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true;
  for (;;) {
    const { items } = await client.get<List<ManagedVM>>(rootPath);
    const ready = items.filter(isReady).length;
    if (ready === LIVES) return;
    if (performance.now() > deadline) throw new Error(`${ready} of ${LIVES} are ready after 5 min`);
    await sleep(1_000);
  }
}
