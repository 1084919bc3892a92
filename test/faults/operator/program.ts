/** The operator as a process of its own: what signals do to it cannot be played. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { bundle } from '../../../hack/bundle.ts';
import { lastWords } from '../../../hack/testbed/process/lastwords.ts';
import { freePorts } from '../../../hack/testbed/process/ports.ts';
import { type Bed, HOME } from '../cluster/bed.ts';
import { ENVIRONMENT } from './environment.ts';

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };
export type Program = {
  readonly pid: number;
  /** Name of its account and its name in the Lease. */
  readonly name: string;
  /** As the audit log names it. */
  readonly user: string;
  readonly logFile: string;
  readonly exited: Promise<Exit>;
  alive(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, unless it has ended; resolves when it is gone. */
  stop(): Promise<Exit>;
};

export type ProgramOptions = {
  /** Number of a mutation of it. */
  readonly mutant?: number | undefined;
  /** Arguments for Node. */
  readonly node?: readonly string[];
  /** Another of its processes than the operator, with what only that one reads. */
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Longest time to readiness on a busy machine. */
const READY_MS = 60_000;
const MUTANT_MAIN = join(import.meta.dirname, '../mutants/main.ts');

const bundles = new Map<string, Promise<string>>();

/** As its image runs it: from the bundle, with leader election. Returns when it is ready. */
export async function startProgram(bed: Bed, name: string, options: ProgramOptions = {}): Promise<Program> {
  const { mutant, node = [], command = 'run', environment = {} } = options;
  const { kubeconfig, user } = await bed.account(name);
  const [health = 0, metrics = 0] = await freePorts(2);
  const main = mutant === undefined ? await bundled(bed) : MUTANT_MAIN;
  const child = spawn(bed.tether, [`${process.pid}`, process.execPath, ...node, main, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ PATH: process.env.PATH, NODE_NO_WARNINGS: '1', KUBECONFIG: kubeconfig, POD_NAME: name },
      ...{ STEWARD_NAMESPACE: HOME, STEWARD_HEALTH_PORT: `${health}`, STEWARD_METRICS_PORT: `${metrics}` },
      ...{ ...ENVIRONMENT, ...environment },
      ...(mutant === undefined ? {} : { STEWARD_FAULTS_MUTANT: `${mutant}` }),
    },
  });
  const logFile = join(bed.dir, `${name}-${health}.log`);
  const log = createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Exit);
  const program: Program = {
    ...{ pid: child.pid ?? 0, name, user, logFile, exited },
    alive: () => runs(child),
    kill: signal => void child.kill(signal),
    stop: () => {
      // One that is stopped would never hear it.
      if (runs(child)) for (const signal of ['SIGCONT', 'SIGTERM'] as const) child.kill(signal);
      return exited;
    },
  };
  await untilReady(program, `http://127.0.0.1:${health}/readyz`);
  return program;
}

function bundled(bed: Bed): Promise<string> {
  const file = join(bed.dir, 'steward.mjs');
  const made = bundles.get(file) ?? bundle({ outfile: file });
  bundles.set(file, made);
  return made;
}

function runs({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

async function untilReady(program: Program, url: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline) {
    if (!program.alive()) throw new Error(`the operator has ended:\n      ${await lastWords(program.logFile)}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  throw new Error(`the operator is not ready after ${READY_MS / 1000} s:\n      ${await lastWords(program.logFile)}`);
}
