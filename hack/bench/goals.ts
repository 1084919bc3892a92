/**
 * What is promised besides speed, measured on one Steward with N ManagedVMs: silence, restart, edits in a crowd, memory, leader change. Each
 * goal is a check; times among them depend on the machine, so they are no part of the short form.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTail, type Call, isWrite } from '../testbed/client/audit.ts';
import { type BenchBed, onBenchBed } from './bed.ts';
import { isGet, isStatusWrite } from './calls.ts';
import { atMost, type Check, exactly, sentence } from './checks.ts';
import { managedVMs, type Running, steward } from './contestants/contestant.ts';
import { keepEditing, latenciesOf } from './edits.ts';
import { callsUntil, deleteAll, limitFor, orderAll, untilNamed } from './fleet.ts';
import { cpuSeconds, type Memory, memoryOf, REST_MS } from './process.ts';
import { rawEdit } from './rawedit.ts';
import { percentile } from './report/statistics.ts';
import { fleetNames, orderOf, policyPath, rootPath } from './workload.ts';

export type GoalSettings = { readonly count: number; readonly idleMs: number; readonly edits: number };

type Stage = {
  readonly bench: BenchBed;
  readonly tail: AuditTail;
  readonly settings: GoalSettings;
  readonly names: readonly string[];
};

/** Prints each check as soon as it is known. */
export function goals(settings: GoalSettings): Promise<Check[]> {
  return onBenchBed(bench => goalsOn(bench, settings));
}

async function goalsOn(bench: BenchBed, settings: GoalSettings): Promise<Check[]> {
  let running = await steward.start(bench);
  const checks: Check[] = [];
  const note = (more: readonly Check[]) => {
    for (const check of more) console.log(sentence(check));
    checks.push(...more);
  };
  try {
    const tail = await AuditTail.fromNow(bench.bed.auditLog, running.user);
    const stage: Stage = { bench, tail, settings, names: fleetNames(settings.count) };
    const empty = await memoryOf(running.pid);
    note([atMost('resident memory without a ManagedVM, MB', rounded(empty.nowMB), 110)]);
    note(await creation(stage, running, empty.nowMB));
    note(await silence(stage));
    const edit = await policyEdit(stage);
    note(edit.checks);
    note(await deletion(stage, running, empty));
    await orderAll(bench.client, managedVMs, stage.names);
    await settled(stage, PACE_MS + 5_000);
    await running.stop();
    const began = performance.now();
    running = await steward.start(bench);
    note(await restart(stage, (performance.now() - began) / 1000));
    for (const [signal, limit] of [
      ['SIGTERM', 2],
      ['SIGKILL', 16],
    ] as const) {
      const successor = await steward.start(bench);
      note(await leaderChange(stage, running, signal, limit));
      running = successor;
    }
    await running.stop();
    const raw = await rawEdit(bench);
    // The fifty that were edited meanwhile are deleted by now.
    const each = [edit.seconds / (settings.count + settings.edits), raw / settings.count] as const;
    note([atMost('policy edit: time ÷ that of a raw client', rounded(each[0] / each[1]), 1.15)]);
  } finally {
    await running.stop();
  }
  return checks;
}

/** The pause between two edits is a millisecond for each five of the fleet: a hundred edits or two in a creation, whatever its size. */
const FLEET_PER_PAUSE_MS = 5;
/** The longest that a status waits which says no more than that something goes on (src/controllers/report.ts). */
const PACE_MS = 60_000;
const rounded = (value: number) => Math.round(value * 100) / 100;

function settled({ tail, names }: Stage, stillMs = 2_000): Promise<Call[]> {
  const fleet = new Set(names);
  const ofTheFleet = (call: Call) => isStatusWrite(call, managedVMs.resource) && fleet.has(call.objectRef?.name ?? '');
  return callsUntil(tail, untilNamed(fleet.size, ofTheFleet), { stillMs, limitMs: limitFor(fleet.size) });
}

/** While the fleet is being created, from the first order to the last status, others are edited one by one. */
async function creation(stage: Stage, running: Running, emptyMB: number): Promise<Check[]> {
  const { bench, tail, settings, names } = stage;
  const edited = editedNames(settings);
  await orderAll(bench.client, managedVMs, edited);
  const all = untilNamed(settings.edits, call => isStatusWrite(call, managedVMs.resource));
  await callsUntil(tail, all);
  const cpu = await cpuSeconds(running.pid);
  const created = new AbortController();
  const editing = keepEditing(bench.client, edited, settings.count / FLEET_PER_PAUSE_MS, created.signal);
  await orderAll(bench.client, managedVMs, names);
  const calls = await settled(stage, 0);
  created.abort();
  const edits = await editing;
  calls.push(...(await callsUntil(tail, () => true, { stillMs: REST_MS })));
  const latencies = latenciesOf(edits, calls);
  const used = (await cpuSeconds(running.pid)) - cpu;
  const each = ((await memoryOf(running.pid)).nowMB - emptyMB) / (settings.count + settings.edits);
  return [
    exactly(
      `edits in a crowd: those of ${edits.length} that reached no VirtualMachine`,
      edits.length - latencies.length,
      0,
    ),
    atMost('edits in a crowd: median milliseconds to the child', percentile(latencies, 0.5), 250),
    atMost('edits in a crowd: 99th percentile of milliseconds to the child', percentile(latencies, 0.99), 250),
    atMost('creation: CPU milliseconds per API call', rounded((1000 * used) / calls.length), 0.6),
    atMost('creation: resident memory per ManagedVM, kB', rounded(each * 1000), 20),
  ];
}

