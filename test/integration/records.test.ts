/** The record writer on a real API server, whose rules its pages must follow: faults after every write, two writers, and the writer as it runs. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installChart } from '../../hack/steward/steward.ts';
import { applyCrds } from '../../hack/testbed/client/apply.ts';
import type { KubeObject as Stored } from '../../hack/testbed/client/client.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { type RecordPage, recordPage } from '../../src/api/recordpage.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { Secret } from '../../src/api/upstream.ts';
import { ExportFolder } from '../../src/controllers/record/exportfolder.ts';
import { PageStore } from '../../src/controllers/record/pagestore.ts';
import { Recorder } from '../../src/controllers/record/recorder.ts';
import { SigningKeys } from '../../src/controllers/record/signingkeys.ts';
import { verifyFolder } from '../../src/controllers/record/verifyfolder.ts';
import { startRecordWriter } from '../../src/controllers/record/worker.ts';
import { RECORDED } from '../../src/domain/record/recordable.ts';
import { systemClock } from '../../src/runtime/api/clock.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import { connect } from '../../src/runtime/http/connection.ts';
import { type Intercept, Transport } from '../../src/runtime/http/transport.ts';
import { OpenRegistry } from '../../src/runtime/observe/registry.ts';
import { readCrds } from './api/support/server.ts';
import { callFaults } from './runtime/support/faults.ts';
import { Api } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { advancedPlan, contractOf, machine } from './support/orders.ts';

const log = pino({ enabled: false });
const VM = RECORDED.find(({ kind }) => kind === managedVM) ?? RECORDED[0];
if (VM === undefined) throw new Error('nothing is recorded');
const recorded = VM;

let bed: TestBed;
let api: Api;
let root: string;
let places = 0;

beforeAll(async () => {
  bed = await startTestBed({ kubevirt: false, played: false, crds: [] });
  api = await Api.as(bed);
  await applyCrds(api.client, await readCrds());
  root = await mkdtemp(join(tmpdir(), 'records-'));
});
afterAll(async () => {
  await api?.close();
  await bed?.stop();
  await rm(root, { recursive: true, force: true });
});

type Place = { readonly namespace: string; readonly folder: string };

async function place(): Promise<Place> {
  places += 1;
  const namespace = `records-${places}`;
  await api.namespace(namespace);
  return { namespace, folder: join(root, namespace) };
}

/** A process that writes records, without what decides who leads: it always believes that it does. */
function writer({ namespace, folder }: Place, intercept?: Intercept) {
  const transport = new Transport({
    connection: connect({ kubeconfig: bed.adminKubeconfig }),
    userAgent: 'test',
    intercept,
  });
  return new Recorder({
    ...{ clock: systemClock, log, specManager: async () => 'test' },
    ...{
      pages: new PageStore(transport, namespace),
      signing: new SigningKeys(transport, namespace),
      folder: new ExportFolder(folder),
    },
  });
}

const STREAM = 'namespace-acme';
const show = (recorder: Recorder, object: KubeObject, stream = STREAM) => recorder.record(recorded, object, stream);

function vm(name: string, spec: object, uid = `uid-${name}`): KubeObject {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'ManagedVM',
    metadata: { name, namespace: 'acme', uid, generation: 1 },
    spec: { ...spec },
  };
}

async function pagesOf({ namespace }: Place): Promise<RecordPage[]> {
  const pages: RecordPage[] = await api.list(recordPage, namespace);
  return pages.toSorted((a, b) => a.spec.number - b.spec.number);
}

const recordsOf = async (at: Place) =>
  (await pagesOf(at)).flatMap(({ spec }) => spec.entries.map(line => JSON.parse(line)));
const verified = ({ folder }: Place) => verifyFolder({ folder, json: false, heads: [], firstKey: undefined });

async function askForRotation({ namespace }: Place, reason: string): Promise<void> {
  await api.edit(Secret, namespace, 'steward-record-key', { stringData: { rotate: reason } });
}

/** All that a writer does, in an order that a restart may cut anywhere: many objects, changes, what goes, another key, the export. */
async function life(recorder: Recorder, at: Place): Promise<void> {
  const all = Array.from({ length: 70 }, (_, index) => vm(`vm-${index}`, { serviceLevel: 'Admin' }));
  await Promise.all(all.map(object => show(recorder, object)));
  await show(recorder, vm('vm-0', { serviceLevel: 'AdvancedMonitoringAndPatching' }));
  await recorder.tidy();
  await askForRotation(at, 'yearly');
  await recorder.tidy();
  await show(recorder, vm('vm-1', { serviceLevel: 'AdvancedMonitoringAndPatching' }));
  await recorder.sweep(recorded, ({ name }) => (name === 'vm-2' ? 'Gone' : 'Unknown'));
  await recorder.tidy();
}

