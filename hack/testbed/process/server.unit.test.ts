import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startServer } from './server.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'steward-server-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('a server that is killed takes what it has started with it, where that is wanted', async () => {
  const tether = join(folder, 'tether');
  await writeFile(tether, '#!/bin/sh\nshift\nexec "$@"\n', { mode: 0o755 });
  const pidFile = join(folder, 'pid');
  const server = startServer({
    ...{ name: 'parent', program: '/bin/sh', logFile: join(folder, 'log'), tether, withGroup: true },
    args: ['-c', `sleep 600 & echo $! > ${pidFile}; wait`],
  });
  const pid = await vi.waitFor(async () => {
    const text = await readFile(pidFile, 'utf8');
    expect(text).toMatch(/^\d+\n$/);
    return Number(text);
  }, 30_000);
  await server.stop(0);
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 30_000);
});
