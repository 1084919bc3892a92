/** Whoever turns orders into children and statuses: a program of its own with an account of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { bundle } from '../../bundle.ts';
import { nodeEnvironment, operatorContainer } from '../../steward/nodeenvironment.ts';
import { installChart, type StewardProcess, startSteward, untilReady } from '../../steward/steward.ts';
import type { KubeObject } from '../../testbed/client/client.ts';
import { until } from '../../testbed/process/until.ts';
import type { TestBed } from '../../testbed/testbed.ts';
import { type BenchBed, EVERY_WRITER } from '../bed.ts';
import { orderOf, rootPath } from '../workload.ts';

/** Requests in flight at once, the same for all: Steward's own default. */
export const IN_FLIGHT = 32;

/** The kind that is ordered. */
export type RootKind = {
  readonly path: string;
  /** Plural, as the audit log names it. */
  readonly resource: string;
  readonly order: (name: string) => KubeObject;
};

export const managedVMs: RootKind = { path: rootPath, resource: 'managedvms', order: orderOf };

export type Contestant = {
  readonly name: string;
  readonly roots: RootKind;
  /** Returns when it is ready for orders. */
  start(bench: BenchBed): Promise<Running>;
};

export type Running = {
  readonly pid: number;
  /** As the audit log names it. */
  readonly user: string;
  readonly logFile: string;
  /** False when it has ended, asked or not. */
  alive(): boolean;
  /** For who is told of orders instead of watching for them. */
  told?(root: KubeObject): void;
  stop(signal?: NodeJS.Signals): Promise<void>;
};

let bundled: Promise<string> | undefined;

/** Steward as its image runs it: from the bundle, under the chart's roles, with leader election. Resolves when it is ready. */
export async function startBundle(bed: TestBed, environment: Environment = {}): Promise<StewardProcess> {
  bundled ??= bundle();
  const started = await startSteward(bed, {
    program: await bundled,
    environment: { ...nodeEnvironment(await operatorContainer(bed)), ...environment },
  });
  await started.ready();
  return started;
}

export const STEWARD_USER = 'system:serviceaccount:steward-system:steward';

export const steward: Contestant = {
  name: 'Steward',
  roots: managedVMs,
  async start({ bed }) {
    const { pid, stop, exited, logFile } = await startBundle(bed);
    let alive = true;
    void exited.then(() => {
      alive = false;
    });
    return { pid, stop, logFile, alive: () => alive, user: STEWARD_USER };
  },
};

type Environment = Readonly<Record<string, string>>;

/** The same where the API server puts the finalizer on (ADR 0033): what that write costs. */
export const stewardWithoutFinalizerWrite: Contestant = {
  name: 'Steward with admission.finalizer',
  roots: managedVMs,
  async start(bench) {
    const { bed, client } = bench;
    await installChart(bed, { ...EVERY_WRITER, 'admission.finalizer': 'true' });
    const held = async () => {
      const { metadata } = (await client.dryRun(managedVMs.path, managedVMs.order('probe'))) as KubeObject;
      if (metadata.finalizers === undefined) throw new Error('a new ManagedVM has no finalizer');
    };
    await until('the finalizer at admission', held, bed.died);
    return steward.start(bench);
  },
};

export type Program = {
  readonly name: string;
  readonly command: readonly string[];
  readonly environment?: Environment;
  /** What it makes of an order; it finds it as JSON in the file that `BENCH_TEMPLATE` names. */
  readonly template?: object;
  /** Answers 200 when the program is ready. Without it the program is ready when it says its first words. */
  readonly readyURL?: string;
};

/** Starts a contestant's program under the account that may do everything; returns when it is ready. */
export async function startProgram(
  { bed, contestant }: BenchBed,
  program: Program,
): Promise<Running & { child: ChildProcess }> {
  const { kubeconfig, user } = await contestant();
  const template = join(bed.dir, `${program.name}.json`);
  if (program.template !== undefined) await writeFile(template, JSON.stringify(program.template));
  const child = spawn(bed.binaries.tether, [`${process.pid}`, ...program.command], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: bed.dir,
      KUBECONFIG: kubeconfig,
      NODE_NO_WARNINGS: '1',
      BENCH_TEMPLATE: template,
      ...program.environment,
    },
  });
  const logFile = join(bed.dir, `${program.name}.log`);
  const log = createWriteStream(logFile);
  for (const stream of [child.stdout, child.stderr] satisfies Readable[]) stream.pipe(log, { end: false });
  child.stdin.on('error', () => {});
  const exited = once(child, 'exit');
  await (program.readyURL === undefined ? untilItSpeaks(child) : untilReady(child, program.readyURL, logFile));
  return {
    ...{ child, user, logFile, pid: child.pid ?? 0 },
    alive: () => child.exitCode === null && child.signalCode === null,
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

/** Resolves with the program's first words, which it says when it is ready. */
async function untilItSpeaks(child: ChildProcess): Promise<void> {
  const spoken = Promise.withResolvers<void>();
  child.stdout?.once('data', () => spoken.resolve());
  child.once('exit', code => spoken.reject(new Error(`it ended with ${code}`)));
  await spoken.promise;
}
