import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { Gauge } from 'prom-client';
import { afterEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../api/manualclock.ts';
import { startHealthServer } from './healthserver.ts';
import { startMetricsServer } from './metricsserver.ts';
import { OpenRegistry } from './registry.ts';

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const host = '127.0.0.1';

const PIECE = 1024 * 1024;

/** Counts how often it is rendered. */
class CountingRegistry extends OpenRegistry {
  readonly #bytes: number;
  rendered = 0;

  constructor(bytes: number) {
    super();
    this.#bytes = bytes;
  }

  override async *pieces(): AsyncGenerator<string> {
    this.rendered += 1;
    for (let left = this.#bytes; left > 0; left -= PIECE) yield 'x'.repeat(Math.min(left, PIECE));
  }
}

async function serving(bytes = 100_000) {
  const [registry, clock] = [new CountingRegistry(bytes), new ManualClock()];
  const server = await startMetricsServer({ port: 0, host, registry, clock });
  cleanups.push(() => server.close());
  return { registry, clock, port: server.port, url: `http://${host}:${server.port}/metrics` };
}

/** Asks, and reads nothing. */
async function slowReader(port: number): Promise<Socket> {
  const socket = connect(port, host).pause();
  socket.on('error', () => {});
  cleanups.push(() => socket.destroy());
  await new Promise(resolve => socket.once('connect', resolve));
  socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  return socket;
}

/** What a reader with this header gets, as it comes. */
async function answerTo(port: number, acceptEncoding: string | undefined) {
  const headers = acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding };
  const [response] = (await once(get({ host, port, path: '/metrics', headers }), 'response')) as [IncomingMessage];
  const body = Buffer.concat(await Array.fromAsync<Buffer>(response));
  return { encoding: response.headers['content-encoding'], body };
}

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

describe('the metrics port (issue 11: runtime/t6b_slow, runtime/t6_metrics)', () => {
  test('renders one text for all who ask at a time', async () => {
    const { registry, clock, url } = await serving();
    const read = async () => (await (await fetch(url)).arrayBuffer()).byteLength;
    const sizes = await Promise.all([read(), read(), read(), read()]);
    expect(sizes).toEqual([100_000, 100_000, 100_000, 100_000]);
    expect(registry.rendered).toBe(1);
    await clock.advance(1_000);
    await read();
    expect(registry.rendered).toBe(2);
  });

  test('cuts off who asks and does not read', async () => {
    // As large as the text of tens of thousands of VMs: more than the kernel's buffers take.
    const { registry, clock, port } = await serving(32 * 1024 * 1024);
    const socket = await slowReader(port);
    let closed = false;
    socket.once('close', () => {
      closed = true;
    });
    await eventually(() => registry.rendered === 1);
    await clock.advance(14_999);
    expect(closed).toBe(false);
    await eventually(() => {
      void clock.advance(1);
      socket.resume();
      return closed;
    });
  });

  test('gives the text compressed to who takes it so, as Prometheus does, and plain to who does not', async () => {
    const { port } = await serving(3 * PIECE);
    for (const header of ['gzip', 'deflate, GZIP;q=0.5', 'gzip, *;q=0']) {
      const { encoding, body } = await answerTo(port, header);
      expect([header, encoding, body.length < PIECE]).toEqual([header, 'gzip', true]);
      expect(gunzipSync(body).length).toBe(3 * PIECE);
    }
    for (const header of [undefined, '', 'identity', 'gzip;q=0', 'gzip;q=0.0', 'x-gzip']) {
      const { encoding, body } = await answerTo(port, header);
      expect([header, encoding, body.length]).toEqual([header, undefined, 3 * PIECE]);
    }
  });

  test('holds no text for who asks and does not read, however many ask and at whatever times', async () => {
    const { registry, clock, port } = await serving(16 * PIECE);
    const before = process.memoryUsage().arrayBuffers;
    for (let reader = 1; reader <= 10; reader += 1) {
      // It has its answer's beginning, and reads no further.
      const [response] = (await once(get({ host, port, path: '/metrics' }), 'response')) as [IncomingMessage];
      response.on('error', () => {});
      cleanups.push(() => response.destroy());
      expect(registry.rendered).toBe(reader);
      await clock.advance(1_000);
    }
    expect((process.memoryUsage().arrayBuffers - before) / (16 * PIECE)).toBeLessThan(5);
  });

  test('has few places, so that a hundred who do not read hold a hundred texts at no time', async () => {
    const { registry, port } = await serving();
    const sockets = await Promise.all(Array.from({ length: 100 }, () => slowReader(port)));
    let dropped = 0;
    for (const socket of sockets) socket.once('close', () => (dropped += 1)).resume();
    await eventually(() => dropped >= 84);
    expect(registry.rendered).toBe(1);
  });
});

test('the health port shows no metrics, and the metrics port nothing else', async () => {
  const registry = new OpenRegistry();
  new Gauge({ name: 'steward_managedvm_info', help: 'x', registers: [registry] }).set(1);
  const metrics = await startMetricsServer({ port: 0, host, registry });
  let ready = false;
  const health = await startHealthServer({ port: 0, host, ready: () => ready, live: () => true });
  cleanups.push(() => Promise.all([metrics.close(), health.close()]));
  const status = async (port: number, path: string, method = 'GET') =>
    (await fetch(`http://${host}:${port}${path}`, { method })).status;
  expect(await status(health.port, '/metrics')).toBe(404);
  expect(await status(metrics.port, '/livez')).toBe(404);
  expect([await status(health.port, '/livez'), await status(health.port, '/healthz')]).toEqual([200, 200]);
  expect(await status(health.port, '/readyz')).toBe(503);
  ready = true;
  expect(await status(health.port, '/readyz')).toBe(200);
  expect(await status(health.port, '/readyz', 'POST')).toBe(405);
  expect(await (await fetch(`http://${host}:${metrics.port}/metrics`)).text()).toContain('steward_managedvm_info 1');
});
