import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../integration/support/eventually.ts';
import { BOOT, Guests } from './support/guests.ts';
import { memoryOfPods } from './support/memory.ts';

const COUNT = 20;
/** How many boot at the same time: more of them would only share the cores, each for longer, until something in a guest gives up. */
const AT_ONCE = 4;
const LIMIT = 45 * 60_000;
const MEBIBYTE = 2 ** 20;

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('many');
});

afterAll(() => guests?.close());

test(`MO-1: ${COUNT} VMs of 128 MiB boot, ${AT_ONCE} at a time, and all run together`, { timeout: LIMIT }, async () => {
  const began = performance.now();
  const seconds = (since: number) => Math.round((performance.now() - since) / 1000);
  const disks = [{ name: 'root', reclaimPolicy: 'Delete' }];
  const spec = { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks };
  const booted: Promise<unknown>[] = [];
  for (let number = 1; number <= COUNT; number += 1) {
    const name = `small-${number}`;
    await eventually(async () => expect(await guests.booting()).toBeLessThan(AT_ONCE), LIMIT, 1_000);
    const ordered = performance.now();
    await guests.order(name, spec);
    const answers = guests.booted(name);
    booted.push(answers.then(() => console.log(`${name} boots in ${seconds(ordered)} s; ${seconds(began)} s in all`)));
  }
  await Promise.all(booted);
  const [time, memory] = [seconds(began), await memoryOfPods('many')];
  const total = memory.reduce((sum, bytes) => sum + bytes, 0) / MEBIBYTE;
  console.log(
    `${memory.length} guests run after ${time} s with ${total.toFixed(0)} MiB, ${(total / COUNT).toFixed(0)} MiB each`,
  );
  for (let number = 1; number <= COUNT; number += 1)
    await guests.reads(`small-${number}`, { Ready: 'True/Running', Available: 'True/GuestAnswers' }, BOOT);
  expect(memory).toHaveLength(COUNT);
  expect(Math.max(...memory) / MEBIBYTE).toBeLessThan(512);
});
