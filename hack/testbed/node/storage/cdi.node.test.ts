import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  access,
  type FileHandle,
  mkdtemp,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { apply } from '../../client/apply.ts';
import { Client, type KubeObject } from '../../client/client.ts';
import { readCredentials } from '../../controlplane/certificates.ts';
import { layout } from '../../controlplane/controlplane.ts';
import { run } from '../../process/command.ts';
import { startTestBed, type TestBed } from '../../testbed.ts';
import { adminClient } from '../realnode.fixtures.ts';
import { startCdi } from './cdi.ts';
import { volumesFolder } from './folders.ts';

// biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, asked for one field
type Answer = any;

const namespace = 'acme';
const cdi = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}`;
const claims = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`;
const volumes = '/api/v1/persistentvolumes';
const MiB = 2 ** 20;

let bed: TestBed;
let client: Client;
let work: string;
let folder: string;
let images: Record<string, string>;

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'cdi-'));
  images = {
    'steward.testbed/debian:13': join(work, 'debian.raw'),
    'steward.testbed/late:1': join(work, 'late.raw'),
    'https://images.example/debian.raw': join(work, 'debian.raw'),
  };
  bed = await startTestBed({ profile: 'node', parts: ['storage'], onProgress: console.log });
  folder = volumesFolder(bed.dir);
  client = await adminClient(bed);
  await apply(client, object('v1', 'Namespace', namespace));
  await writeImage(join(work, 'debian.raw'));
}, 1_800_000);

afterAll(async () => {
  await client?.close();
  await bed?.stop();
  await rm(work, { recursive: true, force: true });
});

/** 8 MiB with bytes at the start and near the end, and a hole between. */
async function writeImage(file: string): Promise<void> {
  const image = await open(file, 'w');
  await image.truncate(8 * MiB);
  await image.write(randomBytes(64 * 1024), 0, undefined, 0);
  await image.write(randomBytes(64 * 1024), 0, undefined, 7 * MiB + 4096);
  await image.close();
}

let standIn: { stop(): Promise<void> };
beforeEach(async () => {
  standIn = await start();
});
afterEach(() => standIn.stop());

async function start(): Promise<{ stop(): Promise<void> }> {
  const importer = new Client(bed.server, await readCredentials(layout(bed.dir).certificates, 'playedCdi'), 'test-cdi');
  const ending = new AbortController();
  const { signal } = ending;
  const options = { client: importer, folder, images, signal };
  const { ended } = await startCdi({ ...options, report: line => console.log(line) });
  return {
    async stop() {
      ending.abort();
      await ended;
      await importer.close();
    },
  };
}

/** The stand-in in a process of its own, to be killed. */
async function startKillable(imagesOfIt: Record<string, string>): Promise<ChildProcess> {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url));
  const source = `
    import { readCredentials } from ${at('../../controlplane/certificates.ts')};
    import { Client } from ${at('../../client/client.ts')};
    import { startCdi } from ${at('cdi.ts')};
    const credentials = await readCredentials(${JSON.stringify(layout(bed.dir).certificates)}, 'playedCdi');
    await startCdi({
      client: new Client(${JSON.stringify(bed.server)}, credentials, 'killable'),
      folder: ${JSON.stringify(folder)}, images: ${JSON.stringify(imagesOfIt)},
      signal: new AbortController().signal, report: console.log,
    });
    console.log('started');`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

function object(apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject {
  const place = ['Namespace', 'StorageClass'].includes(kind) ? {} : { namespace };
  return { apiVersion, kind, metadata: { name, ...place }, ...rest };
}

const registry = (image: string) => ({ source: { registry: { url: `docker://steward.testbed/${image}` } } });

function dataVolume(name: string, origin: object, size = '16Mi', storageClassName?: string): KubeObject {
  const claim = { resources: { requests: { storage: size } }, ...(storageClassName && { storageClassName }) };
  return object('cdi.kubevirt.io/v1beta1', 'DataVolume', name, { spec: { ...origin, storage: claim } });
}

const get = (path: string) => client.get<Answer>(path);
const condition = (answer: Answer, type: string) =>
  answer.status?.conditions?.find((each: Answer) => each.type === type);
const eventually = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 60_000, interval: 100 });
const gone = (path: string) => eventually(() => expect(get(path)).rejects.toMatchObject({ status: 404 }));
const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const succeeded = (name: string) =>
  eventually(async () => expect((await get(`${cdi}/datavolumes/${name}`)).status?.phase).toBe('Succeeded'));

