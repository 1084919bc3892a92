import { once } from 'node:events';
import {
  constants,
  createSecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { selfSigned } from './selfsigned.fixtures.ts';
import { Transport } from './transport.ts';

const { key, cert, servername } = selfSigned();
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.useRealTimers();
  for (const close of open.splice(0).reverse()) await close();
});

type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;
type StreamServer = {
  readonly port: number;
  readonly sessions: ServerHttp2Session[];
  readonly versions: string[];
  /** Cuts every connection. */
  cut(): void;
};

/** Answers over HTTP/2, or over HTTP/1.1 where no streams are allowed. */
async function serving(handler: Handler, streams = 100): Promise<StreamServer> {
  const settings = { maxConcurrentStreams: streams };
  const server =
    streams === 0
      ? createHttpsServer({ key, cert })
      : createSecureServer({ key, cert, settings, maxSessionMemory: 1_000 });
  const [sessions, sockets, versions]: [ServerHttp2Session[], Set<Socket>, string[]] = [[], new Set(), []];
  const cut = () => sockets.forEach(socket => void socket.destroy());
  server.on('session', (session: ServerHttp2Session) => sessions.push(session));
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    versions.push(request.httpVersion);
    handler(request, response);
  });
  const port = await listening(server);
  open.push(async () => {
    cut();
    server.close();
  });
  return { port, sessions, versions, cut };
}

async function listening(server: Pick<Server, 'listen' | 'address'> & NodeJS.EventEmitter): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

type Watch = { readonly ended: Promise<string>; readonly told: () => string; readonly stop: () => void };

function watching(port: number): (path: string) => Watch {
  const credentials = async () => ({ headers: { Authorization: 'Bearer one' }, ca: cert, servername });
  const connection = { server: `https://127.0.0.1:${port}`, credentials };
  const transport = new Transport({ connection, userAgent: 'test' });
  open.push(() => transport.close());
  return path => {
    const stop = new AbortController();
    let told = '';
    const sink = (chunk: Buffer) => {
      told += chunk;
    };
    const ended = transport.stream({ path }, sink, stop.signal).then(
      () => 'ended',
      (error: Error) => error.message,
    );
    return { ended, told: () => told, stop: () => stop.abort() };
  };
}

/** Tells its own path at once, and goes on. */
const telling: Handler = ({ url }, response) => {
  response.writeHead(200);
  response.write(url);
};

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

