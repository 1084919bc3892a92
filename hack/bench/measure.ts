/** One run of one contestant on a bed of its own. */
import { loadavg } from 'node:os';
import { AuditTail, type Call, isWrite, tally } from '../testbed/client/audit.ts';
import { type BenchBed, onBenchBed } from './bed.ts';
import { isRead, isStatusWrite } from './calls.ts';
import type { Contestant } from './contestants/contestant.ts';
import { callsUntil, limitFor, orderAll } from './fleet.ts';
import { cpuSeconds, memoryOf } from './process.ts';
import { CHILDREN_EACH, fleetNames } from './workload.ts';

export type Run = {
  readonly contestant: string;
  readonly count: number;
  readonly webhooks: boolean;
  /** From the first order's arrival to the last answer to a write of a child or a status; with webhooks to the last first one of each. */
  readonly seconds: number;
  readonly writes: number;
  /** Of single objects and of collections. */
  readonly reads: number;
  readonly calls: Readonly<Record<string, number>>;
  /** Of the contestant's process, from its readiness to its last write. */
  readonly cpuSeconds: number;
  readonly memoryMB: { readonly ready: number; readonly after: number; readonly peak: number };
  /** Of the machine in the minute before. */
  readonly load: number;
};

export type Setting = { readonly count: number; readonly webhooks: boolean };

export function measure(contestant: Contestant, { count, webhooks }: Setting): Promise<Run> {
  const load = loadavg()[0] ?? 0;
  const work = async (bench: BenchBed): Promise<Run> => {
    const running = await contestant.start(bench);
    try {
      const tail = await AuditTail.fromNow(bench.bed.auditLog, running.user);
      const before = { cpu: await cpuSeconds(running.pid), memory: await memoryOf(running.pid) };
      const names = fleetNames(count);
      const began = Date.now();
      await orderAll(bench.client, contestant.roots, names, running.told);
      const patience = { running, limitMs: limitFor(count), ...(webhooks && LIVES_GO_ON) };
      const calls = await callsUntil(tail, completion(contestant, count), patience);
      const memory = await memoryOf(running.pid);
      return {
        ...{ contestant: contestant.name, count, webhooks, load },
        seconds: (lastWrite(calls, contestant) - began) / 1000,
        ...{ writes: calls.filter(isWrite).length, reads: calls.filter(isRead).length, calls: tally(calls) },
        cpuSeconds: (await cpuSeconds(running.pid)) - before.cpu,
        memoryMB: { ready: before.memory.nowMB, after: memory.nowMB, peak: memory.peakMB },
      };
    } finally {
      await running.stop();
    }
  };
  return onBenchBed(work, { webhooks });
}

/** Where something reacts to VMs their statuses follow them until they run, long after the last child: that is no part of the creation. */
const LIVES_GO_ON = { stillMs: 0 };

const succeeded = ({ responseStatus }: Call) => (responseStatus?.code ?? 0) < 300;

/** Whether every child is written and every root has a status. */
function completion({ roots }: Contestant, count: number): (all: unknown, news: readonly Call[]) => boolean {
  const named = new Set<string>();
  const statuses = new Set<string>();
  return (_, news) => {
    for (const call of news.filter(each => isWrite(each) && succeeded(each))) {
      const { resource = '', namespace = '', name = '', subresource } = call.objectRef ?? {};
      if (isStatusWrite(call, roots.resource)) statuses.add(name);
      else if (CHILD_RESOURCES.has(resource) && subresource === undefined)
        named.add(`${resource}/${namespace}/${name}`);
    }
    return statuses.size >= count && named.size >= count * CHILDREN_EACH;
  };
}

const CHILD_RESOURCES = new Set([
  ...['virtualmachines', 'datavolumes', 'services', 'servicemonitors', 'schedules', 'secrets'],
]);

/** Events and the like may come later: nobody waits for them. */
function lastWrite(calls: readonly Call[], { roots }: Contestant): number {
  const relevant = calls.filter(call => {
    const { resource = '' } = call.objectRef ?? {};
    return isWrite(call) && (CHILD_RESOURCES.has(resource) || resource === roots.resource);
  });
  return Math.max(...relevant.map(({ stageTimestamp }) => Date.parse(stageTimestamp)));
}
