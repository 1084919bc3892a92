/**
 * The box: one set of namespaces in which everything of the profile `node` runs, the process that uses it included. What happens in it
 * to mounts, network, processes and the machine's files, apart from the shared folders, ends with it; the program `box` sees to the rest.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { artifacts } from '../../build/artifacts.ts';
import { ensureArtifacts } from '../../build/build.ts';
import { cacheFolder } from '../../build/cache.ts';
import type { Progress } from '../../build/progress.ts';
import { isAlive } from '../../process/folder.ts';
import { freePorts } from '../../process/ports.ts';
import { forwardInto } from './forward.ts';
import { packages } from './packages.ts';
import { whatIsMissing } from './prerequisites.ts';
import { setupScript } from './setup.ts';

/** This machine cannot run a box; the message says why, a sentence a line. */
export class BoxUnavailable extends Error {
  override name = 'BoxUnavailable';
}

/** Folder of the box this process runs in. */
export function boxFolder(): string | undefined {
  return process.env.STEWARD_BOX;
}

export function insideBox(): boolean {
  return boxFolder() !== undefined;
}

/** The number this process, or the one that holds the box around it, has outside. */
export function outsidePid(): number {
  return Number(process.env.STEWARD_BOX_HOLDER ?? process.pid);
}

/** The port of kube-apiserver in this box; the same port of the machine's loopback leads there. */
export function boxApiPort(): number | undefined {
  return process.env.STEWARD_BOX_API_PORT === undefined ? undefined : Number(process.env.STEWARD_BOX_API_PORT);
}

/**
 * Runs a command in a new box, or right here when this process is in one already, and returns its exit code. SIGINT, SIGTERM and SIGHUP
 * are handed on to the command, which is in a session of its own: Ctrl-C reaches it once. Throws {@link BoxUnavailable}.
 */
export async function runInBox(
  argv: readonly string[],
  progress: Progress,
  shared: readonly string[] = [],
): Promise<number> {
  if (insideBox()) return follow(argv, process.env);
  const missing = await whatIsMissing();
  if (missing.length > 0) throw new BoxUnavailable(missing.join('\n'));
  const folders = await ensureArtifacts({ tools: artifacts.tools, packages }, progress);
  await removeStaleBoxes();
  const folder = await mkdtemp(join(tmpdir(), `steward-box-${process.pid}-`));
  const everyShared = [...sharedFolders(), ...shared];
  await Promise.all(everyShared.map(path => mkdir(path, { recursive: true })));
  const setup = join(folder, 'setup.sh');
  await writeFile(setup, setupScript({ folder, packages: folders.packages, shared: everyShared }));
  const [apiPort = 0] = await freePorts(1);
  const forwarder = await forwardInto(folder, apiPort);
  const name = folder.slice(tmpdir().length + 1);
  const box = [join(folders.tools, 'box'), `-parent=${process.pid}`, `-name=${name}`, '-network', `-remove=${folder}`];
  try {
    return await follow([...box, 'sh', setup, ...argv], {
      ...process.env,
      PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`,
      STEWARD_BOX: folder,
      STEWARD_BOX_HOLDER: `${process.pid}`,
      STEWARD_BOX_API_PORT: `${apiPort}`,
    });
  } finally {
    forwarder.close();
  }
}

/** The work tree, the cache, and where programs keep what is theirs. */
function sharedFolders(): string[] {
  const workTree = fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, '');
  return [workTree, process.cwd(), cacheFolder(), homedir(), tmpdir()];
}

/** Runs the command to its end, handing on signals. */
function follow([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env, detached: true });
    const last = new Map<NodeJS.Signals, number>();
    const pass = (signal: NodeJS.Signals) => {
      // At a terminal Ctrl-C comes twice: from the terminal, and from the process that started this one.
      const now = performance.now();
      if (now - (last.get(signal) ?? -1000) > 500) child.kill(signal);
      last.set(signal, now);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, pass);
    const end = () => {
      for (const signal of signals) process.off(signal, pass);
    };
    child.once('error', error => {
      end();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      end();
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/** Removes what boxes left whose processes were all killed, the program `box` too. */
export async function removeStaleBoxes(): Promise<void> {
  const hierarchies = await groupHierarchies();
  for (const parent of [tmpdir(), ...hierarchies]) {
    for (const name of await readdir(parent)) {
      const [, pid] = /^steward-box-(\d+)-/.exec(name) ?? [];
      if (pid === undefined || (await isAlive(Number(pid)))) continue;
      if (parent === tmpdir()) await rm(join(parent, name), { recursive: true, force: true });
      else await removeGroup(join(parent, name));
    }
  }
}

async function groupHierarchies(): Promise<string[]> {
  const mounts = await readFile('/proc/self/mounts', 'utf8');
  return mounts.split('\n').flatMap(line => /^\S+ (\S+) cgroup2? /.exec(line)?.[1] ?? []);
}

/** Removes a control group without processes, and those below it. */
export async function removeGroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(folder, entry.name));
  await rmdir(folder).catch(() => {});
}
