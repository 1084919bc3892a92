import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { startRefusingProxy } from './refusingproxy.fixtures.ts';
import { type FarEnd, OPCODES, refuse, startTunnelServer, type TunnelServer } from './scriptedtunnel.fixtures.ts';
import { Transport } from './transport.ts';
import { LARGEST_MESSAGE } from './tunnel.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const request = { path: '/apis/things/forward/22', protocol: 'plain.example' };
const never = () => new AbortController().signal;

function transportTo(server: string, proxy?: string): Transport {
  const credentials = async () => ({ headers: { Authorization: 'Bearer one' } });
  const transport = new Transport({ connection: { server, proxy, credentials }, userAgent: 'test' });
  open.push(transport);
  return transport;
}

async function served(...script: Parameters<typeof startTunnelServer>): Promise<[Transport, TunnelServer]> {
  const server = await startTunnelServer(...script);
  open.push(server);
  return [transportTo(server.url), server];
}

/** A tunnel, and its other end. */
async function tunnelled(): Promise<{ tunnel: Duplex; end: FarEnd; server: TunnelServer; transport: Transport }> {
  let end: FarEnd | undefined;
  const [transport, server] = await served(taken => {
    end = taken;
  });
  const tunnel = await transport.tunnel(request, never());
  if (end === undefined) throw new Error('no far end');
  return { tunnel, end, server, transport };
}

describe('a tunnel', () => {
  test('carries bytes both ways, in order and whole, under the credentials and the subprotocol that were asked for', async () => {
    const { tunnel, end } = await tunnelled();
    expect(end.request).toMatchObject({
      url: request.path,
      headers: {
        ...{ authorization: 'Bearer one', 'user-agent': 'test', accept: '*/*' },
        'sec-websocket-protocol': request.protocol,
      },
    });
    end.onBytes = bytes => end.send(bytes);
    const sent = Array.from({ length: 40 }, (_, index) => Buffer.alloc(1 + index * 2_000, index));
    const got: Buffer[] = [];
    tunnel.on('data', chunk => got.push(chunk));
    for (const chunk of sent) tunnel.write(chunk);
    const length = Buffer.concat(sent).length;
    await expect.poll(() => Buffer.concat(got).length, { timeout: 30_000 }).toBe(length);
    expect(Buffer.concat(got).equals(Buffer.concat(sent))).toBe(true);
  });

  test.each([400, 401, 403, 404, 500, 503])('that is refused tells the status %i', async status => {
    const [transport, server] = await served(() => {}, refuse(status));
    await expect(transport.tunnel(request, never())).rejects.toMatchObject({ name: 'ApiError', status });
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test.each<[string, (socket: Duplex) => void]>([
    ['is closed amid the handshake', socket => void socket.end('HTTP/1.1 101 Switch')],
    ['is closed without a word', socket => void socket.destroy()],
    [
      'becomes something else',
      socket =>
        void socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: spdy\r\nConnection: Upgrade\r\n\r\nanything'),
    ],
  ])('that %s is none', async (_, instead) => {
    const [transport, server] = await served(
      () => {},
      (_request, socket) => instead(socket),
    );
    await expect(transport.tunnel(request, never())).rejects.toMatchObject({ name: 'ApiError', status: 0 });
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test('that nobody answers for is not waited for', async () => {
    const [transport, server] = await served(
      () => {},
      () => {},
    );
    const waiting = new AbortController();
    const tunnel = transport.tunnel(request, waiting.signal);
    await expect.poll(server.open, { timeout: 30_000 }).toBe(1);
    waiting.abort();
    await expect(tunnel).rejects.toMatchObject({ status: 0, message: 'no answer in time' });
    await expect(transport.tunnel(request, AbortSignal.abort())).rejects.toMatchObject({ status: 0 });
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test('is not ended by the limit for its opening once it is open', async () => {
    const server = await startTunnelServer(() => {});
    open.push(server);
    const opening = new AbortController();
    const tunnel = await transportTo(server.url).tunnel(request, opening.signal);
    opening.abort();
    expect(tunnel.destroyed).toBe(false);
  });

  test('gives what came before the other side closed, and then ends', async () => {
    const { tunnel, end } = await tunnelled();
    end.send('last words');
    end.socket.end();
    const got: Buffer[] = [];
    for await (const chunk of tunnel) got.push(chunk);
    expect(Buffer.concat(got).toString()).toBe('last words');
  });

  test('that is destroyed lets its connection go', async () => {
    const { tunnel, server } = await tunnelled();
    tunnel.destroy();
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test('ends with the transport', async () => {
    const { tunnel, server, transport } = await tunnelled();
    await transport.close();
    expect(tunnel.destroyed).toBe(true);
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test.each<[string, (end: FarEnd) => void]>([
    ['text', end => end.send('words', OPCODES.TEXT)],
    ['a message larger than anybody sends', end => end.send(Buffer.alloc(LARGEST_MESSAGE + 1))],
  ])('does not take %s', async (_, misbehave) => {
    const { tunnel, end, server } = await tunnelled();
    tunnel.on('error', () => {}).resume();
    misbehave(end);
    await expect.poll(() => tunnel.destroyed, { timeout: 30_000 }).toBe(true);
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  test('goes through the proxy that the connection names', async () => {
    const proxy = await startRefusingProxy();
    open.push(proxy);
    const transport = transportTo('https://api.example:6443', proxy.url);
    await expect(transport.tunnel(request, never())).rejects.toMatchObject({ status: 0 });
    expect(proxy.asked).toEqual(['api.example:6443']);
  });
});