/** Makes the disk and returns the folder of its volume. */
async function filled(disk: KubeObject): Promise<string> {
  await apply(client, disk);
  await succeeded(disk.metadata.name);
  return volumeOf(disk.metadata.name);
}

async function volumeOf(claim: string): Promise<string> {
  return join(folder, (await get(`${claims}/${claim}`)).spec.volumeName);
}

/** The image, and nothing but zeros behind it. */
async function expectDisk(volume: string, image: string, size: number): Promise<void> {
  const [disk, original] = await Promise.all([readFile(join(volume, 'disk.img')), readFile(image)]);
  expect(disk.length).toBe(size);
  expect(disk.subarray(0, original.length).equals(original)).toBe(true);
  expect(disk.subarray(original.length).every(byte => byte === 0)).toBe(true);
}

describe('a DataVolume', () => {
  it.each([
    ['from a registry', registry('debian:13')],
    ['from a web server', { source: { http: { url: 'https://images.example/debian.raw' } } }],
  ])('%s becomes a disk of the size asked for that begins with the bytes of the image', async (which, origin) => {
    const name = `disk-${which.replaceAll(' ', '-')}`;
    const volume = await filled(dataVolume(name, origin));
    await expectDisk(volume, join(work, 'debian.raw'), 16 * MiB);
    const { mode, blocks, uid, gid } = await stat(join(volume, 'disk.img'));
    expect(mode & 0o777).toBe(0o660);
    expect(blocks * 512).toBeLessThan(MiB);
    expect([uid, gid]).toEqual([107, 107]);
    expect(await readdir(volume)).toEqual(['disk.img']);
  });

  it('says what CDI says when it has succeeded, and its claim holds the disk and the file system around it', async () => {
    await filled(dataVolume('spoken', registry('debian:13')));
    const { status } = await get(`${cdi}/datavolumes/spoken`);
    expect(status).toMatchObject({ phase: 'Succeeded', progress: '100.0%', claimName: 'spoken' });
    expect(condition({ status }, 'Bound')).toMatchObject({ status: 'True', reason: 'Bound' });
    expect(condition({ status }, 'Ready')).toMatchObject({ status: 'True' });
    expect(condition({ status }, 'Running')).toMatchObject({ status: 'False', reason: 'Completed' });
    const claim = await get(`${claims}/spoken`);
    expect(claim.metadata.ownerReferences).toMatchObject([{ kind: 'DataVolume', name: 'spoken', controller: true }]);
    // 16 MiB / 0.94, as CDI computes it by its default overhead.
    expect(claim.status.capacity.storage).toBe('17848103');
  });

  it('without a source is an empty disk', async () => {
    const volume = await filled(dataVolume('empty', { source: { blank: {} } }));
    expect((await stat(join(volume, 'disk.img'))).size).toBe(16 * MiB);
    expect((await stat(join(volume, 'disk.img'))).blocks).toBe(0);
  });

  it('of an image that is not there fails as with CDI, again and again, and recovers when it appears', async () => {
    await apply(client, dataVolume('late', registry('late:1')));
    await eventually(async () => {
      const dv = await get(`${cdi}/datavolumes/late`);
      expect(dv.status).toMatchObject({ phase: 'ImportInProgress' });
      expect(dv.status.restartCount).toBeGreaterThan(1);
      const running = condition(dv, 'Running');
      expect(running).toMatchObject({ status: 'False', reason: 'Error' });
      expect(running.message).toContain('Error reading manifest 1 in steward.testbed/late: manifest unknown');
    });
    expect(await readdir(await volumeOf('late'))).toEqual([]);
    await writeImage(join(work, 'late.partial'));
    await rename(join(work, 'late.partial'), join(work, 'late.raw'));
    await succeeded('late');
    await expectDisk(await volumeOf('late'), join(work, 'late.raw'), 16 * MiB);
  });

  it('smaller than its image fails and says by how much', async () => {
    await apply(client, dataVolume('small', registry('debian:13'), '4Mi'));
    await eventually(async () => {
      const running = condition(await get(`${cdi}/datavolumes/small`), 'Running');
      expect(running?.message).toContain(`${8 * MiB} is larger than the reported available storage ${4 * MiB}`);
    });
  });
});

