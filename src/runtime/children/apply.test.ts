import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../api/clock.ts';
import type { KubeObject } from '../api/object.ts';
import { Cache } from '../cache/cache.ts';
import { KindView } from '../cache/kindview.ts';
import { type ScriptedServer, startScriptedServer } from '../http/scriptedserver.ts';
import { Transport } from '../http/transport.ts';
import type { OwnedKind } from '../pass/controller.ts';
import { applyChild } from './apply.ts';
import { ChildRecords } from './childrecords.ts';
import { Client } from './client.ts';
import { Family } from './family.ts';
import { MANAGED_BY } from './ownership.ts';

const configMap = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const owner: KubeObject = { apiVersion: 'x/v1', kind: 'Root', metadata: { name: 'o', namespace: 'ns', uid: 'owner' } };
const rootKind = { group: 'x', version: 'v1', kind: 'Root', plural: 'roots', namespaced: true };
const marks = { manager: 'me', prefix: 'x.example' };
const author = { origin: 'me', urgent: false };

let server: ScriptedServer;
let transport: Transport;
let family: Family;
let stop: AbortController;
/** What the server keeps of an applied object: it may rewrite it. */
let keep: (object: KubeObject) => KubeObject;
let say: (event: object) => void;
let version: number;

beforeEach(async () => {
  [version, keep, say] = [10, object => object, () => {}];
  server = await startScriptedServer((request, response, { searchParams }) => {
    if (request.method === 'GET' && !searchParams.has('watch')) {
      response.writeHead(404).end();
      return;
    }
    if (request.method === 'GET') {
      say = event => response.write(`${JSON.stringify(event)}\n`);
      const annotations = { 'k8s.io/initial-events-end': 'true' };
      say({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '10', annotations } } });
      return;
    }
    if (searchParams.has('dryRun')) {
      response.writeHead(404).end();
      return;
    }
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      version += 1;
      const object = keep(JSON.parse(body));
      const metadata = { ...object.metadata, uid: 'child', resourceVersion: String(version) };
      response.writeHead(version === 11 ? 201 : 200).end(JSON.stringify({ ...object, metadata }));
    });
  });
  const connection = { server: server.url, credentials: async () => ({ headers: {} }) };
  transport = new Transport({ connection, userAgent: 'test' });
  const log = pino({ level: 'silent' });
  const cache = new Cache({ transport, clock: systemClock, log, namespaces: undefined });
  const owned: OwnedKind = { kind: configMap };
  const demand = { kind: configMap, selector: `${MANAGED_BY}=me` };
  cache.demand(demand);
  const view = new KindView(cache, configMap, cache.sections(demand));
  const root = new KindView(cache, rootKind, []);
  const client = new Client(transport, cache, 'me');
  const children = [{ definition: owned, kind: configMap, view }];
  family = new Family({ marks, root, owned: children, client, records: new ChildRecords() });
  stop = new AbortController();
  cache.start(stop.signal);
  while (!view.available()) await new Promise(resolve => setImmediate(resolve));
});
afterEach(async () => {
  stop.abort();
  await transport.close();
  await server.close();
});

/** The same family with children that are read by name only. */
const unwatched = () => {
  const { root, client } = family;
  const owned = [{ definition: { kind: configMap, read: 'named' as const }, kind: configMap, view: undefined }];
  return new Family({ marks, root, owned, client, records: new ChildRecords() });
};
const child = (x: string): KubeObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', data: { x } },
  metadata: { name: 'c', namespace: 'ns' },
});
const act = async (x: string) => (await applyChild(family, owner, child(x), author)).action;
const live = () => family.owned[0]?.view?.get({ namespace: 'ns', name: 'c' });
const isRead = (request: string) => request.startsWith('GET') || request.includes('dryRun=All');
const writes = () => server.requests.filter(request => !isRead(request)).length;

async function changed(data: Record<string, string>): Promise<void> {
  version += 1;
  const before = live();
  say({
    type: 'MODIFIED',
    object: { ...before, data, metadata: { ...before?.metadata, resourceVersion: String(version) } },
  });
  while (live()?.metadata.resourceVersion !== String(version)) await new Promise(resolve => setImmediate(resolve));
}

