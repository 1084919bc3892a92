import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { getJSON } from './getjson.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from './scriptedserver.ts';

const signal = new AbortController().signal;
const options = { timeoutMs: 10_000, limitBytes: 1000, signal };
let server: ScriptedServer | undefined;
afterEach(() => server?.close());

async function ask(handler: Handler, changed: Partial<Parameters<typeof getJSON>[1]> = {}): Promise<unknown> {
  server = await startScriptedServer(handler);
  return getJSON(new URL(`${server.url}/what?q=1`), { ...options, ...changed });
}

describe('getJSON', () => {
  it('returns the document, and sends the headers it was given', async () => {
    const echo: Handler = ({ headers }, response) => response.end(JSON.stringify({ token: headers.authorization }));
    expect(await ask(echo, { headers: { authorization: 'Bearer x' } })).toEqual({ token: 'Bearer x' });
    expect(server?.requests).toEqual(['GET /what?q=1']);
  });

  it.each<[string, Handler, string]>([
    ['a refusal', (_, response) => response.writeHead(503).end('busy'), 'it answers with status 503'],
    [
      'a redirect, which might lead anywhere with our token',
      (_, response) => response.writeHead(302, { location: 'http://elsewhere.example/' }).end(),
      'it answers with status 302',
    ],
    ['a page', (_, response) => response.end('<html>'), 'its answer is no JSON'],
    [
      'more than it may say',
      (_, response) => response.end(JSON.stringify('x'.repeat(2000))),
      'its answer is larger than 1000 bytes',
    ],
    [
      'half an answer',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{');
        response.socket?.end();
      },
      'it cannot be reached (UND_ERR_SOCKET)',
    ],
  ])('names %s', async (_, handler, message) => {
    await expect(ask(handler)).rejects.toThrow(message);
  });

  it('unpacks a document that is packed', async () => {
    const packed = gzipSync(JSON.stringify(['a']));
    expect(await ask((_, response) => response.end(packed), { gzip: true })).toEqual(['a']);
  });

  it.each<[string, Buffer, string]>([
    ['one that is not packed', Buffer.from('[]'), 'its answer is not packed with gzip'],
    ['half of one', gzipSync(JSON.stringify('x'.repeat(500))).subarray(0, 20), 'its answer is not packed with gzip'],
    [
      'one that is small and grows beyond what it may say',
      gzipSync(Buffer.alloc(50_000_000)),
      'its answer is larger than 100000 bytes',
    ],
  ])('names %s', async (_, body, message) => {
    const packed = ask((__, response) => response.end(body), { gzip: true, limitBytes: 100_000 });
    await expect(packed).rejects.toThrow(message);
  });

  it('tells the items of a long list as they come, and of the rest what was around them (runtime/t19_prom)', async () => {
    const body = { status: 'success', data: { result: Array.from({ length: 10_000 }, (_, id) => ({ id })) } };
    const whole = JSON.stringify(body);
    const half = whole.length / 2;
    const items: unknown[] = [];
    const told = () => items.length > 1_000;
    const rest = await ask(
      (_, response) => {
        response.write(whole.slice(0, half));
        // The second half is sent when the first has been read.
        const look = () => void (told() ? response.end(whole.slice(half)) : setImmediate(look));
        look();
      },
      { limitBytes: whole.length, onItem: item => items.push(item) },
    );
    expect(items).toEqual(body.data.result);
    expect(rest).toEqual({ status: 'success', data: { result: items.map(() => null) } });
  });

  it('names an item that is no JSON', async () => {
    const onItem = () => {};
    const broken: Handler = (_, response) => response.end('{"data":{"result":[{"id":}]}}');
    await expect(ask(broken, { onItem })).rejects.toThrow('its answer is no JSON');
  });

  it('gives up on a server that never answers', async () => {
    await expect(ask(() => {}, { timeoutMs: 20 })).rejects.toThrow('it does not answer within 0.02 s');
  });

  it('gives up on a server that never ends its answer', async () => {
    const drip: Handler = (_, response) => response.write('[');
    await expect(ask(drip, { timeoutMs: 50 })).rejects.toThrow('it does not answer within 0.05 s');
  });

  it('names a port where nobody listens, the same each time', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise(resolve => closed.once('listening', resolve));
    const address = closed.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise(resolve => closed.close(resolve));
    const attempt = () => getJSON(new URL(`http://127.0.0.1:${port}`), options);
    await expect(attempt()).rejects.toThrow(/^it cannot be reached \(ECONNREFUSED\)$/);
    await expect(attempt()).rejects.toThrow(/^it cannot be reached \(ECONNREFUSED\)$/);
  });

  it('ends when the process does', async () => {
    const ending = new AbortController();
    const answer = ask(() => ending.abort(), { signal: ending.signal });
    await expect(answer).rejects.toThrow();
  });
});