describe('a copy', () => {
  it('of a claim has the bytes the claim has, by its name and by a DataSource', async () => {
    const original = await filled(dataVolume('original', registry('debian:13')));
    const disk = await open(join(original, 'disk.img'), 'r+');
    await disk.write(Buffer.from('written by the guest'), 0, undefined, 12 * MiB);
    await disk.close();
    await apply(
      client,
      object('cdi.kubevirt.io/v1beta1', 'DataSource', 'debian', {
        spec: { source: { pvc: { namespace, name: 'original' } } },
      }),
    );
    const byName = await filled(dataVolume('by-name', { source: { pvc: { namespace, name: 'original' } } }, '24Mi'));
    const bySource = await filled(
      dataVolume('by-source', { sourceRef: { kind: 'DataSource', name: 'debian' } }, '16Mi'),
    );
    await expectDisk(byName, join(original, 'disk.img'), 24 * MiB);
    await expectDisk(bySource, join(original, 'disk.img'), 16 * MiB);
  });

  it('waits for a source that is not there yet', async () => {
    await apply(client, dataVolume('early', { source: { pvc: { namespace, name: 'follows' } } }));
    await eventually(async () => {
      const dv = await get(`${cdi}/datavolumes/early`);
      expect(dv.status.phase).toBe('CloneScheduled');
      expect(condition(dv, 'Running')).toMatchObject({ status: 'False', reason: 'CloneWithoutSource' });
    });
    await filled(dataVolume('follows', registry('debian:13')));
    await succeeded('early');
    await expectDisk(await volumeOf('early'), join(work, 'debian.raw'), 16 * MiB);
  });

  it('waits while a Pod uses its source', async () => {
    await filled(dataVolume('used', registry('debian:13')));
    const spec = {
      containers: [{ name: 'guest', image: 'steward.testbed/none:1' }],
      volumes: [{ name: 'disk', persistentVolumeClaim: { claimName: 'used' } }],
    };
    await eventually(() => apply(client, object('v1', 'Pod', 'guest', { spec })));
    await apply(client, dataVolume('patient', { source: { pvc: { namespace, name: 'used' } } }));
    await eventually(async () => {
      const running = condition(await get(`${cdi}/datavolumes/patient`), 'Running');
      expect(running).toMatchObject({ status: 'False', reason: 'CloneSourceInUse' });
    });
    await client.delete(`/api/v1/namespaces/${namespace}/pods/guest`, 0);
    await succeeded('patient');
  });

  it('that is killed half way leaves no half disk, and begins anew', async () => {
    await standIn.stop();
    const pipe = await pipeCalled('slow');
    const image = await readFile(join(work, 'debian.raw'));
    const killable = await startKillable({ 'steward.testbed/slow:1': pipe });
    await apply(client, dataVolume('killed', registry('slow:1')));
    const tap = await openTap(pipe);
    await tap.write(image, 0, 4 * MiB);
    const volume = await volumeOf('killed');
    await eventually(async () => expect((await stat(join(volume, 'disk.img.partial'))).size).toBeGreaterThan(0));
    await eventually(async () =>
      expect((await get(`${cdi}/datavolumes/killed`)).status?.phase).toBe('ImportInProgress'),
    );
    killable.kill('SIGKILL');
    await once(killable, 'exit');
    await tap.close();
    expect(await exists(join(volume, 'disk.img'))).toBe(false);
    images['steward.testbed/slow:1'] = join(work, 'debian.raw');
    standIn = await start();
    await succeeded('killed');
    await expectDisk(volume, join(work, 'debian.raw'), 16 * MiB);
    expect(await readdir(volume)).toEqual(['disk.img']);
  });

  it('ends with its DataVolume', async () => {
    const pipe = await pipeCalled('endless');
    images['steward.testbed/endless:1'] = pipe;
    await apply(client, dataVolume('unwanted', registry('endless:1')));
    const tap = await openTap(pipe);
    const volume = await volumeOf('unwanted');
    await client.delete(`${cdi}/datavolumes/unwanted`);
    await gone(`${claims}/unwanted`);
    await eventually(async () => expect(await exists(volume)).toBe(false));
    // The other end of the pipe is closed: nobody copies any more.
    await eventually(() => expect(tap.write('more')).rejects.toMatchObject({ code: 'EPIPE' }));
    await tap.close();
  });
});

/** An image that is read no faster than it is written. */
async function pipeCalled(name: string): Promise<string> {
  const pipe = join(work, name);
  await run('mkfifo', [pipe]);
  return pipe;
}

