/** A test bed that stays: in the foreground until Ctrl-C, or in a process of its own until told to stop. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Progress } from './build/progress.ts';
import type { Profile } from './controlplane/seed.ts';
import { boxFolder, outsidePid } from './node/box/box.ts';
import { isAlive } from './process/folder.ts';
import { startTestBed, type TestBed } from './testbed.ts';

export type ResidentOptions = {
  readonly dir: string | undefined;
  readonly kubevirt: boolean;
  readonly profile: Profile;
};

type Record = {
  /** The process to signal, by the number it has outside of any box. */
  readonly pid: number;
  readonly kubeconfig: string;
  readonly server: string;
  readonly kubectl: string;
  /** Folder of the box the bed is in. */
  readonly box?: string;
};

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

/** The bed's folder, ready for a start. Throws when a bed runs in it. */
export async function prepare(dir: string | undefined): Promise<string> {
  const folder = folderOf(dir);
  const already = await running(folder);
  if (already !== undefined) {
    throw new Error(`A test bed already runs in ${folder} (process ${already.pid}).\nKUBECONFIG=${already.kubeconfig}`);
  }
  if (dir === undefined) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** Runs a bed until SIGINT or SIGTERM. */
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
  const { kubevirt, profile } = options;
  bed = await startTestBed({ dir: folder, kubevirt, profile, onProgress: say });
  const box = boxFolder();
  const record: Record = {
    pid: outsidePid(),
    kubeconfig: bed.adminKubeconfig,
    server: bed.server,
    kubectl: bed.binaries.kubectl,
    ...(box === undefined ? {} : { box }),
  };
  // Whole from the start, for whoever waits for it.
  await writeFile(`${recordFile(folder)}.new`, JSON.stringify(record));
  await rename(`${recordFile(folder)}.new`, recordFile(folder));
  say(`KUBECONFIG=${bed.adminKubeconfig}`);
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
  const args = [
    cli,
    'up',
    '--dir',
    folder,
    '--profile',
    options.profile,
    ...(options.kubevirt ? [] : ['--no-kubevirt']),
  ];
  say(`Starting a test bed in ${folder}; its progress is in ${logFile}`);
  const child = spawn(process.execPath, args, { detached: true, stdio: ['ignore', log, log] });
  const record = await untilRunning(folder, child);
  if (record === undefined) throw new Error(await readFile(logFile, 'utf8'));
  child.unref();
  say(`KUBECONFIG=${record.kubeconfig}`);
}

/** What the process that runs the bed writes down when it is ready; undefined when it ends before. */
async function untilRunning(folder: string, child: ChildProcess): Promise<Record | undefined> {
  while (child.exitCode === null && child.signalCode === null) {
    const record = await running(folder);
    if (record !== undefined) return record;
    await sleep(100);
  }
  return undefined;
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

/** A shell in the box of the bed, or a command; returns its exit code. */
export async function enter(dir: string | undefined, argv: readonly string[], say: Progress): Promise<number> {
  const folder = folderOf(dir);
  const record = await running(folder);
  if (record?.box === undefined) {
    say(`No test bed with a real node runs in ${folder}`);
    return 1;
  }
  const first = (await readFile(join(record.box, 'pid'), 'utf8')).trim();
  const command = argv.length > 0 ? argv : [process.env.SHELL ?? 'sh'];
  const path = `${dirname(record.kubectl)}:${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`;
  const env = { ...process.env, PATH: path, KUBECONFIG: record.kubeconfig, STEWARD_BOX: record.box };
  const entered = spawnSync('nsenter', ['--target', first, '--all', ...command], { stdio: 'inherit', env });
  return entered.status ?? 1;
}
