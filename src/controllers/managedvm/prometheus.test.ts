import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { managedVM } from '../../domain/managedvm/assessment.fixtures.ts';
import { EVENT_SENSORS } from '../../domain/monitoring/guestevents.ts';
import { WATCH_QUERY } from '../../domain/monitoring/prometheuswatch.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { createReader } from '../../runtime/cache/reader.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from '../../runtime/http/scriptedserver.ts';
import type { Asked } from '../../runtime/pass/controller.ts';
import { prometheusOf } from './prometheus.ts';

const { signal } = new AbortController();
/** At which it does not look. */
const cluster: Asked = {
  read: createReader('test', new Map()),
  list: async () => [],
  listAll: async () => [],
  monotonic: () => 0,
};
const START = Date.parse('2026-11-23T12:00:00Z');
const at = (minutes: number) => new Date(START + minutes * 60_000);
const shop = managedVM() as ReturnType<typeof managedVM> & KubeObject;
const other = { ...shop, metadata: { ...shop.metadata, name: 'shop-web' } };

type Series = readonly [Record<string, string>, string];
const of = (name: string, up = '1'): Series[] => [
  [{ of: 'order', namespace: 'acme', managed_vm: name }, '1'],
  [{ of: 'machine', namespace: 'acme', name }, '1'],
  [{ of: 'target', namespace: 'acme', managed_vm: name }, up],
  ...EVENT_SENSORS.map((sensor): Series => [{ of: 'sensor', namespace: 'acme', managed_vm: name, sensor }, '1']),
];
const rules: Series = [{ of: 'rules', namespace: 'acme' }, '1'];
const vector = (...series: Series[]) =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: series.map(([metric, value]) => ({ metric, value: [1, value] })) },
  });

let server: ScriptedServer;
let answer: Handler;
let registry: Registry;
beforeEach(async () => {
  registry = new Registry();
  answer = (_, response) => response.end(vector(rules, ...of('shop-db'), ...of('shop-web')));
  server = await startScriptedServer((...args) => answer(...args));
});
afterEach(() => server.close());

const start = (changed = {}) =>
  prometheusOf(
    {
      ...{ url: `${server.url}/prefix`, intervalMs: 30_000, toleranceMs: 300_000 },
      ...{ bearerTokenFile: undefined, caFile: undefined },
      ...changed,
    },
    registry,
  );
const value = async (name: string) => (await registry.getSingleMetric(name)?.get())?.values[0]?.value;

describe('asking Prometheus', () => {
  it('is one query for all VMs, below the path of the address', async () => {
    const prometheus = start();
    await prometheus.source.ask(at(0), signal, cluster);
    expect(server.requests).toEqual([`GET /prefix/api/v1/query?${new URLSearchParams({ query: WATCH_QUERY })}`]);
    expect(prometheus.watchOver(shop)).toEqual({ state: 'answers', lacks: [] });
  });

  it('concerns everyone at the first answer, nobody while nothing changes, and then the VM that changed', async () => {
    const { source, watchOver } = start();
    expect(watchOver(shop)).toEqual({ state: 'undecided' });
    const concerned = async (minute: number) => {
      const concerns = await source.ask(at(minute), signal, cluster);
      return [shop, other].filter(concerns).map(({ metadata }) => metadata.name);
    };
    expect(await concerned(0)).toEqual(['shop-db', 'shop-web']);
    for (const minute of [1, 2, 3, 4, 5, 6]) expect(await concerned(minute)).toEqual([]);
    answer = (_, response) => response.end(vector(rules, ...of('shop-db', '0'), ...of('shop-web')));
    for (const minute of [7, 8, 9, 10, 11]) expect(await concerned(minute)).toEqual([]);
    expect(await concerned(12)).toEqual(['shop-db']);
    expect(watchOver(shop)).toEqual({ state: 'answers', lacks: ['scrape'], lastSeen: { scrape: at(6) } });
    answer = (_, response) => response.writeHead(503).end();
    for (const minute of [13, 14, 15, 16, 17]) expect(await concerned(minute)).toEqual([]);
    expect(await concerned(18)).toEqual(['shop-db', 'shop-web']);
    expect(watchOver(other)).toEqual({ state: 'silent', since: at(12), why: 'it answers with status 503' });
    answer = (_, response) => response.writeHead(500).end();
    expect(await concerned(19)).toEqual([]);
  });

  it('sends the token that is in the file now', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'steward-prometheus-'));
    const bearerTokenFile = join(folder, 'token');
    const { source } = start({ bearerTokenFile });
    const sent: (string | undefined)[] = [];
    answer = ({ headers }, response) => {
      sent.push(headers.authorization);
      response.end(vector());
    };
    for (const token of ['first\n', 'second']) {
      await writeFile(bearerTokenFile, token);
      await source.ask(at(0), signal, cluster);
    }
    await rm(folder, { recursive: true });
    expect(sent).toEqual(['Bearer first', 'Bearer second']);
    await source.ask(at(6), signal, cluster);
    expect(await value('steward_prometheus_failures_total')).toBe(1);
  });

  it('says in its metrics when it last had an answer, and counts what failed', async () => {
    const { source } = start();
    await source.ask(at(0), signal, cluster);
    answer = (_, response) => response.end('{}');
    await source.ask(at(1), signal, cluster);
    expect(await value('steward_prometheus_last_success_timestamp_seconds')).toBe(START / 1000);
    expect(await value('steward_prometheus_failures_total')).toBe(1);
  });

  it('cut off by the end of the process is no failure', async () => {
    const ending = new AbortController();
    answer = () => ending.abort();
    const { source } = start();
    const concerns = await source.ask(at(0), ending.signal, cluster);
    expect(concerns(shop)).toBe(false);
    expect(await value('steward_prometheus_failures_total')).toBe(0);
  });
});
