import { afterEach, beforeEach, expect, it } from 'vitest';
import { application, product } from '../../domain/application/product.fixtures.ts';
import { watchedOf } from '../../domain/application/watched.ts';
import { ADVICE_QUERY } from '../../domain/policies/advicewatch.ts';
import { type ScriptedServer, startScriptedServer } from '../../runtime/http/scriptedserver.ts';
import type { Asked, Reader } from '../../runtime/pass/controller.ts';
import { advicePrometheus } from './advicewatch.ts';
import type { Ordered } from './facts.ts';

const entry = product();
/** A fake: a cache that has one Product and nothing else. */
const read = { get: () => entry, state: () => 'served' } as unknown as Reader;
const asked: Asked = { read, list: async () => [], listAll: async () => [], monotonic: () => 0 };
const at = (minutes: number) => new Date(Date.parse('2026-11-30T12:00:00Z') + minutes * 60_000);
const orders = application() as Ordered;
const basic = { ...orders, spec: { ...orders.spec, serviceLevel: 'Basic' as const } };

const reading = (share: number) =>
  ['peak', 'lasting'].map(of => ({
    metric: { of, namespace: 'acme', managed_vm: 'shop-db', application: 'shop-orders', advisor: 'cpu' },
    value: [1, `${share}`],
  }));

let server: ScriptedServer;
let result: readonly object[];
beforeEach(async () => {
  server = await startScriptedServer((_, response) =>
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } })),
  );
});
afterEach(() => server.close());

it('is one query for all every ten minutes, and wakes only whose reading changed by a point (AP-12)', async () => {
  const settings = { url: server.url, intervalMs: 30_000, toleranceMs: 300_000 };
  const { polls, seenOf } = advicePrometheus({ ...settings, bearerTokenFile: undefined, caFile: undefined });
  expect(polls.map(({ everyMs }) => everyMs)).toEqual([600_000]);
  expect(seenOf(watchedOf(orders, entry.spec))).toBeUndefined();
  const concerned = async (minute: number, share: number) => {
    result = reading(share);
    const concerns = (await polls[0]?.ask(at(minute), new AbortController().signal, asked)) ?? (() => false);
    return [orders, basic].map(concerns);
  };
  expect(await concerned(0, 0.5)).toEqual([true, false]);
  expect(await concerned(10, 0.5)).toEqual([false, false]);
  expect(await concerned(20, 0.509)).toEqual([false, false]);
  expect(await concerned(40, 0.51)).toEqual([true, false]);
  expect(server.requests[0]).toBe(`GET /api/v1/query?${new URLSearchParams({ query: ADVICE_QUERY })}`);
  expect(seenOf(watchedOf(orders, entry.spec))?.readings.get('cpu')).toEqual({ percent: 51, peak: 51 });
});
