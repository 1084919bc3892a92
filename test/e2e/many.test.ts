import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Guests } from './support/guests.ts';

const COUNT = 20;
const LIMIT = 45 * 60_000;

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('many');
});

afterAll(() => guests?.close());

/** Bytes in use on the machine, caches not counted. */
async function memoryInUse(): Promise<number> {
  const text = await readFile('/proc/meminfo', 'utf8');
  const kilobytes = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]);
  return (kilobytes('MemTotal') - kilobytes('MemAvailable')) * 1024;
}

test(`MO-1: ${COUNT} VMs of 128 MiB, ordered together, all boot`, { timeout: LIMIT }, async () => {
  const before = await memoryInUse();
  const began = performance.now();
  const names = Array.from({ length: COUNT }, (_, index) => `small-${index}`);
  const disks = [{ name: 'root', reclaimPolicy: 'Delete' }];
  const spec = { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks };
  await Promise.all(names.map(name => guests.order(name, spec)));
  for (const name of names) {
    await guests.reads(name, { Ready: 'True/Running', AgentConnected: 'True/AgentAnswers' }, LIMIT);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${name} answers; ${seconds} s since the order`);
  }
  const each = ((await memoryInUse()) - before) / COUNT / 2 ** 20;
  console.log(`${COUNT} guests in ${Math.round((performance.now() - began) / 1000)} s, ${each.toFixed(0)} MiB each`);
  expect(each).toBeLessThan(512);
});
