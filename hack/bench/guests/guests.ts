/** What one guest worker costs with N guests that are as ordered: memory of each, CPU of each look, and that it writes nothing for them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GuestBed,
  type GuestKeys,
  newGuestKeys,
  WORKER,
  type WorkerProcess,
} from '../../../test/integration/support/guestbed.ts';
import { isLease, isWrite, readCalls } from '../../testbed/client/audit.ts';
import { atMost, type Check, exactly, sentence } from '../checks.ts';
import { cpuSeconds, memoryOf, REST_MS } from '../process.ts';

const NAMESPACE = 'fleet';
/** The worker looks into each guest once in so many seconds, a tenth more or less. */
const INTERVAL_S = 60;
const AT_ONCE = 16;
const LIMIT_MS = 900_000;
/** Each answer about its metrics is work of the worker's too: Prometheus would ask every 30 s. */
const ASKED_MS = 5_000;

/** Goals of issue 13: bytes and seconds for each guest. */
const MOST_KILOBYTES = 200;
const MOST_CPU_MS = 4;

export async function guests(count: number, say: (line: string) => void): Promise<Check[]> {
  const keys = newGuestKeys();
  const bed = await GuestBed.start();
  const played = await playGuests(keys);
  try {
    await bed.api.namespace(NAMESPACE);
    const worker = await bed.worker(
      played.port,
      { STEWARD_GUEST_INTERVAL: `${INTERVAL_S}s`, STEWARD_LOG_LEVEL: 'info', NODE_OPTIONS: '--expose-gc' },
      join(import.meta.dirname, '../../../src/main.ts'),
    );
    return await measured(bed, worker, keys, count, say);
  } finally {
    played.process.kill('SIGKILL');
    await bed.stop();
  }
}

async function measured(
  bed: GuestBed,
  worker: WorkerProcess,
  keys: GuestKeys,
  count: number,
  say: (line: string) => void,
): Promise<Check[]> {
  const { pid } = worker;
  await sleep(REST_MS);
  const empty = await memoryOf(pid);
  const names = Array.from({ length: count }, (_, index) => `vm-${index}`);
  const rest = [...names];
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let name = rest.pop(); name !== undefined; name = rest.pop()) await bed.guest(NAMESPACE, name, keys);
    }),
  );
  await until(async () => (await gauge(worker, 'steward_guests{contact="Reached"}')) === count);
  say(`${count} guests are reached`);

  // One look of each is over; what it began has been written.
  await sleep(REST_MS);
  const from = (await stat(bed.bed.auditLog)).size;
  const [cpu, looks] = [await cpuSeconds(pid), await looksOf(worker)];
  await until(async () => (await looksOf(worker)) >= looks + 2 * count);
  const [spent, looked] = [(await cpuSeconds(pid)) - cpu, (await looksOf(worker)) - looks];
  const { calls } = await readCalls(bed.bed.auditLog, { user: WORKER }, from);
  const memory = await memoryOf(pid);
  say(
    `${looked} looks took ${spent.toFixed(2)} s of CPU; memory ${empty.nowMB} MB without guests, ${memory.nowMB} MB with them, ${memory.peakMB} MB at most`,
  );
  const checks = [
    atMost(
      `kB of memory for each of ${count} guests, at the peak`,
      each((memory.peakMB - empty.nowMB) * 1000, count),
      MOST_KILOBYTES,
    ),
    atMost(`ms of CPU for each of ${looked} looks`, each(spent * 1000, looked), MOST_CPU_MS),
    exactly(
      `writes for ${looked} looks with nothing new`,
      calls.filter(call => isWrite(call) && !isLease(call)).length,
      0,
    ),
  ];
  for (const check of checks) say(sentence(check));
  return checks;
}

async function playGuests({
  provider,
  host,
}: GuestKeys): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'playedguests.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
      ...{ GUEST_HOST_KEY: host.privateKey, GUEST_PUBLIC_KEY: provider.publicKey },
    },
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { process: child, port: Number(line) };
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await reached())) {
    if (performance.now() > deadline) throw new Error(`not reached within ${LIMIT_MS / 1000} s`);
    await sleep(ASKED_MS);
  }
}

function looksOf(worker: WorkerProcess): Promise<number> {
  return gauge(worker, 'steward_guest_looks_total{contact="Reached"}');
}

async function gauge({ metricsURL }: WorkerProcess, series: string): Promise<number> {
  // Once more: the worker may be closing the connection of the last time, on which nobody has asked for a while.
  const answer = await fetch(metricsURL).catch(() => fetch(metricsURL));
  const text = await answer.text();
  const line = text.split('\n').find(each => each.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1) ?? 0);
}

function each(sum: number, count: number): number {
  return Math.round((sum / count) * 100) / 100;
}
