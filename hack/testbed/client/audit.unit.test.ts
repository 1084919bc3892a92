import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AuditTail, readCalls, tally } from './audit.ts';

let folder: string;
let log: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
  log = join(folder, 'audit.log');
});
afterEach(() => rm(folder, { recursive: true }));

function line(verb: string, resource: string, username: string, userAgent = 'program/1'): string {
  return `${JSON.stringify({ verb, user: { username }, userAgent, objectRef: { resource } })}\n`;
}

test('only the calls of the caller are read, by user or by User-Agent, though others name it', async () => {
  await appendFile(log, line('create', 'pods', 'anna') + line('get', 'users of anna', 'bert', 'other/2'));
  await appendFile(log, line('list', 'nodes', 'anna', 'other/2'));
  const of = async (caller: Parameters<typeof readCalls>[1]) => tally((await readCalls(log, caller)).calls);
  expect(await of({ user: 'anna' })).toEqual({ 'create pods': 1, 'list nodes': 1 });
  expect(await of({ userAgent: 'other/2' })).toEqual({ 'get users of anna': 1, 'list nodes': 1 });
});

test('a line that is still being written is read when it is whole, and nothing is read twice', async () => {
  const [begun, ended] = [line('patch', 'pods ä', 'anna').slice(0, 40), line('patch', 'pods ä', 'anna').slice(40)];
  await appendFile(log, line('create', 'pods', 'anna'));
  const tail = await AuditTail.fromNow(log, 'anna');
  await appendFile(log, line('update', 'pods', 'anna') + line('update', 'leases', 'anna') + begun);
  expect(tally(await tail.look())).toEqual({ 'update pods': 1 });
  expect(await tail.look()).toEqual([]);
  await appendFile(log, ended);
  expect(tally(await tail.look())).toEqual({ 'patch pods ä': 1 });
});

test('a log that is longer than what is read at once is read to its end', async () => {
  const wide = 'x'.repeat(3_000);
  await appendFile(log, line('create', wide, 'anna').repeat(800));
  expect((await readCalls(log, { user: 'anna' })).calls).toHaveLength(800);
});
