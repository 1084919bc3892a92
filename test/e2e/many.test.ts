import { afterAll, beforeAll, expect, test } from 'vitest';
import { Guests } from './support/guests.ts';
import { memoryOfPods } from './support/memory.ts';

const NAMES = Array.from({ length: 20 }, (_, index) => `small-${index + 1}`);
const LIMIT = 45 * 60_000;
const MEBIBYTE = 2 ** 20;

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('many');
});

afterAll(() => guests?.close());

test('MO-1: twenty VMs of 128 MiB boot, one per core at a time, and all run together', { timeout: LIMIT }, async () => {
  const began = performance.now();
  const seconds = (since: number) => Math.round((performance.now() - since) / 1000);
  const disks = [{ name: 'root', reclaimPolicy: 'Delete' }];
  const spec = { serviceLevel: 'Admin', sizing: { cpu: 1, memory: '128Mi' }, disks };
  const booted: Promise<unknown>[] = [];
  for (const name of NAMES) {
    await guests.orderInTurn(name, spec);
    const ordered = performance.now();
    const say = () => console.log(`${name} boots in ${seconds(ordered)} s; ${seconds(began)} s in all`);
    booted.push(guests.booted(name).then(say));
  }
  await Promise.all(booted);
  const time = seconds(began);
  for (const name of NAMES) await guests.reads(name, { Ready: 'True/Running', Available: 'True/GuestAnswers' });
  const pods = (await memoryOfPods('many')).map(bytes => bytes / MEBIBYTE);
  const total = pods.reduce((sum, each) => sum + each, 0);
  console.log(
    `${pods.length} guests after ${time} s: ${Math.round(total)} MiB, ${Math.round(total / pods.length)} MiB each`,
  );
  expect(pods).toHaveLength(NAMES.length);
  expect(Math.max(...pods)).toBeLessThan(1024);
});