/** Returns when a copy has opened the pipe; until it is closed the copy does not come to its end. */
async function openTap(pipe: string): Promise<FileHandle> {
  const tap = await open(pipe, 'w');
  onTestFinished(() => tap.close());
  return tap;
}

describe('a volume', () => {
  it('goes with its claim, bytes and all, where the StorageClass says Delete', async () => {
    const volume = await filled(dataVolume('deleted', registry('debian:13')));
    const { volumeName } = (await get(`${claims}/deleted`)).spec;
    await client.delete(`${cdi}/datavolumes/deleted`);
    await gone(`${claims}/deleted`);
    await gone(`${volumes}/${volumeName}`);
    expect(await exists(volume)).toBe(false);
  });

  it('stays, bytes and all, where the StorageClass says Retain, and can be taken up by a new DataVolume', async () => {
    const standard = await get('/apis/storage.k8s.io/v1/storageclasses/standard');
    const { provisioner, allowVolumeExpansion } = standard;
    const keeping = { provisioner, allowVolumeExpansion, reclaimPolicy: 'Retain' };
    await apply(client, object('storage.k8s.io/v1', 'StorageClass', 'keeping', keeping));
    const volume = await filled(dataVolume('kept', registry('debian:13'), '16Mi', 'keeping'));
    const { volumeName } = (await get(`${claims}/kept`)).spec;
    await client.delete(`${cdi}/datavolumes/kept`);
    await gone(`${claims}/kept`);
    await eventually(async () => expect((await get(`${volumes}/${volumeName}`)).status.phase).toBe('Released'));
    await expectDisk(volume, join(work, 'debian.raw'), 16 * MiB);

    await client.patch('merge', `${volumes}/${volumeName}`, { spec: { claimRef: null } });
    const spec = {
      storageClassName: 'keeping',
      volumeName,
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '16Mi' } },
    };
    await apply(client, object('v1', 'PersistentVolumeClaim', 'kept', { spec }));
    await eventually(async () => expect((await get(`${claims}/kept`)).status.phase).toBe('Bound'));
    const annotations = { 'cdi.kubevirt.io/allowClaimAdoption': 'true' };
    const adopting = dataVolume('kept', registry('late:1'), '16Mi', 'keeping');
    await filled({ ...adopting, metadata: { ...adopting.metadata, annotations } });
    expect((await get(`${claims}/kept`)).metadata.ownerReferences).toMatchObject([
      { kind: 'DataVolume', name: 'kept' },
    ]);
    await expectDisk(volume, join(work, 'debian.raw'), 16 * MiB);
  });

  it('stays where its own policy was changed to Retain', async () => {
    const volume = await filled(dataVolume('spared', registry('debian:13')));
    const { volumeName } = (await get(`${claims}/spared`)).spec;
    await client.patch('merge', `${volumes}/${volumeName}`, { spec: { persistentVolumeReclaimPolicy: 'Retain' } });
    await client.delete(`${cdi}/datavolumes/spared`);
    await gone(`${claims}/spared`);
    await client.delete(`${volumes}/${volumeName}`);
    await gone(`${volumes}/${volumeName}`);
    expect(await exists(join(volume, 'disk.img'))).toBe(true);
  });

  it('grows when its claim does, and leaves the disk in it to KubeVirt', async () => {
    const volume = await filled(dataVolume('growing', registry('debian:13')));
    const { volumeName } = (await get(`${claims}/growing`)).spec;
    await client.patch('merge', `${claims}/growing`, { spec: { resources: { requests: { storage: '64Mi' } } } });
    await eventually(async () => expect((await get(`${claims}/growing`)).status.capacity.storage).toBe('64Mi'));
    expect((await get(`${volumes}/${volumeName}`)).spec.capacity.storage).toBe('64Mi');
    await expectDisk(volume, join(work, 'debian.raw'), 16 * MiB);
  });

  it('is there for a claim of its own, and empty', async () => {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await apply(client, object('v1', 'PersistentVolumeClaim', 'plain', { spec }));
    await eventually(async () => expect((await get(`${claims}/plain`)).status.phase).toBe('Bound'));
    const volume = await volumeOf('plain');
    expect(await readdir(volume)).toEqual([]);
    await writeFile(join(volume, 'anything'), '');
    await client.delete(`${claims}/plain`);
    await eventually(async () => expect(await exists(volume)).toBe(false));
  });
});
