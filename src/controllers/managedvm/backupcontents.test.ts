import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { managedVM, UID } from '../../domain/managedvm/assessment.fixtures.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from '../../runtime/http/scriptedserver.ts';
import type { Asked, Reader } from '../../runtime/pass/controller.ts';
import { backupContentsOf } from './backupcontents.ts';

const { signal } = new AbortController();
const shop = managedVM() as ReturnType<typeof managedVM> & KubeObject;
const other = { ...shop, metadata: { ...shop.metadata, name: 'shop-web', uid: 'another' } };
const volumes = [{ pvcNamespace: 'acme', pvcName: 'shop-db-root', backupMethod: 'CSISnapshot', result: 'succeeded' }];
const held: Handler = (_, response) => response.end(gzipSync(JSON.stringify(volumes)));

let server: ScriptedServer;
let answer: Handler;
beforeEach(async () => {
  answer = held;
  server = await startScriptedServer((...args) => answer(...args));
});
afterEach(() => server.close());

/** A DownloadRequest of ours for the Backup `daily-1` of UID `b1`, as Velero leaves it. */
const request = (uid: string, changed: object = {}) => ({
  ...{ apiVersion: 'velero.io/v1', kind: 'DownloadRequest' },
  metadata: { name: 'steward-b1', namespace: 'velero', uid, labels: { 'managed.systems/owner-uid': UID } },
  spec: { target: { kind: 'BackupVolumeInfos', name: 'daily-1' } },
  status: { phase: 'Processed', downloadURL: `${server.url}/bucket/infos.json.gz?signature=x` },
  ...changed,
});

function reading() {
  const contents = backupContentsOf({ veleroNamespace: 'velero' });
  let minutes = 0;
  const ask = async (requests: readonly KubeObject[]) => {
    const read = { get: () => undefined, list: () => requests } as Partial<Reader> as Reader;
    const asked: Asked = { read, list: async () => [], listAll: async () => [], monotonic: () => minutes * 60_000 };
    const concerns = await contents.source.ask(new Date(minutes * 60_000), signal, asked);
    return [shop, other].filter(concerns).map(({ metadata }) => metadata.name);
  };
  const pass = (more: number) => {
    minutes += more;
  };
  return { contents, ask, pass };
}

describe('AP-13: reading what a backup holds', () => {
  it('follows an answer of Velero into the store once, and tells the VM that it is about', async () => {
    const { contents, ask } = reading();
    expect(contents.of('b1')).toBeUndefined();
    expect(await ask([request('r1')])).toEqual(['shop-db']);
    expect(contents.of('b1')).toEqual({ volumes: new Map([['acme/shop-db-root', 'Held']]) });
    expect(await ask([request('r1')])).toEqual([]);
    expect(server.requests).toEqual(['GET /bucket/infos.json.gz?signature=x']);
  });

  it.each<[string, object]>([
    ['that Velero has not answered yet', { status: {} }],
    ['whose answer is no address', { status: { phase: 'Processed', downloadURL: 'not an address' } }],
    ['whose answer is a file of this machine', { status: { phase: 'Processed', downloadURL: 'file:///etc/passwd' } }],
    ['for something else', { spec: { target: { kind: 'BackupLog', name: 'daily-1' } } }],
    ['of somebody else', { metadata: { name: 'kim-4711', namespace: 'velero', uid: 'r1' } }],
  ])('follows no request %s', async (_, changed) => {
    const { contents, ask } = reading();
    expect(await ask([request('r1', changed)])).toEqual([]);
    expect(contents.of('b1')).toBeUndefined();
    expect(server.requests).toEqual([]);
  });

  it.each<[string, Handler, string]>([
    ['refuses', (_, response) => response.writeHead(403).end('<Error/>'), 'it answers with status 403'],
    ['sends something else', (_, response) => response.end('<html>'), 'its answer is not packed with gzip'],
    [
      'sends what Velero never wrote',
      (_, response) => response.end(gzipSync('{"volumes": 7}')),
      'its answer is no list of volumes',
    ],
    [
      'sends a small document that has no end',
      (_, response) => response.end(gzipSync(Buffer.alloc(9_000_000))),
      'its answer is larger than 8388608 bytes',
    ],
  ])('says why where the store %s, and when it is asked again', async (_, handler, failure) => {
    answer = handler;
    const { contents, ask } = reading();
    expect(await ask([request('r1')])).toEqual(['shop-db']);
    expect(contents.of('b1')).toEqual({ failure, retryAt: new Date(15_000) });
  });

  it('waits longer after each failure, an hour at most, and forgets them with the first success', async () => {
    const { contents, ask, pass } = reading();
    answer = (_, response) => response.writeHead(503).end();
    const waits: number[] = [];
    for (let round = 0; round < 12; round += 1) {
      await ask([request(`r${round}`)]);
      const read = contents.of('b1');
      waits.push(read && 'failure' in read ? read.retryAt.getTime() : 0);
    }
    expect(waits.slice(0, 3)).toEqual([15_000, 30_000, 60_000]);
    expect(waits.at(-1)).toBe(3_600_000);
    answer = held;
    pass(1);
    await ask([request('last')]);
    expect(contents.of('b1')).toHaveProperty('volumes');
  });

  it('keeps what it read for as long as a status may wait to be written, and no longer', async () => {
    const { contents, ask, pass } = reading();
    await ask([request('r1')]);
    pass(9);
    await ask([]);
    expect(contents.of('b1')).toBeDefined();
    pass(2);
    await ask([]);
    expect(contents.of('b1')).toBeUndefined();
  });
});
