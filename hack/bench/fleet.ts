/** The administrator's side of a run: orders, deletes, and waits until a contestant has nothing more to do. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type AuditTail, type Call, isWrite } from '../testbed/client/audit.ts';
import type { Client } from '../testbed/client/client.ts';
import { lastWords } from '../testbed/process/lastwords.ts';
import { IN_FLIGHT, type RootKind, type Running } from './contestants/contestant.ts';

/** Orders one root per name, so many at once as the contestant has requests in flight. */
export async function orderAll(
  client: Client,
  roots: RootKind,
  names: readonly string[],
  told: Running['told'] = () => {},
): Promise<void> {
  await each(names, async name => told(await client.create(roots.path, roots.order(name))));
}

export async function deleteAll(client: Client, roots: RootKind, names: readonly string[]): Promise<void> {
  await each(names, async name => {
    await client.delete(`${roots.path}/${name}`);
  });
}

async function each(names: readonly string[], work: (name: string) => Promise<void>): Promise<void> {
  const left = names.values();
  const worker = async () => {
    for (const name of left) await work(name);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

type Patience = { readonly running?: Running; readonly stillMs?: number; readonly limitMs?: number };

/**
 * Calls until `done` holds and then no write was seen for `stillMs`. It is given all calls so far, and those that are new: who counts
 * tens of thousands does not count them five times a second. Throws when `limitMs` have passed, or when the contestant has ended.
 */
export async function callsUntil(
  tail: AuditTail,
  done: (calls: readonly Call[], news: readonly Call[]) => boolean,
  { running, stillMs = 2_000, limitMs = 300_000 }: Patience = {},
): Promise<Call[]> {
  const began = performance.now();
  const calls: Call[] = [];
  let [quietSince, finished] = [began, false];
  while (!finished || performance.now() - quietSince < stillMs) {
    await sleep(200);
    const news = await tail.look();
    calls.push(...news);
    if (news.some(isWrite)) quietSince = performance.now();
    finished ||= done(calls, news);
    if (running?.alive() === false)
      throw new Error(`the contestant has ended by itself:\n      ${await lastWords(running.logFile)}`);
    if (performance.now() - began > limitMs)
      throw new Error(`not done after ${limitMs / 1000} s: ${calls.length} calls`);
  }
  return calls;
}

/** Holds when as many different names as wanted were in calls of a kind. */
export function untilNamed(
  count: number,
  isOne: (call: Call) => boolean,
): (all: unknown, news: readonly Call[]) => boolean {
  const names = new Set<string>();
  return (_, news) => {
    for (const call of news) if (isOne(call)) names.add(call.objectRef?.name ?? '');
    return names.size >= count;
  };
}

/** Milliseconds that nothing takes which works: 300 s, and as much again for each thousand ManagedVMs. */
export function limitFor(count: number): number {
  return 300_000 + count * 300;
}
