import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Server } from './server.ts';
import { superviseServer } from './supervisor.ts';

let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-supervisor-'));
  // Stands in for the real tether, which is a program that has to be built.
  await writeFile(join(folder, 'tether'), '#!/bin/sh\nshift\nexec "$@"\n');
  await chmod(join(folder, 'tether'), 0o755);
});

afterEach(async () => {
  await server?.stop(0);
  await rm(folder, { recursive: true });
});

function supervise(script: string): Server {
  const started = superviseServer({
    name: 'sample',
    program: 'sh',
    args: ['-c', script],
    logFile: join(folder, 'log'),
    tether: join(folder, 'tether'),
  });
  server = started;
  return started;
}

const lives = async () => (await readFile(join(folder, 'log'), 'utf8')).split('\n').filter(line => line === 'born');

test('a program that is killed is started again, and then stopped for good', async () => {
  const { pid } = supervise('echo born; exec sleep 60');
  await vi.waitFor(async () => expect(await lives()).toHaveLength(1));
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(async () => expect(await lives()).toHaveLength(2), 5_000);
  expect(server?.pid).not.toBe(pid);
  await server?.stop(0);
  expect(() => process.kill(server?.pid ?? 0, 0)).toThrow('ESRCH');
});

test('a program that ends by itself again and again is given up, with the end of its log', async () => {
  await expect(supervise('echo born; exit 7').died).rejects.toThrow(/sample ended with exit code 7:[\s\S]*born/);
  expect((await lives()).length).toBeGreaterThan(1);
});
