import { afterEach, describe, expect, test } from 'vitest';
import { NotLeader } from '../api/errors.ts';
import { ManualClock } from '../api/manualclock.ts';
import { startRefusingProxy } from './refusingproxy.fixtures.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from './scriptedserver.ts';
import { Transport, type TransportSettings } from './transport.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function connected(
  handler: Handler,
  more: Partial<TransportSettings> = {},
): Promise<[Transport, ScriptedServer]> {
  const server = await startScriptedServer(handler);
  const connection = { server: server.url, credentials: async () => ({ headers: { Authorization: 'Bearer one' } }) };
  const transport = new Transport({ connection, userAgent: 'test', ...more });
  open.push(server, transport);
  return [transport, server];
}

describe('the transport', () => {
  test('goes through the proxy that the connection names, for calls and for watches (runtime/t10_proxy)', async () => {
    const proxy = await startRefusingProxy();
    open.push(proxy);
    const connection = {
      ...{ server: 'https://api.example:6443', proxy: proxy.url },
      credentials: async () => ({ headers: {} }),
    };
    const transport = new Transport({ connection, userAgent: 'test' });
    open.push(transport);
    await expect(transport.call({ method: 'GET', path: '/version' })).rejects.toMatchObject({ status: 0 });
    const stream = transport.stream({ path: '/watch' }, () => {}, new AbortController().signal);
    await expect(stream).rejects.toMatchObject({ status: 0 });
    expect(proxy.asked).toEqual(['api.example:6443', 'api.example:6443']);
  });

  test('429 with Retry-After is sent again after that time, without it it is the error of the call', async () => {
    const clock = new ManualClock();
    let left = 2;
    const [transport, server] = await connected(
      (_request, response, url) => {
        if (url.pathname === '/once') left -= 1;
        const refused = url.pathname === '/always' || (url.pathname === '/once' && left >= 0);
        response.writeHead(refused ? 429 : 200, url.pathname === '/always' ? {} : { 'retry-after': '3' });
        response.end('{"reason":"TooManyRequests","message":"later"}');
      },
      { clock },
    );
    const asked = () => server.requests.filter(request => request === 'GET /once').length;
    const call = transport.call({ method: 'GET', path: '/once' });
    for (const times of [1, 2]) {
      await eventually(() => asked() === times);
      // Other requests go on meanwhile; this one waits.
      for (let i = 0; i < 3; i += 1) await transport.call({ method: 'GET', path: '/other' });
      await clock.advance(2999);
      for (let i = 0; i < 3; i += 1) await transport.call({ method: 'GET', path: '/other' });
      expect(asked()).toBe(times);
      await clock.advance(1);
    }
    expect((await call).status).toBe(200);
    expect(asked()).toBe(3);
    const refused = transport.call({ method: 'GET', path: '/always' });
    await expect(refused).rejects.toMatchObject({ status: 429, reason: 'TooManyRequests', message: 'later' });
  });

  test('no more calls are in flight than the cap, urgent ones go first, and the lease is not held up', async () => {
    const waiting: (() => void)[] = [];
    let most = 0;
    const [transport, server] = await connected(
      (_request, response) => {
        waiting.push(() => response.end('{}'));
        most = Math.max(most, waiting.length);
      },
      { inFlight: 2 },
    );
    const paths = ['/1', '/2', '/3', '/4'];
    const calls = paths.map(path => transport.call({ method: 'GET', path }));
    const urgent = transport.call({ method: 'GET', path: '/urgent', urgent: true });
    await eventually(() => waiting.length === 2);
    const lease = transport.call({ method: 'GET', path: '/lease', exempt: true });
    await eventually(() => waiting.length === 3);
    const pending = Promise.all([...calls, urgent, lease]);
    while (server.requests.length < 6 || waiting.length > 0) {
      waiting.shift()?.();
      await new Promise(resolve => setImmediate(resolve));
    }
    await pending;
    expect(most).toBe(3);
    expect(server.requests.indexOf('GET /urgent')).toBeLessThan(server.requests.indexOf('GET /4'));
  });

  test('with the write gate closed nothing but reads leaves the process, not even what waits for a place', async () => {
    let gate = true;
    const waiting: (() => void)[] = [];
    const [transport, server] = await connected((_request, response) => waiting.push(() => response.end('{}')), {
      inFlight: 1,
    });
    transport.setWriteGate(() => gate);
    const first = transport.call({ method: 'GET', path: '/read' });
    const second = transport.call({ method: 'POST', path: '/write', body: '{}' });
    await eventually(() => waiting.length === 1);
    gate = false;
    waiting.shift()?.();
    await first;
    await expect(second).rejects.toBeInstanceOf(NotLeader);
    const lease = transport.call({ method: 'PUT', path: '/lease', body: '{}', exempt: true });
    await eventually(() => waiting.length === 1);
    waiting.shift()?.();
    await lease;
    expect(server.requests).toEqual(['GET /read', 'PUT /lease']);
  });

  test('a token that is refused is read again, once', async () => {
    let reads = 0;
    const server = await startScriptedServer((request, response) => {
      response.statusCode = request.headers.authorization === 'Bearer 2' ? 200 : 401;
      response.end('{}');
    });
    const credentials = async () => {
      reads += 1;
      return { headers: { Authorization: `Bearer ${reads}` } };
    };
    const transport = new Transport({ connection: { server: server.url, credentials }, userAgent: 'test' });
    open.push(server, transport);
    expect((await transport.call({ method: 'GET', path: '/' })).status).toBe(200);
    expect(reads).toBe(2);
  });

  test('an answer that breaks off is an error without status; its message holds neither body nor headers', async () => {
    const [transport] = await connected((_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"data":"c2VjcmV0"');
      setImmediate(() => response.destroy());
    });
    const error = await transport.call({ method: 'GET', path: '/' }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 0, reason: 'Unreachable' });
    expect(String(error)).not.toMatch(/c2VjcmV0|Bearer/);
  });

  test('writes go on while many watches are silent (undici #5524)', async () => {
    const [transport] = await connected((_request, response, url) => {
      if (url.searchParams.has('watch')) response.writeHead(200).flushHeaders();
      else response.end('{}');
    });
    const stop = new AbortController();
    const watches = Array.from({ length: 40 }, () =>
      transport.stream({ path: '/?watch=1' }, () => {}, stop.signal).catch(() => {}),
    );
    const writes = Array.from({ length: 200 }, () => transport.call({ method: 'PATCH', path: '/x', body: '{}' }));
    expect(await Promise.all(writes)).toHaveLength(200);
    stop.abort();
    await Promise.all(watches);
  });
});

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}