/** What a successor sees, which is shown only what there is at the end. */
async function aftermath(recorder: Recorder): Promise<void> {
  const changed = new Set([0, 1]);
  const left = Array.from({ length: 70 }, (_, index) => index).filter(index => index !== 2);
  const level = (index: number) => (changed.has(index) ? 'AdvancedMonitoringAndPatching' : 'Admin');
  await Promise.all(left.map(index => show(recorder, vm(`vm-${index}`, { serviceLevel: level(index) }))));
  await recorder.sweep(recorded, ({ name }) => (name === 'vm-2' ? 'Gone' : 'Unknown'));
  await recorder.tidy();
}

type Told = {
  readonly what: string;
  readonly object?: { readonly name: string };
  readonly after?: { 'spec.serviceLevel'?: string };
};

/** However often the writer was ended: nothing stands there twice, and what stands there last is what holds. */
function expectWhole(records: readonly Told[]): void {
  const lines = records.map(({ what, object, after }) => [what, object?.name, after?.['spec.serviceLevel']].join(' '));
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([]);
  const levels = new Map(
    records.flatMap(({ object, after }) => (object === undefined ? [] : [[object.name, after?.['spec.serviceLevel']]])),
  );
  expect(levels.get('vm-2')).toBeUndefined();
  levels.delete('vm-2');
  expect([levels.size, levels.get('vm-0'), levels.get('vm-1')]).toEqual([
    69,
    ...Array(2).fill('AdvancedMonitoringAndPatching'),
  ]);
}

