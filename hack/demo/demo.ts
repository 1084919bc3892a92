/**
 * The whole path on real parts: test bed, chart, operator, samples, and a table of what became of them.
 * `--once` exits 0 when every sample keeps the promises in its annotation and 1 with the reason otherwise;
 * without it the demo stays up and prints each change until Ctrl-C.
 */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { run } from '../testbed/command.ts';
import { startTestBed, type TestBed } from '../testbed/testbed.ts';
import { playStorageLocation } from './playedvelero.ts';
import { nameOf, type Sample, unkept } from './promises.ts';
import { installChart, type StewardProcess, startSteward } from './steward.ts';

const root = join(import.meta.dirname, '../..');
const KINDS = 'managedvms,backuppolicies,operatingsystems';
const LIMIT_SECONDS = 180;

const { values: flags } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
const began = performance.now();
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());

function say(line: string): void {
  console.log(`[${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s] ${line}`);
}

function kubectl(bed: TestBed, ...args: string[]): Promise<string> {
  return run(bed.binaries.kubectl, args, { env: { ...process.env, KUBECONFIG: bed.adminKubeconfig } });
}

async function samplesOf(bed: TestBed): Promise<readonly Sample[]> {
  const list: { items: Sample[] } = JSON.parse(await kubectl(bed, 'get', KINDS, '-A', '-o', 'json'));
  return list.items;
}

/** Prints each condition that is new or changed, so that a person sees the path and not only its end. */
function follow(seen: Map<string, string>, samples: readonly Sample[]): void {
  for (const sample of samples) {
    for (const { type, status, reason, message } of sample.status?.conditions ?? []) {
      const key = `${nameOf(sample)} ${type}`;
      const value = `${status}/${reason}`;
      if (seen.get(key) === value) continue;
      seen.set(key, value);
      if (!flags.once || type === 'Ready') say(`${key} = ${value}: ${message}`);
    }
  }
}

async function settle(bed: TestBed): Promise<readonly string[]> {
  const seen = new Map<string, string>();
  let broken: readonly string[] = [];
  const deadline = performance.now() + LIMIT_SECONDS * 1000;
  while (performance.now() < deadline && !interrupted.signal.aborted) {
    const samples = await samplesOf(bed);
    follow(seen, samples);
    broken = samples.flatMap(unkept);
    if (broken.length === 0 && samples.length > 0) return [];
    await pause(1000);
  }
  return broken.length > 0 ? broken : ['there is no sample to look at'];
}

function pause(milliseconds: number): Promise<void> {
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds);
    interrupted.signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function stayUp(bed: TestBed): Promise<void> {
  console.log(
    `\nexport KUBECONFIG=${bed.adminKubeconfig}\n\nChanges are printed as they happen. Ctrl-C ends everything.`,
  );
  const seen = new Map<string, string>();
  while (!interrupted.signal.aborted) {
    follow(seen, await samplesOf(bed));
    await pause(1000);
  }
}

async function demonstrate(bed: TestBed): Promise<number> {
  say('installing the chart with Helm; a storage location for backups is played, no Velero server runs');
  await Promise.all([installChart(bed), playStorageLocation(bed)]);
  say('starting the operator from source under the ServiceAccount of the chart');
  const steward: StewardProcess = await startSteward(bed);
  try {
    await steward.ready();
    say('applying config/samples');
    await kubectl(bed, 'apply', '--server-side', '-k', join(root, 'config/samples'));
    const broken = await settle(bed);
    console.log(`\n${await kubectl(bed, 'get', KINDS, '-A')}`);
    for (const reason of broken) console.error(`not as promised: ${reason}`);
    if (!flags.once && !interrupted.signal.aborted) await stayUp(bed);
    say(
      broken.length === 0
        ? 'every sample has reached the state it promises'
        : `${broken.length} promises are not kept; the log is ${steward.logFile}`,
    );
    return broken.length === 0 ? 0 : 1;
  } finally {
    await steward.stop();
  }
}

say('starting the test bed: etcd, kube-apiserver, kube-controller-manager, KubeVirt');
const bed = await startTestBed({ onProgress: say });
try {
  process.exitCode = interrupted.signal.aborted ? 130 : await demonstrate(bed);
} finally {
  await bed.stop();
}
