/**
 * What N ManagedApplications cost, each PostgreSQL of the catalogue on a ManagedVM of its own: writes by kind, silence afterwards and under the next
 * operator, and memory. No guest runs: what is counted is what an order comes to until the guest worker takes it over.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { AuditTail, type Call, isLease, isWrite, tally } from '../../testbed/client/audit.ts';
import type { KubeObject } from '../../testbed/client/client.ts';
import { type BenchBed, onBenchBed } from '../bed.ts';
import { isGet, isStatusWrite } from '../calls.ts';
import { atMost, type Check, exactly, sentence } from '../checks.ts';
import { managedVMs, type RootKind, type Running, steward } from '../contestants/contestant.ts';
import { callsUntil, limitFor, orderAll, untilNamed } from '../fleet.ts';
import { memoryOf, REST_MS } from '../process.ts';
import { FLEET_NAMESPACE, fleetNames } from '../workload.ts';

const apiVersion = 'managed.systems/v1alpha1';
const PRODUCT = join(import.meta.dirname, '../../../config/products/postgresql.yaml');
const IDLE_MS = 60_000;
/** Of a few nothing can be said: what the process takes for itself outweighs them. */
const MEASURED = 1000;
const MOST_KILOBYTES = 60;
/** The longest that a status waits which says no more than that something goes on (src/controllers/report.ts). */
const PACE_MS = 60_000;

/** As the ManagedVM is called on which it runs. */
const managedApplications: RootKind = {
  path: `/apis/${apiVersion}/namespaces/${FLEET_NAMESPACE}/managedapplications`,
  resource: 'managedapplications',
  order: name => ({
    ...{ apiVersion, kind: 'ManagedApplication', metadata: { name: `app-${name}`, namespace: FLEET_NAMESPACE } },
    spec: { product: 'postgresql', line: '17', serviceLevel: 'Expert', managedVMs: [name], modules: ['pg_trgm'] },
  }),
};

export function applications(count: number, say: (line: string) => void): Promise<Check[]> {
  return onBenchBed(bench => measured(bench, count, say));
}

type Stage = {
  readonly bench: BenchBed;
  readonly tail: AuditTail;
  readonly count: number;
  readonly say: (line: string) => void;
};

async function measured(bench: BenchBed, count: number, say: (line: string) => void): Promise<Check[]> {
  const product = parse(await readFile(PRODUCT, 'utf8')) as KubeObject;
  await bench.client.create(`/apis/${apiVersion}/products`, product);
  let running = await steward.start(bench);
  try {
    const stage: Stage = { bench, tail: await AuditTail.fromNow(bench.bed.auditLog, running.user), count, say };
    await orderAll(bench.client, managedVMs, fleetNames(count));
    await settled(stage, managedVMs, running);
    const checks = await ordered(stage, running);
    const idle = await silent(stage, `idle for ${IDLE_MS / 1000} s`, () => sleep(IDLE_MS));
    await running.stop();
    const next = await silent(stage, 'by the next operator', async () => {
      running = await steward.start(bench);
      await sleep(REST_MS);
    });
    const silences = [...idle, ...next];
    for (const check of silences) say(sentence(check));
    return [...checks, ...silences];
  } finally {
    await running.stop();
  }
}

/** Until each has its status, and a status that waited its turn would have been written. */
function settled({ tail, count }: Stage, { resource }: RootKind, running: Running): Promise<Call[]> {
  const all = untilNamed(count, call => isStatusWrite(call, resource));
  return callsUntil(tail, all, { running, stillMs: PACE_MS + 5_000, limitMs: limitFor(count) });
}

async function ordered(stage: Stage, running: Running): Promise<Check[]> {
  const { bench, count, say } = stage;
  const empty = await memoryOf(running.pid);
  const began = performance.now();
  await orderAll(bench.client, managedApplications, fleetNames(count));
  const calls = await settled(stage, managedApplications, running);
  const seconds = (performance.now() - began - PACE_MS - 5_000) / 1000;
  const memory = await memoryOf(running.pid);
  const each = (of: (call: Call) => boolean) => calls.filter(call => isWrite(call) && of(call)).length / count;
  const onApplications = (subresource: string | undefined) => (call: Call) =>
    call.objectRef?.resource === managedApplications.resource && call.objectRef.subresource === subresource;
  const child = (resource: string) => (call: Call) => call.objectRef?.resource === resource;
  const kilobytes = ((memory.nowMB - empty.nowMB) * 1000) / count;
  say(`${count} ManagedApplications in ${seconds.toFixed(0)} s: ${JSON.stringify(tally(calls))}`);
  say(
    `memory ${empty.nowMB.toFixed(0)} MB before, ${memory.nowMB.toFixed(0)} MB with them: ${kilobytes.toFixed(0)} kB for each`,
  );
  const checks = [
    exactly('writes of Secrets per application: plan, login, binding', each(child('secrets')), 3),
    exactly('writes of its Service per application', each(child('services')), 1),
    exactly('writes of its finalizer per application', each(onApplications(undefined)), 1),
    atMost('writes of its status per application', each(onApplications('status')), 2),
    exactly('writes of the change of rights per application (AP-9)', each(child('changerequests')), 3),
    exactly('GETs per application', calls.filter(isGet).length / count, 0),
    ...(count < MEASURED ? [] : [atMost('kB of memory per application', Math.round(kilobytes), MOST_KILOBYTES)]),
  ];
  for (const check of checks) say(sentence(check));
  return checks;
}

async function silent({ tail }: Stage, what: string, meanwhile: () => Promise<unknown>): Promise<Check[]> {
  await tail.look();
  await meanwhile();
  const calls = await tail.look();
  const written = calls.filter(call => isWrite(call) && !isLease(call));
  return [exactly(`${what}: writes`, written.length, 0)];
}
