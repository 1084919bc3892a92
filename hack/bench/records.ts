/** What records cost: pages and bytes of so many VMs on a real API server, and that nothing is written where nothing changes. */
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { managedVM } from '../../src/api/managedvm.ts';
import type { RecordPage } from '../../src/api/recordpage.ts';
import { ExportFolder } from '../../src/controllers/record/exportfolder.ts';
import { PageStore } from '../../src/controllers/record/pagestore.ts';
import { Recorder } from '../../src/controllers/record/recorder.ts';
import { RecordExport } from '../../src/controllers/record/recordexport.ts';
import { SigningKeys } from '../../src/controllers/record/signingkeys.ts';
import { verifyFolder } from '../../src/controllers/record/verifyfolder.ts';
import { RECORDED } from '../../src/domain/record/recordable.ts';
import { systemClock } from '../../src/runtime/api/clock.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import { connect } from '../../src/runtime/http/connection.ts';
import { Transport } from '../../src/runtime/http/transport.ts';
import { installChart } from '../steward/steward.ts';
import { startTestBed } from '../testbed/testbed.ts';
import { atMost, type Check } from './checks.ts';

/** VMs of a customer, who has one stream. */
const EACH = 100;
/** Customers whose VMs change at the same time. */
const AT_ONCE = 4;
/** Recorded changes of a VM in a month: a patch run with a restart (6), a condition that breaks and heals on every third day (20), orders (4). */
const MONTHLY = 30;
/** Changes of each VM that are made here: enough for pages to leave the cluster. */
const ROUNDS = 8;
const NAMESPACE = 'steward-records';
const CONDITIONS = [
  'Ready',
  'Supported',
  'Provisioned',
  'AgentConnected',
  'Available',
  'Monitored',
  'GuestReachable',
  'Configured',
];
const MORE_CONDITIONS = ['PatchCompliant', 'BackupCompliant', 'RestartPending', 'SLACompliant'];

const recorded = RECORDED.find(({ kind }) => kind === managedVM);

/** A VM as customers order it; in each round another of its conditions has changed. */
function machine(index: number, round: number): KubeObject {
  const conditions = [...CONDITIONS, ...MORE_CONDITIONS].map((type, at) => {
    const broken = round % 2 === 1 && at === (round >> 1) % CONDITIONS.length;
    return { type, status: broken ? 'False' : 'True', reason: broken ? 'NotYetAsOrdered' : 'AsOrdered' };
  });
  const key = `ssh-ed25519 ${Buffer.alloc(51, index % 251).toString('base64')} anna`;
  return {
    ...{ apiVersion: 'managed.systems/v1alpha1', kind: managedVM.kind },
    metadata: {
      name: `vm-${index % EACH}`,
      namespace: `customer-${Math.floor(index / EACH)}`,
      uid: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      generation: 1,
    },
    spec: {
      ...{
        serviceLevel: 'AdvancedMonitoringAndPatching',
        operatingSystem: 'debian-13',
        powerState: 'Running',
        sizing: { cpu: 2, memory: '4Gi' },
      },
      disks: [
        { name: 'root', size: '20Gi', reclaimPolicy: 'Retain' },
        { name: 'data', size: '100Gi', reclaimPolicy: 'Retain' },
      ],
      networks: [{ name: 'default' }],
      access: { users: [{ name: 'anna', sshKeys: [key], administrator: true }] },
      ...{ services: ['ssh', 'postgresql@17-main'], patchPolicyRef: { kind: 'PatchPolicy', name: 'tuesday-night' } },
      ...{
        backupPolicyRef: { kind: 'BackupPolicy', name: 'daily' },
        deletionProtection: true,
        restartPolicy: 'Manual',
      },
    },
    status: {
      state: 'Running',
      keys: { provider: `SHA256:${'a'.repeat(43)}`, host: `SHA256:${'b'.repeat(43)}` },
      conditions,
    },
  };
}

class Writes {
  count = 0;
  bytes = 0;
}

function writerOn(kubeconfig: string, folder: string, writes: Writes): Recorder {
  const transport = new Transport({
    ...{ connection: connect({ kubeconfig }), userAgent: 'bench' },
    intercept: {
      call: async ({ method, body }, send) => {
        if (method !== 'GET') {
          writes.count += 1;
          writes.bytes += body?.length ?? 0;
        }
        return send();
      },
    },
  });
  return new Recorder({
    ...{
      clock: systemClock,
      log: pino({ enabled: false }),

      specManager: async () => 'kubectl',
    },
    ...{
      pages: new PageStore(transport, NAMESPACE),
      signing: new SigningKeys(transport, NAMESPACE),
      exported: new RecordExport(new ExportFolder(folder)),
    },
  });
}

