import { afterEach, beforeEach, expect, it } from 'vitest';
import { application, product } from '../../domain/application/product.fixtures.ts';
import { MEASURED } from '../../domain/application/watched.fixtures.ts';
import { APPLICATIONS_QUERY } from '../../domain/policies/applicationwatch.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from '../../runtime/http/scriptedserver.ts';
import type { Asked, Reader } from '../../runtime/pass/controller.ts';
import type { Ordered } from './facts.ts';
import { applicationPrometheus } from './watch.ts';

const { signal } = new AbortController();
const entry = product(MEASURED);
/** A fake: a cache that has one Product and nothing else. */
const read = { get: () => entry, state: () => 'served' } as unknown as Reader;
const asked: Asked = { read, list: async () => [], listAll: async () => [], monotonic: () => 0 };
const at = (minutes: number) => new Date(Date.parse('2026-11-30T12:00:00Z') + minutes * 60_000);
const orders = application() as Ordered;
const other = { ...orders, metadata: { ...orders.metadata, name: 'shop-queue' } };

const series = (name: string, of: string, value = '1', more: object = {}) => ({
  metric: { of, namespace: 'acme', managed_vm: 'shop-db', application: name, ...more },
  value: [1, value],
});
const whole = (name: string) => [
  ...[series(name, 'rules'), series(name, 'probes'), series(name, 'target')],
  ...MEASURED.monitoring.exporter.metrics.map(metric => series(name, 'metric', '1', { metric })),
];
const answering =
  (...result: object[]): Handler =>
  (_, response) =>
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));

let server: ScriptedServer;
let answer: Handler;
beforeEach(async () => {
  answer = answering(...whole('shop-orders'), ...whole('shop-queue'));
  server = await startScriptedServer((...args) => answer(...args));
});
afterEach(() => server.close());

it('is one query for all applications, and wakes only whose answer changed (AP-11)', async () => {
  const settings = { url: server.url, intervalMs: 30_000, toleranceMs: 300_000 };
  const { polls, watchOf } = applicationPrometheus({ ...settings, bearerTokenFile: undefined, caFile: undefined });
  const concerned = async (minute: number) => {
    const concerns = (await polls[0]?.ask(at(minute), signal, asked)) ?? (() => false);
    return [orders, other].filter(concerns).map(({ metadata }) => metadata.name);
  };
  expect(watchOf(orders, entry.spec, read)).toMatchObject({ installed: true, prometheus: { state: 'undecided' } });
  expect(await concerned(0)).toEqual(['shop-orders', 'shop-queue']);
  expect(server.requests).toEqual([`GET /api/v1/query?${new URLSearchParams({ query: APPLICATIONS_QUERY })}`]);
  expect(await concerned(1)).toEqual([]);
  answer = answering(...whole('shop-orders'), ...whole('shop-queue').slice(0, -1));
  expect(await concerned(5)).toEqual([]);
  expect(await concerned(7)).toEqual(['shop-queue']);
  expect(watchOf(other, entry.spec, read).prometheus).toMatchObject({ lacks: ['metric pg_rolled_back'] });
  answer = (_, response) => response.writeHead(503).end();
  expect(await concerned(13)).toEqual(['shop-orders', 'shop-queue']);
  expect(watchOf(orders, entry.spec, read).prometheus).toMatchObject({ state: 'silent' });
});

it('knows nothing where no Prometheus is named', () => {
  const { polls, watchOf } = applicationPrometheus(undefined);
  expect(polls).toEqual([]);
  expect(watchOf(orders, entry.spec, read).prometheus).toBeUndefined();
});