describe('answers that go on', () => {
  test('share connections by HTTP/2, each of which takes as many as the server allows', async () => {
    const ended = Promise.withResolvers<void>();
    const { port, sessions, versions } = await serving((request, response) => {
      telling(request, response);
      if (request.url === '/2') response.stream.once('close', ended.resolve);
    }, 3);
    const watch = watching(port);
    const watches = ['/1', '/2', '/3', '/4', '/5', '/6', '/7'].map(watch);
    await eventually(() => watches.every(({ told }) => told() !== ''));
    expect(watches.map(({ told }) => told())).toEqual(['/1', '/2', '/3', '/4', '/5', '/6', '/7']);
    expect(versions).toEqual(Array(7).fill('2.0'));
    expect(sessions).toHaveLength(3);
    // The place of one that has ended is taken by the next.
    watches[1]?.stop();
    expect(await watches[1]?.ended).toBe('watch ended by us');
    await ended.promise;
    const next = watch('/8');
    const last = watch('/9');
    await eventually(() => next.told() === '/8' && last.told() === '/9');
    expect(sessions).toHaveLength(3);
  });

  test('have a connection each where the server speaks HTTP/1.1 only', async () => {
    const { port, versions } = await serving(telling, 0);
    const watches = ['/1', '/2'].map(watching(port));
    await eventually(() => watches.every(({ told }) => told() !== ''));
    expect(versions).toEqual(['1.1', '1.1']);
  });

  test('do not hold each other up: one is silent, one is cut, one tells megabytes', async () => {
    const much = Buffer.alloc(20 * 1024 * 1024, 'x');
    const { port, sessions } = await serving(({ url }, response) => {
      if (url === '/cut') response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      else if (url === '/much') response.end(much);
      else if (url === '/told') telling({ url } as Http2ServerRequest, response);
    });
    const watch = watching(port);
    const [silent, cut, told, all] = [watch('/silent'), watch('/cut'), watch('/told'), watch('/much')];
    expect(await cut.ended).toMatch(/NGHTTP2_INTERNAL_ERROR/);
    expect(await all.ended).toBe('ended');
    expect(all.told()).toHaveLength(much.length);
    await eventually(() => told.told() === '/told');
    expect([silent.told(), sessions.length]).toEqual(['', 1]);
  });

  test('that we cut in the middle take nothing from the window that the others share', async () => {
    const much = Buffer.alloc(8 * 1024 * 1024, 'x');
    const { port, sessions } = await serving((_request, response) => response.end(much));
    const watch = watching(port);
    for (let turn = 0; turn < 5; turn += 1) {
      const cut = watch('/cut');
      await eventually(() => cut.told() !== '');
      cut.stop();
      await cut.ended;
    }
    const all = watch('/all');
    expect(await all.ended).toBe('ended');
    expect([all.told().length, sessions.length]).toEqual([much.length, 1]);
  });

  test('that are refused say so in the words of the server', async () => {
    const { port } = await serving((_request, response) => {
      response.writeHead(403).end('{"reason":"Forbidden","message":"no right to watch"}');
    });
    expect(await watching(port)('/').ended).toBe('no right to watch');
  });

  test('go on after the server has asked for no more on their connection (GOAWAY), and new ones take another', async () => {
    const { port, sessions } = await serving(telling);
    const watch = watching(port);
    const old = watch('/old');
    await eventually(() => old.told() === '/old');
    sessions[0]?.goaway(constants.NGHTTP2_NO_ERROR);
    await new Promise(answered => sessions[0]?.ping(answered));
    const latest = watch('/new');
    await eventually(() => latest.told() === '/new');
    expect(sessions).toHaveLength(2);
    old.stop();
    expect(await old.ended).toBe('watch ended by us');
  });

  test('end when their connection is cut', async () => {
    const { port, cut } = await serving(telling);
    const watches = ['/1', '/2'].map(watching(port));
    await eventually(() => watches.every(({ told }) => told() !== ''));
    cut();
    for (const { ended } of watches) expect(await ended).toMatch(/cut|reset/i);
  });

  test('end when nobody is behind their connection any more, however quiet they are', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { port } = await serving(telling);
    const proxy = await proxyTo(port);
    const watch = watching(proxy.port)('/1');
    await eventually(() => watch.told() === '/1');
    // While it answers, it may be silent for as long as it likes.
    for (let looks = 0; looks < 10; looks += 1) {
      vi.advanceTimersByTime(10_000);
      await proxy.passed();
    }
    proxy.cut();
    vi.advanceTimersByTime(30_000);
    expect(await watch.ended).toBe('2 pings in a row were not answered');
  });

  test('share one attempt to connect, and its failure', async () => {
    let attempts = 0;
    const server = createServer(socket => {
      attempts += 1;
      socket.destroy();
    });
    open.push(async () => server.close());
    const watch = watching(await listening(server));
    const watches = Array.from({ length: 50 }, () => watch('/'));
    for (const { ended } of watches) expect(await ended).toMatch(/disconnected|ECONNRESET/);
    expect(attempts).toBe(1);
  });
});

type Proxy = { readonly port: number; cut(): void; passed(): Promise<void> };

/** Passes bytes on until it is cut: then it holds them back and closes nothing. */
async function proxyTo(to: number): Promise<Proxy> {
  const sockets: Socket[] = [];
  let answers = 0;
  const server = createServer(near => {
    const far = connect(to, '127.0.0.1');
    sockets.push(near, far);
    near.on('data', data => far.write(data)).on('error', () => {});
    far
      .on('error', () => {})
      .on('data', data => {
        answers += 1;
        near.write(data);
      });
  });
  const port = await listening(server);
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const passed = async () => {
    const before = answers;
    await eventually(() => answers > before);
    // Until it has arrived, too.
    for (let turns = 0; turns < 10; turns += 1) await new Promise(resolve => setImmediate(resolve));
  };
  return { port, cut: () => sockets.forEach(socket => void socket.pause()), passed };
}