function editedNames({ edits }: GoalSettings): string[] {
  return Array.from({ length: edits }, (_, index) => `edited-${index}`);
}

async function silence({ tail, settings }: Stage): Promise<Check[]> {
  await sleep(settings.idleMs);
  const calls = await tail.look();
  const what = `idle for ${settings.idleMs / 1000} s`;
  return [
    exactly(`${what}: writes`, calls.filter(isWrite).length, 0),
    exactly(`${what}: GETs`, calls.filter(isGet).length, 0),
  ];
}

type Edit = { readonly checks: readonly Check[]; readonly seconds: number };

/** From the answer to the edit to that to the last write, which is of a Schedule or a status: both say when the next backup is. */
async function policyEdit({ bench, tail, settings }: Stage): Promise<Edit> {
  const tiers = [{ name: 'daily', schedule: '30 1 * * *', retention: '720h' }];
  const all = settings.count + settings.edits;
  const isSchedule = (call: Call) => isWrite(call) && call.objectRef?.resource === 'schedules';
  const isStatus = (call: Call) => isStatusWrite(call, managedVMs.resource);
  await bench.client.patch('merge', policyPath, { spec: { tiers } });
  const began = Date.now();
  const [schedules, statuses] = [untilNamed(all, isSchedule), untilNamed(all, isStatus)];
  const done = (calls: readonly Call[], news: readonly Call[]) => {
    const [first, second] = [schedules(calls, news), statuses(calls, news)];
    return first && second;
  };
  const calls = await callsUntil(tail, done, { limitMs: limitFor(settings.count) });
  const written = calls.filter(call => isSchedule(call) || isStatus(call));
  return {
    seconds: (Math.max(...written.map(({ stageTimestamp }) => Date.parse(stageTimestamp))) - began) / 1000,
    checks: [
      exactly('policy edit: Schedules written per ManagedVM', calls.filter(isSchedule).length / all, 1),
      exactly('policy edit: statuses written per ManagedVM', calls.filter(isStatus).length / all, 1),
      exactly('policy edit: GETs', calls.filter(isGet).length, 0),
    ],
  };
}

async function deletion(stage: Stage, running: Running, empty: Memory): Promise<Check[]> {
  const { bench, tail, settings, names } = stage;
  await deleteAll(bench.client, managedVMs, [...names, ...editedNames(settings)]);
  const taken = (calls: readonly Call[]) =>
    calls.filter(({ verb, objectRef }) => verb === 'patch' && objectRef?.resource === managedVMs.resource).length;
  const patience = { stillMs: REST_MS, limitMs: limitFor(settings.count) };
  await callsUntil(tail, calls => taken(calls) >= settings.count + settings.edits, patience);
  const left = await memoryOf(running.pid);
  for (const [when, { nowMB, ofFilesMB }] of Object.entries({ 'at the start': empty, 'deleted again': left }))
    console.log(`        ${when}: ${rounded(nowMB)} MB resident, of which ${rounded(ofFilesMB)} MB are of files`);
  return [atMost('deleted again: resident memory ÷ that at the start', rounded(left.nowMB / empty.nowMB), 1.1)];
}

async function restart({ tail, settings }: Stage, seconds: number): Promise<Check[]> {
  const calls = await callsUntil(tail, seen => seen.filter(isGet).length >= settings.count);
  return [
    atMost('restart: seconds until ready', rounded(seconds), 10),
    exactly('restart: writes', calls.filter(isWrite).length, 0),
  ];
}

/** The order comes when the leader's process is gone, so the write is its successor's. */
async function leaderChange(
  { bench, tail }: Stage,
  leader: Running,
  signal: 'SIGTERM' | 'SIGKILL',
  limit: number,
): Promise<Check[]> {
  await tail.look();
  const asked = Date.now();
  await leader.stop(signal);
  await bench.client.create(rootPath, orderOf(`after-${signal.toLowerCase()}`));
  const calls = await callsUntil(tail, seen => seen.some(isWrite));
  const first = calls.find(isWrite);
  const seconds = (Date.parse(first?.stageTimestamp ?? '') - asked) / 1000;
  return [atMost(`${signal} of the leader: seconds until the successor's first write`, rounded(seconds), limit)];
}
