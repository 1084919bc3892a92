import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../api/clock.ts';
import type { KubeObject, ObjectMeta } from '../api/object.ts';
import { Cache } from '../cache/cache.ts';
import { KindView } from '../cache/kindview.ts';
import { createReader } from '../cache/reader.ts';
import { type ScriptedServer, startScriptedServer } from '../http/scriptedserver.ts';
import { Transport } from '../http/transport.ts';
import type { OwnedKind, Reader } from '../pass/controller.ts';
import { ChildRecords } from './childrecords.ts';
import { Client } from './client.ts';
import { createChildOnce } from './createonce.ts';
import { deleteChild } from './deletechild.ts';
import { Family } from './family.ts';
import { labelled, MANAGED_BY, marked } from './ownership.ts';
import { pruneChildren, reapOrphans } from './prune.ts';

const machine = { group: '', version: 'v1', kind: 'Machine', plural: 'machines', namespaced: true };
const rootKind = { group: 'x', version: 'v1', kind: 'Root', plural: 'roots', namespaced: true };
const marks = { manager: 'me', prefix: 'x.example' };
const owner: KubeObject = { apiVersion: 'x/v1', kind: 'Root', metadata: { name: 'o', namespace: 'ns', uid: 'owner' } };
const author = { origin: 'me', urgent: false };

let server: ScriptedServer;
let transport: Transport;
let stop: AbortController;
/** What the API server holds. */
let stored: KubeObject[];

beforeEach(async () => {
  stored = [];
  server = await startScriptedServer((_, response, url) => {
    if (url.pathname.includes('/roots/')) return void response.writeHead(404).end();
    if (!url.searchParams.has('watch')) return void response.end('{"kind":"Status","status":"Success"}');
    for (const object of stored) response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`);
    const metadata = { resourceVersion: '90', annotations: { 'k8s.io/initial-events-end': 'true' } };
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata } })}\n`);
  });
});
afterEach(async () => {
  stop.abort();
  await transport.close();
  await server.close();
});

/** A family whose cache has seen everything that is stored. */
async function familyOf(definition: OwnedKind): Promise<{ family: Family; read: Reader }> {
  transport = new Transport({
    connection: { server: server.url, credentials: async () => ({ headers: {} }) },
    userAgent: 'test',
  });
  const cache = new Cache({ transport, clock: systemClock, log: pino({ level: 'silent' }), namespaces: undefined });
  const demand = { kind: machine, selector: `${MANAGED_BY}=me`, namespace: definition.namespace };
  cache.demand(demand);
  const view = new KindView(cache, machine, cache.sections(demand));
  const root = new KindView(cache, rootKind, []);
  const client = new Client(transport, cache, 'me');
  const family = new Family({
    ...{ marks, root, client, records: new ChildRecords() },
    owned: [{ definition, kind: machine, view }],
  });
  family.addIndexes();
  stop = new AbortController();
  cache.start(stop.signal);
  while (!view.available()) await new Promise(resolve => setImmediate(resolve));
  return { family, read: createReader('test', new Map([['machines.', view]])) };
}

/** A child as it is made; `change` makes something else of it afterwards. */
function child(name: string, namespace = 'ns', change: Partial<ObjectMeta> = {}): KubeObject {
  const desired = { apiVersion: 'v1', kind: 'Machine', metadata: { name, namespace } };
  const made = marked(marks, machine, owner, labelled(marks, rootKind, owner, desired, true));
  const metadata = { ...made.metadata, uid: `uid-of-${name}`, resourceVersion: `${stored.length + 5}`, ...change };
  return { ...made, metadata };
}
/** With labels and annotations, which clones and restores take along. */
const copy = (name: string, namespace: string, of = 'o-machine'): KubeObject => {
  const { labels = {}, annotations = {} } = child(of).metadata;
  return child(name, namespace, { labels, annotations, ownerReferences: [] });
};
const deletions = () => server.requests.filter(request => request.startsWith('DELETE'));
const paths = () => deletions().map(request => request.split('/').at(-1));

describe('who prunes takes away its own children only (design 4)', () => {
  test('a clone, a restore into another namespace and an exported manifest stay', async () => {
    stored = [
      child('o-machine'),
      copy('o-machine-clone', 'ns'),
      copy('o-machine', 'drill'),
      child('exported', 'ns', { annotations: child('o-machine').metadata.annotations ?? {} }),
    ];
    const { family } = await familyOf({ kind: machine });
    await pruneChildren(family, owner, [child('o-machine')], author);
    expect(deletions()).toEqual([]);
  });

  test('what was made under a name that is no longer wanted goes, and nothing else', async () => {
    stored = [child('o-former'), copy('o-former-copy', 'ns', 'o-former'), copy('o-restored', 'ns', 'o-restored')];
    const { family } = await familyOf({ kind: machine });
    await pruneChildren(family, owner, [], author);
    expect(paths()).toEqual(['o-former']);
  });

  test('a child of a version without marks goes where it has a name that is rendered for the owner', async () => {
    stored = ['o-machine', 'copy'].map(name => child(name, 'ns', { annotations: {} }));
    const { family } = await familyOf({ kind: machine, named: (_, { metadata }) => metadata.name === 'o-machine' });
    await pruneChildren(family, owner, [], author);
    expect(paths()).toEqual(['o-machine']);
  });
});

test('a child that was orphaned or restored is not destroyed with its owner', async () => {
  const orphaned = child('o-machine', 'ns', { ownerReferences: [] });
  stored = [orphaned];
  const { family } = await familyOf({ kind: machine });
  await deleteChild(family, owner, orphaned, author);
  expect(deletions()).toEqual([]);
});

test('what is made once is not taken from somebody else who has the name', async () => {
  stored = [copy('o-keys', 'ns')];
  const { family } = await familyOf({ kind: machine });
  const desired = { apiVersion: 'v1', kind: 'Machine', metadata: { name: 'o-keys', namespace: 'ns' } };
  await expect(createChildOnce(family, owner, desired, author)).rejects.toMatchObject({ reason: 'NotOurs' });
});

describe('what an owner that is gone has left in another namespace (AP-13)', () => {
  const far = (...rest: [Partial<ObjectMeta>?]) => child('o-machine', 'far', { ownerReferences: [], ...rest[0] });

  test('is reaped, and a copy of it is not', async () => {
    stored = [far(), child('other', 'far', { annotations: far().metadata.annotations ?? {} })];
    const { family, read } = await familyOf({ kind: machine, namespace: 'far' });
    await reapOrphans(family, 'ns/o', undefined, read, author);
    expect(paths()).toEqual(['o-machine']);
  });

  test('stays for as long as its kind says', async () => {
    stored = [far()];
    const asked: string[] = [];
    const reap = ({ metadata }: KubeObject) => asked.push(metadata.name) === 0;
    const { family, read } = await familyOf({ kind: machine, namespace: 'far', reap });
    await reapOrphans(family, 'ns/o', undefined, read, author);
    expect([asked, deletions()]).toEqual([['o-machine'], []]);
  });
});