describe('the record writer (MO-16, GE-8)', () => {
  test('writes what it is shown once, exports it, and rotates its key by a signed record', async () => {
    const at = await place();
    await life(writer(at), at);
    const records = await recordsOf(at);
    expectWhole(records);
    expect(records.find(({ what }) => what === 'KeyRotated')).toMatchObject({
      why: { requirements: ['MO-16'], because: 'yearly' },
    });
    expect(verified(at)).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/^namespace-acme: 75 records, .*, keys \w{64} \w{64}, ok\n$/),
    });
    const { data } = await api.get(Secret, at.namespace, 'steward-record-key');
    expect(Object.keys(data)).toEqual(['current']);
  });

  test('neither loses, doubles nor forks when it is ended after any of its writes, or before, or when an answer is lost', async () => {
    let ended = 0;
    for (const fate of ['drop', 'lose'] as const) {
      for (let last = 1; ; last++) {
        const at = await place();
        let dead = false;
        const dying = callFaults((_info, write) => {
          if (dead || (write === last && fate === 'drop')) dead = true;
          else if (write === last) {
            dead = true;
            return 'lose';
          }
          return dead ? 'drop' : 'pass';
        });
        const survived = await life(writer(at, dying), at).then(
          () => true,
          () => false,
        );
        if (survived) break;
        ended += 1;
        await aftermath(writer(at));
        expectWhole(await recordsOf(at));
        const { data } = await api.get(Secret, at.namespace, 'steward-record-key');
        expect(Object.keys(data)).toEqual(['current']);
        expect([fate, last, verified(at)]).toEqual([fate, last, expect.objectContaining({ exitCode: 0 })]);
      }
    }
    expect(ended).toBeGreaterThan(10);
  });

  test('neither doubles nor forks with a second writer that believes that it leads', async () => {
    const at = await place();
    const both = [writer(at), writer(at)];
    const levels = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];
    // One of two writes is refused; what was refused is shown again, as the runtime does it.
    const insisting = async (recorder: Recorder, object: KubeObject) => {
      await eventually(() => show(recorder, object), 30_000, 5);
    };
    for (const serviceLevel of levels) {
      const objects = Array.from({ length: 20 }, (_, index) => vm(`vm-${index}`, { serviceLevel }));
      await Promise.all(both.flatMap(recorder => objects.map(object => insisting(recorder, object))));
    }
    const records = await recordsOf(at);
    const told = records.map(({ what, object, after }) => [what, object?.name, after?.['spec.serviceLevel']].join(' '));
    expect(new Set(told).size).toBe(1 + 3 * 20);
    expect(records.length).toBe(1 + 3 * 20);
    await both[0]?.tidy();
    expect(verified(at)).toMatchObject({ exitCode: 0 });
  });

  test('writes nothing after a restart, and nothing while nothing changes', async () => {
    const at = await place();
    await life(writer(at), at);
    let writes = 0;
    const counting = callFaults((_info, write) => {
      writes = write;
      return 'pass';
    });
    const restarted = writer(at, counting);
    for (let index = 3; index < 70; index++) await show(restarted, vm(`vm-${index}`, { serviceLevel: 'Admin' }));
    await restarted.sweep(recorded, () => 'Unknown');
    await restarted.tidy();
    expect(writes).toBe(0);
  });

  test('keeps a stream bounded: pages leave the cluster that were exported, and what they said of living objects is told again', async () => {
    const at = await place();
    const recorder = writer(at);
    const generations = Array.from({ length: 12 }, (_, generation) => generation);
    for (const generation of generations) {
      const objects = Array.from({ length: 50 }, (_, index) =>
        vm(`vm-${index}`, { generation }, `uid-${generation}-${index}`),
      );
      await Promise.all(objects.map(object => show(recorder, object)));
      await show(recorder, vm('steady', { generation: 0 }));
      await recorder.sweep(recorded, ({ name }) => (name === 'steady' || generation === 11 ? 'Unknown' : 'Gone'));
      await recorder.tidy();
    }
    const pages = await pagesOf(at);
    expect(pages.length).toBeLessThanOrEqual(8 + 2 * 3);
    expect(pages[0]?.spec.number).toBeGreaterThan(1);
    const standing = (await recordsOf(at)).filter(
      ({ what, object }) => what === 'Standing' && object.name === 'steady',
    );
    expect(standing.length).toBeGreaterThan(0);
    expect(verified(at)).toMatchObject({ exitCode: 0 });
    // Who starts now knows the same.
    const restarted = writer(at);
    await show(restarted, vm('steady', { generation: 0 }));
    expect((await pagesOf(at)).at(-1)?.spec.head).toEqual(pages.at(-1)?.spec.head);
  });

  test('lets no page leave that does not lie in the export as it is', async () => {
    const at = await place();
    const recorder = writer(at);
    const fill = async (from: number) => {
      const objects = Array.from({ length: 100 }, (_, index) => vm(`vm-${from + index}`, {}));
      await Promise.all(objects.map(object => show(recorder, object)));
      await recorder.sweep(recorded, () => 'Gone');
    };
    await fill(0);
    await recorder.tidy();
    const file = join(at.folder, 'namespace-acme', '000000000001.jsonl');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, 500));
    for (const from of [100, 200, 300]) await fill(from);
    await recorder.tidy();
    expect((await pagesOf(at))[0]?.spec.number).toBe(1);
    await writeFile(file, text);
    await recorder.tidy();
    expect((await pagesOf(at))[0]?.spec.number).toBeGreaterThan(1);
    expect(verified(at)).toMatchObject({ exitCode: 0 });
  });

  test('stops and says so when its key is lost, makes no other, and goes on when it is back', async () => {
    const at = await place();
    await show(writer(at), vm('vm-0', { serviceLevel: 'Admin' }));
    const { data } = await api.get(Secret, at.namespace, 'steward-record-key');
    await api.remove(Secret, at.namespace, 'steward-record-key');
    const recorder = writer(at);
    expect(await show(recorder, vm('vm-1', { serviceLevel: 'Admin' }))).toBeGreaterThan(0);
    expect(await api.find(Secret, at.namespace, 'steward-record-key')).toBeUndefined();
    const [page] = await pagesOf(at);
    expect(page?.status?.conditions).toMatchObject([
      {
        type: 'Ready',
        status: 'False',
        reason: 'KeyLost',
        message: expect.stringMatching(/^Nothing is recorded any more: .*is gone/),
      },
    ]);
    const back = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'steward-record-key', namespace: at.namespace },
      data,
    };
    await api.create(Secret, back as Stored);
    await recorder.tidy();
    expect(await show(recorder, vm('vm-1', { serviceLevel: 'Admin' }))).toBeUndefined();
    expect((await pagesOf(at))[0]?.status?.conditions).toMatchObject([{ status: 'True', reason: 'Written' }]);
    expect(await recordsOf(at)).toHaveLength(3);
  });

  test('stops where less is in the cluster than was exported: it would write other records under the same numbers', async () => {
    const at = await place();
    await life(writer(at), at);
    const last = (await pagesOf(at)).at(-1);
    await api.remove(recordPage, at.namespace, last?.metadata.name ?? '');
    const recorder = writer(at);
    await show(recorder, vm('vm-9', { serviceLevel: 'MonitoringAndPatching' }));
    expect([...recorder.stopped.values()].map(({ message }) => message)).toEqual([
      'record 75 of namespace-acme was exported, but its pages end with 50',
    ]);
    expect(await pagesOf(at)).toHaveLength(1);
  });

  test('tells in both streams where an object is told of from now on, when its namespace comes under a contract and leaves it', async () => {
    const at = await place();
    const recorder = writer(at);
    const object = vm('vm-0', { serviceLevel: 'Admin' });
    for (const stream of [STREAM, 'contract-acme', STREAM]) {
      await show(recorder, object, stream);
      for (let twice = 0; twice < 2; twice++)
        await recorder.sweep(recorded, () => ({ uid: object.metadata.uid, stream }));
    }
    await recorder.tidy();
    const told = async (stream: string) =>
      (await pagesOf(at))
        .filter(({ spec }) => spec.stream === stream)
        .flatMap(({ spec }) => spec.entries.map(line => JSON.parse(line)))
        .map(({ what, after }) => [what, after?.stream].filter(Boolean).join(' '));
    expect(await told(STREAM)).toEqual(['KeyNamed', 'Appeared', 'Moved contract-acme', 'Appeared']);
    expect(await told('contract-acme')).toEqual(['KeyNamed', 'Appeared', `Moved ${STREAM}`]);
    expect(verified(at)).toMatchObject({ exitCode: 0 });
  });

  test('records one by one what a flapping object does at first, then says how much it left out', async () => {
    const at = await place();
    const recorder = writer(at);
    const state = (index: number) => ({
      ...vm('flapping', {}),
      status: { state: index % 2 === 0 ? 'Running' : 'Stopped' },
    });
    let waits = 0;
    for (let index = 0; index < 40; index++) waits += (await show(recorder, state(index))) === undefined ? 0 : 1;
    expect(await recordsOf(at)).toHaveLength(1 + 1 + 20);
    expect([waits > 0, recorder.leftOut > 0]).toEqual([true, true]);
  });
});

