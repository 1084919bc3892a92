/** Steward on a test bed: the chart's objects by Helm, its processes under the accounts of the chart. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { run } from '../testbed/process/command.ts';
import { freePorts } from '../testbed/process/ports.ts';
import type { TestBed } from '../testbed/testbed.ts';
import { untilPoliciesHold } from './policies.ts';

const root = join(import.meta.dirname, '../..');
export const NAMESPACE = 'steward-system';
/** Where the chart puts the keys of guests. */
export const KEY_NAMESPACE = 'steward-keys';

/** Where the provider of config/samples keeps its images. */
const IMAGES = 'golden-images';

const withoutPods = { replicas: '0', 'guest.replicas': '0' } as const;

/**
 * Installs the chart without its Pods (`replicas=0`, `guest.replicas=0`): there may be no kubelet, and the operator runs from here. The namespace of the
 * provider's images is there first, as on a real cluster, and Steward may clone from it. Returns when the chart's policies hold.
 */
export async function installChart(bed: TestBed, values: Readonly<Record<string, string>> = {}): Promise<void> {
  const env = { ...process.env, KUBECONFIG: bed.adminKubeconfig };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: IMAGES } };
  const input = JSON.stringify(namespace);
  await run(bed.binaries.kubectl, ['apply', '--server-side', '-f', '-'], { env, input });
  const settings = Object.entries({ ...withoutPods, imageNamespaces: `{${IMAGES}}`, ...values }).flatMap(
    ([name, value]) => ['--set', `${name}=${value}`],
  );
  await run(
    bed.binaries.helm,
    [
      'upgrade',
      '--install',
      'steward',
      join(root, 'charts/steward'),
      '--namespace',
      NAMESPACE,
      '--create-namespace',
      ...settings,
    ],
    { env },
  );
  await untilPoliciesHold(bed);
}

export type StewardProcess = {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly healthURL: string;
  readonly metricsURL: string;
  readonly logFile: string;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  ready(): Promise<void>;
  /** SIGTERM, as a kubelet does it; resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
};

/** Of each command the account that the chart gives it. */
const ACCOUNTS = {
  ...{ run: 'steward', guest: 'steward-guest' },
  ...{ patch: 'steward-patch', receive: 'steward-receive' },
} as const;

export type StewardOptions = {
  /** Default `run`. */
  readonly command?: keyof typeof ACCOUNTS;
  /** Where the chart was installed. Default NAMESPACE. */
  readonly namespace?: string;
  /** Program to run instead of the sources, e.g. the bundle. */
  readonly program?: string;
  /** A module that is loaded before the program. */
  readonly preload?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/** Starts the operator, or the guest worker, with exactly the rights of the chart. */
export async function startSteward(bed: TestBed, options: StewardOptions = {}): Promise<StewardProcess> {
  const { command = 'run', namespace = NAMESPACE, program = join(root, 'src/main.ts'), preload } = options;
  const account = ACCOUNTS[command];
  const kubeconfig = await bed.kubeconfigFor(namespace, account);
  const [health = 0, metrics = 0] = await freePorts(2);
  const logFile = join(bed.dir, `${account}-${health}.log`);
  const loaded = preload === undefined ? [] : ['--import', preload];
  const child = spawn(bed.binaries.tether, [`${process.pid}`, process.execPath, ...loaded, program, command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      KUBECONFIG: kubeconfig,
      STEWARD_NAMESPACE: namespace,
      STEWARD_HEALTH_PORT: `${health}`,
      STEWARD_METRICS_PORT: `${metrics}`,
      ...options.environment,
    },
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const healthURL = `http://127.0.0.1:${health}`;
  return {
    child,
    pid: child.pid ?? 0,
    healthURL,
    metricsURL: `http://127.0.0.1:${metrics}/metrics`,
    logFile,
    exited,
    ready: () => untilReady(child, `${healthURL}/readyz`, logFile),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

/** Waits until the address answers with success; fails when the program ends, or after a minute. */
export async function untilReady(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`the operator ended with ${child.exitCode}; its log is ${logFile}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error(`the operator is not ready after 60 s; its log is ${logFile}`);
}