/** Shows all VMs as they are in a round, so many at once as the controller does. */
async function show(recorder: Recorder, count: number, round: number): Promise<void> {
  if (recorded === undefined) throw new Error('ManagedVMs are not recorded');
  const order = inTurn(count);
  const showing = Array.from({ length: 64 }, async () => {
    for (let index = order.next(); index.done !== true; index = order.next())
      await recorder.record(
        recorded,
        machine(index.value, round),
        `namespace-customer-${Math.floor(index.value / EACH)}`,
      );
  });
  await Promise.all(showing);
}

/** A stream takes one write after the other, so that the VMs of one customer alone would wait for each other. */
function* inTurn(count: number): Generator<number> {
  for (let first = 0; first < count; first += AT_ONCE * EACH)
    for (let vm = 0; vm < EACH; vm++)
      for (let customer = 0; customer < AT_ONCE; customer++) {
        const index = first + customer * EACH + vm;
        if (index < count) yield index;
      }
}

export async function records(count: number, say: (line: string) => void): Promise<Check[]> {
  const bed = await startTestBed({ kubevirt: false, played: false });
  const folder = await mkdtemp(join(tmpdir(), 'records-'));
  try {
    await installChart(bed, { 'records.enabled': 'true' });
    const kubeconfig = await bed.kubeconfigFor('steward-system', 'steward-record');
    const writes = new Writes();
    const recorder = writerOn(kubeconfig, folder, writes);
    const begun = performance.now();
    for (let round = 0; round <= ROUNDS; round++) {
      await show(recorder, count, round);
      await recorder.tidy();
      say(
        `round ${round}: ${recorder.records} records, ${sum(recorder.desks.map(({ pages }) => pages))} pages in the cluster, ${writes.count} writes`,
      );
    }
    const seconds = (performance.now() - begun) / 1000;
    const changed = { ...writes, records: recorder.records };
    const pages = await new PageStore(
      new Transport({ connection: connect({ kubeconfig }), userAgent: 'bench' }),
      NAMESPACE,
    ).list();
    await show(recorder, count, ROUNDS);
    await recorder.tidy();
    const idle = writes.count - changed.count;
    const again = new Writes();
    const restarted = writerOn(kubeconfig, folder, again);
    await show(restarted, count, ROUNDS);
    await restarted.tidy();
    report(count, { changed, pages, seconds, exported: await sizeOf(folder) }, say);
    const { exitCode, text } = verifyFolder({ folder, json: false, heads: [], firstKey: undefined });
    say(text.split('\n')[0] ?? '');
    return [
      atMost('writes of an idle fleet', idle, 0),
      atMost('writes after a restart', again.count, 0),
      atMost('streams that do not verify', exitCode, 0),
      atMost(
        'pages in the cluster per stream',
        Math.ceil(pages.length / Math.ceil(count / EACH)),
        8 + 3 * Math.ceil(EACH / 50) + 1,
      ),
    ];
  } finally {
    await bed.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

function report(
  count: number,
  {
    changed,
    pages,
    seconds,
    exported,
  }: { changed: Writes & { records: number }; pages: readonly RecordPage[]; seconds: number; exported: number },
  say: (line: string) => void,
): void {
  const kept = sum(pages.map(page => JSON.stringify(page).length));
  const recordsEach = (changed.records / count).toFixed(1);
  const bytesEach = exported / changed.records;
  const perChange = changed.records / (count * (ROUNDS + 1));
  say(
    `${count} VMs in ${Math.ceil(count / EACH)} streams, ${ROUNDS} changes of each in ${seconds.toFixed(0)} s: ${changed.records} records (${recordsEach} a VM, with what was carried forward), ${changed.count} writes`,
  );
  say(
    `in the cluster: ${pages.length} pages, ${(pages.length / count).toFixed(3)} objects and ${(kept / count / 1024).toFixed(1)} KiB a VM, which does not grow with time`,
  );
  say(`a record: ${bytesEach.toFixed(0)} bytes exported; ${perChange.toFixed(2)} records a change`);
  say(
    `with ${MONTHLY} changes of a VM a month: ${(MONTHLY * perChange).toFixed(0)} records, ${((MONTHLY * perChange * bytesEach) / 1024).toFixed(1)} KiB exported, at most ${Math.ceil(MONTHLY * perChange)} writes a VM and month (one for each record where they come alone; here ${(changed.records / changed.count).toFixed(1)} records a write)`,
  );
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(
    names.filter(name => name.endsWith('.jsonl')).map(async name => (await stat(join(folder, name))).size),
  );
  return sum(sizes);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