describe('applying a child', () => {
  test('leaves one of ours that is otherwise and suffices as it is, and no other', async () => {
    const suffices = ({ data }: KubeObject) => (data as { x?: string }).x === 'older';
    const apply = async () => (await applyChild(family, owner, { object: child('a'), suffices }, author)).action;
    expect(await apply()).toBe('created');
    await changed({ x: 'older' });
    expect(await apply()).toBe('unchanged');
    expect(writes()).toBe(1);
    await changed({ x: 'tampered' });
    expect(await apply()).toBe('updated');
  });

  test('is read back at once, and not written again while it is as desired', async () => {
    expect(await act('a')).toBe('created');
    expect(live()?.data).toEqual({ x: 'a' });
    expect(await act('a')).toBe('unchanged');
    await changed({ x: 'a', foreign: 'field' });
    expect(await act('a')).toBe('unchanged');
    expect(writes()).toBe(1);
    expect(await act('b')).toBe('updated');
    await changed({ x: 'tampered' });
    expect(await act('b')).toBe('updated');
    expect(writes()).toBe(3);
  });

  test('a value that the server rewrites is written once, whoever changes other fields, and healed when it is changed', async () => {
    keep = object => ({ ...object, data: { x: String((object.data as { x: string }).x).toUpperCase() } });
    expect(await act('a')).toBe('created');
    expect(live()?.data).toEqual({ x: 'A' });
    expect(await act('a')).toBe('unchanged');
    await changed({ x: 'A', foreign: 'field' });
    expect(await act('a')).toBe('unchanged');
    await changed({ x: 'tampered' });
    expect(await act('a')).toBe('updated');
    expect(writes()).toBe(2);
  });

  test('a field that is no longer desired is written once, though nothing desired differs', async () => {
    const two = { ...child('a'), data: { x: 'a', y: 'b' } };
    await applyChild(family, owner, two, author);
    expect(await act('a')).toBe('updated');
    expect(await act('a')).toBe('unchanged');
  });

  test('a child that is being deleted is not applied to, and says since when', async () => {
    await act('a');
    version += 1;
    const deletionTimestamp = '2026-01-01T00:00:00Z';
    const metadata = { ...live()?.metadata, deletionTimestamp, resourceVersion: String(version) };
    say({ type: 'MODIFIED', object: { ...live(), metadata } });
    while (live()?.metadata.deletionTimestamp === undefined) await new Promise(resolve => setImmediate(resolve));
    const { error } = await applyChild(family, owner, child('a'), author);
    expect(error).toMatchObject({ reason: 'Terminating', message: expect.stringContaining(deletionTimestamp) });
    expect(writes()).toBe(1);
  });

  test('the same desired object has the same hash however it was built', async () => {
    await act('a');
    const { kind, metadata, apiVersion, data } = child('a');
    const again = await applyChild(family, owner, { data, metadata, kind, apiVersion }, author);
    expect(again.action).toBe('unchanged');
  });

  const looks = () => server.requests.filter(request => isRead(request) && !request.includes('watch='));

  test('a child that cannot be watched is looked for before it is written, by a patch of nothing that is not kept, for no right to get it is granted', async () => {
    const before = looks().length;
    await applyChild(unwatched(), owner, child('a'), author);
    expect(looks().slice(before)).toEqual(['PATCH /api/v1/namespaces/ns/configmaps/c?fieldManager=me&dryRun=All']);
  });

  test('a child that cannot be watched is not looked for where its owner is known since before its first child', async () => {
    const family = unwatched();
    family.records.begin('owner');
    const before = looks().length;
    await applyChild(family, owner, child('a'), author);
    expect([looks().length - before, writes()]).toEqual([0, 1]);
    expect((await applyChild(family, owner, child('a'), author)).action).toBe('unchanged');
    family.records.deleteOwner('owner');
    expect(family.records.knowsFromTheStart('owner')).toBe(false);
  });
});
