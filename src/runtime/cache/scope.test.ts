import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../api/clock.ts';
import type { KubeObject } from '../api/object.ts';
import { startScriptedServer } from '../http/scriptedserver.ts';
import { Transport } from '../http/transport.ts';
import { Cache } from './cache.ts';

const kind = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };
const SELECTOR = 'me.example/owner-uid';

function service(name: string, version: number, labels: Record<string, string>): KubeObject {
  const metadata = { name, namespace: 'ns', uid: name, resourceVersion: String(version), labels };
  return { apiVersion: 'v1', kind: 'Service', metadata };
}
const ours = { 'me.example/owner-uid': 'u' };
const theirs = { 'app.kubernetes.io/managed-by': 'platform' };
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const end = (version: number) =>
  line('BOOKMARK', {
    metadata: { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } },
  });

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

/** A cache of Services under our label, on a server that lists `initial(selector)` and then sends what a test says. */
async function watching(initial: (selector: string | null) => string) {
  const watches: { readonly selector: string | null; readonly send: (text: string) => void }[] = [];
  const server = await startScriptedServer((_request, response: ServerResponse, { searchParams }) => {
    const selector = searchParams.get('labelSelector');
    response.flushHeaders();
    if (searchParams.has('sendInitialEvents')) response.write(initial(selector));
    watches.push({ selector, send: text => response.write(text) });
  });
  const transport = new Transport({
    connection: { server: server.url, credentials: async () => ({ headers: {} }) },
    userAgent: 'test',
  });
  const warned: string[] = [];
  const log = pino({ level: 'warn' }, { write: (text: string) => warned.push(JSON.parse(text).msg) });
  const cache = new Cache({ transport, clock: systemClock, log, namespaces: undefined });
  const demand = { kind, selector: SELECTOR };
  cache.demand(demand);
  const [section] = cache.sections(demand);
  if (section === undefined) throw new Error('no section');
  const stop = new AbortController();
  cache.start(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await transport.close();
    await server.close();
  });
  await eventually(() => section.state() === 'served');
  const names = () => [...section.store.values()].map(({ metadata }) => metadata.name).sort();
  return { cache, section, watches, names, warned };
}

describe('objects of ours that an admission policy puts outside the selector (issue 11, selector exit)', () => {
  const all = line('ADDED', service('stray', 6, theirs)) + line('ADDED', service('foreign', 4, theirs));
  const selected = line('ADDED', service('mine', 5, ours));

  async function strayed() {
    const found = await watching(selector => selected + (selector === null ? all : '') + end(10));
    const { section, watches } = found;
    section.store.writing('ns/stray');
    section.wrote(service('stray', 6, theirs), 'me', true);
    await eventually(() => watches.length === 2 && section.store.get('ns/stray') !== undefined);
    return found;
  }

  test('are watched all the same, by watching everything and holding only what is ours', async () => {
    const { section, watches, names, warned } = await strayed();
    expect(watches.map(({ selector }) => selector)).toEqual([SELECTOR, null]);
    expect(warned).toEqual([expect.stringContaining('an admission policy rewrites the labels')]);
    watches[1]?.send(line('MODIFIED', service('foreign', 11, theirs)) + line('MODIFIED', service('stray', 12, theirs)));
    await eventually(() => section.store.get('ns/stray')?.metadata.resourceVersion === '12');
    expect(names()).toEqual(['mine', 'stray']);
  });

  test('are told when they are gone, and what leaves the selector otherwise leaves the cache', async () => {
    const { watches, names } = await strayed();
    watches[1]?.send(line('DELETED', service('stray', 12, theirs)) + line('MODIFIED', service('mine', 13, theirs)));
    await eventually(() => names().length === 0);
  });

  test('cost nothing further when there are more of them', async () => {
    const { section, watches, names, warned } = await strayed();
    section.store.writing('ns/other');
    section.wrote(service('other', 14, theirs), 'me', true);
    watches[1]?.send(line('ADDED', service('other', 14, theirs)) + line('MODIFIED', service('mine', 15, ours)));
    await eventually(() => section.store.get('ns/mine')?.metadata.resourceVersion === '15');
    expect(names()).toEqual(['mine', 'other', 'stray']);
    expect([watches.length, warned.length]).toEqual([2, 1]);
  });

  test('are deleted in the cache as soon as our delete is answered', async () => {
    const { cache, section } = await strayed();
    expect(cache.holding(kind, service('stray', 6, theirs))).toEqual([section]);
    expect(cache.holding(kind, service('foreign', 4, theirs))).toEqual([]);
  });
});