describe('steward record as it runs, under the account that the chart gives it', () => {
  let kubeconfig: string;
  beforeAll(async () => {
    await installChart(bed, { 'records.enabled': 'true', 'crds.enabled': 'false' });
    kubeconfig = await bed.kubeconfigFor('steward-system', 'steward-record');
  });

  test('MO-16: what happens to objects is recorded, by whom, and what is deleted; a restart and rest cost no write', async () => {
    const at = { namespace: 'steward-records', folder: join(root, 'chart') };
    const tenant = 'tenant';
    await api.namespace(tenant);
    const start = () =>
      startRecordWriter(
        {
          ...{
            namespace: 'steward-system',
            watchNamespaces: [tenant],
            guestIntervalMs: 1,
            logLevel: 'silent',
            metricsPort: 0,
            healthPort: 0,
          },
          ...{ recordNamespace: at.namespace, folder: at.folder, identity: 'writer' },
        },
        { connection: connect({ kubeconfig }), log, registry: new OpenRegistry(), everyMs: 200 },
      );
    const first = await start();
    await api.create(managedVM, machine(tenant, 'shop'));
    const mine = async () => (await recordsOf(at)).filter(({ object }) => object?.namespace === tenant);
    const told = async (stream: string) =>
      (await mine()).filter(record => record.stream === stream).map(({ what }) => what);
    await eventually(async () => expect((await mine()).map(({ what }) => what)).toEqual(['Appeared']));
    await api.edit(managedVM, tenant, 'shop', { spec: { powerState: 'Stopped' } });
    await eventually(async () => expect((await mine()).map(({ what }) => what)).toEqual(['Appeared', 'Changed']));
    expect((await mine())[1]).toMatchObject({
      who: { manager: 'test' },
      ...{ before: { 'spec.powerState': 'Running' }, after: { 'spec.powerState': 'Stopped' } },
      object: { kind: 'ManagedVM', name: 'shop', generation: 2 },
    });
    await first.stop();
    const before = (await mine()).length;
    const second = await start();
    await api.create(servicePlan, advancedPlan('advanced', 'lower-saxony'));
    await api.create(contract, contractOf('acme', [tenant], 'advanced'));
    await eventually(async () => expect(await told('namespace-tenant')).toEqual(['Appeared', 'Changed', 'Moved']));
    expect(await told('contract-acme')).toEqual(['Appeared']);
    await api.remove(managedVM, tenant, 'shop');
    await eventually(async () => expect(await told('contract-acme')).toEqual(['Appeared', 'Gone']));
    expect(await mine()).toHaveLength(before + 3);
    await eventually(() => expect(verified(at)).toMatchObject({ exitCode: 0 }));
    await eventually(() => expect(verified(at).text).toMatch(/^contract-acme: 4 records/m));
    await second.stop();
  });
});
