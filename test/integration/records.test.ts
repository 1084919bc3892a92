/** The record writer on a real API server, whose rules its pages must follow: two writers, lost keys and pages, and the writer as it runs. Its end after every write is class 16 of the fault suite. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { installChart } from '../../hack/steward/steward.ts';
import { applyCrds } from '../../hack/testbed/client/apply.ts';
import type { KubeObject as Stored } from '../../hack/testbed/client/client.ts';
import { type ObjectStore, startObjectStore } from '../../hack/testbed/objectstore/objectstore.ts';
import { startTestBed, type TestBed } from '../../hack/testbed/testbed.ts';
import { contract } from '../../src/api/contract.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { recordPage } from '../../src/api/recordpage.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { Secret } from '../../src/api/upstream.ts';
import { ExportBucket } from '../../src/controllers/record/exportbucket.ts';
import { startRecordWriter } from '../../src/controllers/record/worker.ts';
import type { KubeObject } from '../../src/runtime/api/object.ts';
import { Bucket } from '../../src/runtime/http/bucket.ts';
import { connect } from '../../src/runtime/http/connection.ts';
import { OpenRegistry } from '../../src/runtime/observe/registry.ts';
import { readCrds } from './api/support/server.ts';
import { callFaults } from './runtime/support/faults.ts';
import { Api } from './support/api.ts';
import { eventually } from './support/eventually.ts';
import { advancedPlan, contractOf, machine } from './support/orders.ts';
import { flawIn, life, RecordPlace, recorded, STREAM, show, vm } from './support/recordplace.ts';

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

async function place(): Promise<RecordPlace> {
  places += 1;
  const namespace = `records-${places}`;
  const made = new RecordPlace(api.client, bed.adminKubeconfig, { namespace, folder: join(root, namespace) });
  await made.make();
  return made;
}

describe('the record writer (MO-16, GE-8)', () => {
  test('writes what it is shown once, exports it, and rotates its key by a signed record', async () => {
    const at = await place();
    await life(at.writer(), at);
    const records = await at.records();
    expect(flawIn(records)).toBeUndefined();
    expect(records.find(({ what }) => what === 'KeyRotated')).toMatchObject({
      why: { requirements: ['MO-16'], because: 'yearly' },
    });
    expect(at.verified()).toMatchObject({
      exitCode: 0,
      text: expect.stringMatching(/^namespace-acme: 75 records, .*, keys \w{64} \w{64}, ok\n$/),
    });
    expect(await at.keys()).toEqual(['current']);
  });

  test('neither doubles nor forks with a second writer that believes that it leads', async () => {
    const at = await place();
    const both = [at.writer(), at.writer()];
    const levels = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];
    // One of two writes is refused; what was refused is shown again, as the runtime does it.
    const insisting = async (recorder: (typeof both)[number], object: KubeObject) => {
      await eventually(() => show(recorder, object), 30_000, 5);
    };
    for (const serviceLevel of levels) {
      const objects = Array.from({ length: 20 }, (_, index) => vm(`vm-${index}`, { serviceLevel }));
      await Promise.all(both.flatMap(recorder => objects.map(object => insisting(recorder, object))));
    }
    const records = await at.records();
    const told = records.map(({ what, object, after }) => [what, object?.name, after?.['spec.serviceLevel']].join(' '));
    expect(new Set(told).size).toBe(1 + 3 * 20);
    expect(records.length).toBe(1 + 3 * 20);
    await both[0]?.tidy();
    expect(at.verified()).toMatchObject({ exitCode: 0 });
  });

  test('writes nothing after a restart, and nothing while nothing changes', async () => {
    const at = await place();
    await life(at.writer(), at);
    let writes = 0;
    const counting = callFaults((_info, write) => {
      writes = write;
      return 'pass';
    });
    const restarted = at.writer(counting);
    for (let index = 3; index < 70; index++) await show(restarted, vm(`vm-${index}`, { serviceLevel: 'Admin' }));
    await restarted.sweep(recorded, () => 'Unknown');
    await restarted.tidy();
    expect(writes).toBe(0);
  });

  test('keeps a stream bounded: pages leave the cluster that were exported, and what they said of living objects is told again', async () => {
    const at = await place();
    const recorder = at.writer();
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
    const pages = await at.pages();
    expect(pages.length).toBeLessThanOrEqual(8 + 2 * 3);
    expect(pages[0]?.spec.number).toBeGreaterThan(1);
    const standing = (await at.records()).filter(
      ({ what, object }) => what === 'Standing' && object?.name === 'steady',
    );
    expect(standing.length).toBeGreaterThan(0);
    expect(at.verified()).toMatchObject({ exitCode: 0 });
    // Who starts now knows the same.
    const restarted = at.writer();
    await show(restarted, vm('steady', { generation: 0 }));
    expect((await at.pages()).at(-1)?.spec.head).toEqual(pages.at(-1)?.spec.head);
  });

  test('lets no page leave that does not lie in the export as it is', async () => {
    const at = await place();
    const recorder = at.writer();
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
    expect((await at.pages())[0]?.spec.number).toBe(1);
    await writeFile(file, text);
    await recorder.tidy();
    expect((await at.pages())[0]?.spec.number).toBeGreaterThan(1);
    expect(at.verified()).toMatchObject({ exitCode: 0 });
  });

  test('stops and says so when its key is lost, makes no other, and goes on when it is back', async () => {
    const at = await place();
    await show(at.writer(), vm('vm-0', { serviceLevel: 'Admin' }));
    const { data } = await api.get(Secret, at.namespace, 'steward-record-key');
    await api.remove(Secret, at.namespace, 'steward-record-key');
    const recorder = at.writer();
    expect(await show(recorder, vm('vm-1', { serviceLevel: 'Admin' }))).toBeGreaterThan(0);
    expect(await api.find(Secret, at.namespace, 'steward-record-key')).toBeUndefined();
    const [page] = await at.pages();
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
    expect((await at.pages())[0]?.status?.conditions).toMatchObject([{ status: 'True', reason: 'Written' }]);
    expect(await at.records()).toHaveLength(3);
  });

  test('stops where less is in the cluster than was exported: it would write other records under the same numbers', async () => {
    const at = await place();
    await life(at.writer(), at);
    const last = (await at.pages()).at(-1);
    await api.remove(recordPage, at.namespace, last?.metadata.name ?? '');
    const recorder = at.writer();
    await show(recorder, vm('vm-9', { serviceLevel: 'MonitoringAndPatching' }));
    expect([...recorder.stopped.values()].map(({ message }) => message)).toEqual([
      'record 75 of namespace-acme was exported, but its pages end with 50',
    ]);
    expect(await at.pages()).toHaveLength(1);
  });

  test('tells in both streams where an object is told of from now on, when its namespace comes under a contract and leaves it', async () => {
    const at = await place();
    const recorder = at.writer();
    const object = vm('vm-0', { serviceLevel: 'Admin' });
    for (const stream of [STREAM, 'contract-acme', STREAM]) {
      await show(recorder, object, stream);
      for (let twice = 0; twice < 2; twice++)
        await recorder.sweep(recorded, () => ({ uid: object.metadata.uid, stream }));
    }
    await recorder.tidy();
    const told = async (stream: string) =>
      (await at.pages())
        .filter(({ spec }) => spec.stream === stream)
        .flatMap(({ spec }) => spec.entries.map(line => JSON.parse(line)))
        .map(({ what, after }) => [what, after?.stream].filter(Boolean).join(' '));
    expect(await told(STREAM)).toEqual(['KeyNamed', 'Appeared', 'Moved contract-acme', 'Appeared']);
    expect(await told('contract-acme')).toEqual(['KeyNamed', 'Appeared', `Moved ${STREAM}`]);
    expect(at.verified()).toMatchObject({ exitCode: 0 });
  });

  test('records one by one what a flapping object does at first, then says how much it left out', async () => {
    const at = await place();
    const recorder = at.writer();
    const state = (index: number) => ({
      ...vm('flapping', {}),
      status: { state: index % 2 === 0 ? 'Running' : 'Stopped' },
    });
    let waits = 0;
    for (let index = 0; index < 40; index++) waits += (await show(recorder, state(index))) === undefined ? 0 : 1;
    expect(await at.records()).toHaveLength(1 + 1 + 20);
    expect([waits > 0, recorder.leftOut > 0]).toEqual([true, true]);
  });
});

describe('exported to a bucket of a real object store (MO-16)', () => {
  let store: ObjectStore;
  let bucket: string;
  let credentials: string;

  beforeAll(async () => {
    store = await startObjectStore(join(root, 'store'), bed.binaries);
    bucket = await store.createBucket('records');
    credentials = join(root, 'credentials');
    await mkdir(credentials);
    await writeFile(join(credentials, 'AWS_ACCESS_KEY_ID'), store.accessKeyId);
    await writeFile(join(credentials, 'AWS_SECRET_ACCESS_KEY'), store.secretAccessKey);
  });
  afterAll(() => store?.stop());

  const address = () => ({ endpoint: new URL(store.endpoint), name: 'records', region: store.region });

  /** A place whose export lies in the bucket, below a prefix of its own. */
  async function bucketPlace(): Promise<RecordPlace> {
    places += 1;
    const namespace = `records-${places}`;
    const exported = new ExportBucket({ ...address(), prefix: `${namespace}/`, credentials }, () => new Date());
    const place = { namespace, folder: join(bucket, namespace), store: exported };
    const made = new RecordPlace(api.client, bed.adminKubeconfig, place);
    await made.make();
    return made;
  }

  test('the export is the same files, to which two writers at once add and nothing of which they overwrite', async () => {
    const at = await bucketPlace();
    const writers = [at.writer(), at.writer()];
    await life(at.writer(), at);
    expect(at.verified()).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^namespace-acme: 75 records, /) });
    for (const serviceLevel of ['MonitoringAndPatching', 'Admin']) {
      const changed = vm('vm-9', { serviceLevel });
      await Promise.all(writers.map(writer => eventually(() => show(writer, changed), 30_000, 5)));
      await Promise.allSettled(writers.map(writer => writer.tidy()));
    }
    await eventually(async () => {
      await Promise.allSettled(writers.map(writer => writer.tidy()));
      expect(at.verified()).toMatchObject({
        exitCode: 0,
        text: expect.stringMatching(/^namespace-acme: 77 records, /),
      });
    });
  });

  test('what is refused is exported as soon as it is not, and what others have put there stays', async () => {
    const at = await bucketPlace();
    const recorder = at.writer();
    await show(recorder, vm('vm-0', { serviceLevel: 'Admin' }));
    const secret = join(credentials, 'AWS_SECRET_ACCESS_KEY');
    await writeFile(secret, 'another');
    await expect(recorder.tidy()).rejects.toThrow('403 SignatureDoesNotMatch');
    await writeFile(secret, store.secretAccessKey);
    await recorder.tidy();
    expect(at.verified()).toMatchObject({ exitCode: 0, text: expect.stringMatching(/^namespace-acme: 2 records, /) });

    const others = await bucketPlace();
    const parts = { now: () => new Date(), timeoutMs: 30_000, limitBytes: 1_000, credentials: async () => store };
    const by = new Bucket({ ...address(), ...parts });
    const name = `${others.namespace}/${STREAM}/000000000001.jsonl`;
    expect(await by.put(name, 'of somebody else\n', undefined)).toBe(true);
    const stopped = others.writer();
    await show(stopped, vm('vm-0', { serviceLevel: 'Admin' }));
    await stopped.tidy();
    expect([...stopped.stopped.values()].map(({ message }) => message)).toEqual([
      expect.stringContaining('holds other records than the page 1'),
    ]);
    expect((await by.get(name))?.text).toBe('of somebody else\n');
    await by.close();
  });
});

describe('steward record as it runs, under the account that the chart gives it', () => {
  let kubeconfig: string;
  beforeAll(async () => {
    await installChart(bed, { 'records.enabled': 'true', 'crds.enabled': 'false' });
    kubeconfig = await bed.kubeconfigFor('steward-system', 'steward-record');
  });

  test('MO-16: what happens to objects is recorded, by whom, and what is deleted; a restart and rest cost no write', async () => {
    const at = new RecordPlace(api.client, bed.adminKubeconfig, {
      ...{ namespace: 'steward-records', folder: join(root, 'chart') },
    });
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
          ...{ recordNamespace: at.namespace, exportTo: { folder: at.folder }, identity: 'writer' },
        },
        {
          connection: connect({ kubeconfig }),
          log: pino({ enabled: false }),
          registry: new OpenRegistry(),
          everyMs: 200,
        },
      );
    const first = await start();
    await api.create(managedVM, machine(tenant, 'shop'));
    const mine = async () => (await at.records()).filter(({ object }) => object?.namespace === tenant);
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
    await eventually(() => expect(at.verified()).toMatchObject({ exitCode: 0 }));
    await eventually(() => expect(at.verified().text).toMatch(/^contract-acme: 4 records/m));
    await second.stop();
  });
});
