/** A test bed that stays: in the foreground until Ctrl-C, or in a process of its own until told to stop. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isAlive } from './folder.ts';
import type { Progress } from './progress.ts';
import { startTestBed, type TestBed } from './testbed.ts';

export type ResidentOptions = { readonly dir: string | undefined; readonly kubevirt: boolean };

type Record = { readonly pid: number; readonly kubeconfig: string; readonly server: string };

/** The folder of the one test bed a person has who names none. It starts empty each time; a folder that was named is kept. */
function folderOf(dir: string | undefined): string {
  return dir === undefined ? join(tmpdir(), `steward-testbed-of-${userInfo().username}`) : resolve(dir);
}

const recordFile = (folder: string) => join(folder, 'testbed.json');

/** What the process that runs the bed in `folder` wrote down, unless that process is gone. */
async function running(folder: string): Promise<Record | undefined> {
  const text = await readFile(recordFile(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as Record;
  return (await isAlive(record.pid, 'cli.ts')) ? record : undefined;
}

async function prepare(dir: string | undefined): Promise<string> {
  const folder = folderOf(dir);
  const already = await running(folder);
  if (already !== undefined) {
    throw new Error(`A test bed already runs in ${folder} (process ${already.pid}).\nKUBECONFIG=${already.kubeconfig}`);
  }
  if (dir === undefined) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Runs a bed until SIGINT or SIGTERM. Tells a parent that started it detached when it is ready. */
export async function up(options: ResidentOptions, say: Progress): Promise<void> {
  const folder = await prepare(options.dir);
  const interrupted = Promise.withResolvers<void>();
  let bed: TestBed | undefined;
  const end = () => {
    // While it starts there is nothing worth an orderly end: everything else ends with this process.
    if (bed === undefined) process.exit(130);
    interrupted.resolve();
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  bed = await startTestBed({ dir: folder, kubevirt: options.kubevirt, onProgress: say });
  const record: Record = { pid: process.pid, kubeconfig: bed.adminKubeconfig, server: bed.server };
  await writeFile(recordFile(folder), JSON.stringify(record));
  say(`KUBECONFIG=${bed.adminKubeconfig}`);
  process.send?.('ready');
  if (process.connected) process.disconnect?.();
  try {
    await Promise.race([interrupted.promise, bed.died]);
  } finally {
    say('Stopping the test bed');
    await bed.stop();
    await rm(recordFile(folder), { force: true });
  }
}

/** Starts `up` in a process of its own and returns when the bed is ready. */
export async function upDetached(options: ResidentOptions, say: Progress): Promise<void> {
  const folder = await prepare(options.dir);
  const logFile = join(folder, 'testbed.log');
  const log = openSync(logFile, 'a', 0o600);
  const cli = fileURLToPath(new URL('cli.ts', import.meta.url));
  // The folder is given by name: this process has emptied it already, and has put the log there.
  const args = [cli, 'up', '--dir', folder, ...(options.kubevirt ? [] : ['--no-kubevirt'])];
  say(`Starting a test bed in ${folder}; its progress is in ${logFile}`);
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log, 'ipc'] });
  await new Promise<void>((ready, failed) => {
    child.once('message', () => ready());
    child.once('exit', async () => failed(new Error(await readFile(logFile, 'utf8'))));
  });
  child.removeAllListeners('exit');
  child.disconnect();
  child.unref();
  say(`KUBECONFIG=${(await running(folder))?.kubeconfig}`);
}

/** Stops the bed; false when none runs. */
export async function down(dir: string | undefined, say: Progress): Promise<boolean> {
  const folder = folderOf(dir);
  const record = await running(folder);
  if (record === undefined) {
    say(`No test bed runs in ${folder}`);
    return false;
  }
  process.kill(record.pid, 'SIGTERM');
  while (await isAlive(record.pid)) await sleep(50);
  if (dir === undefined) await rm(folder, { recursive: true, force: true });
  say('The test bed is stopped');
  return true;
}

/** Says whether a bed runs; returns it too. */
export async function status(dir: string | undefined, say: Progress): Promise<boolean> {
  const folder = folderOf(dir);
  const record = await running(folder);
  if (record === undefined) say(`No test bed runs in ${folder}`);
  else say(`A test bed runs in ${folder} (process ${record.pid}) at ${record.server}\nKUBECONFIG=${record.kubeconfig}`);
  return record !== undefined;
}
