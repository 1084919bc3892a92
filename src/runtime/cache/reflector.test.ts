import type { ServerResponse } from 'node:http';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../api/clock.ts';
import { type Handler, type ScriptedServer, startScriptedServer } from '../http/scriptedserver.ts';
import { Transport } from '../http/transport.ts';
import { Reflector, type ReflectorSettings } from './reflector.ts';
import { Store } from './store.ts';

const kind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
/** Time as it is, but without waiting. */
const hasty: Clock = { ...systemClock, sleep: (_ms, signal) => systemClock.sleep(1, signal) };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function reflecting(
  handler: Handler,
  more: Partial<ReflectorSettings> = {},
): Promise<[Store, ScriptedServer, Reflector]> {
  const server = await startScriptedServer(handler);
  const connection = { server: server.url, credentials: async () => ({ headers: {} }) };
  const transport = new Transport({ connection, userAgent: 'test' });
  const store = new Store();
  const stop = new AbortController();
  const settings = {
    kind,
    namespace: '',
    store,
    transport,
    clock: hasty,
    log: pino({ level: 'silent' }),
    random: () => 0,
  };
  const reflector = new Reflector({ ...settings, ...more });
  const running = reflector.run(stop.signal);
  cleanups.push(async () => {
    stop.abort();
    await running;
    await transport.close();
    await server.close();
  });
  return [store, server, reflector];
}

const item = (name: string, version: number) => ({
  metadata: { name, namespace: 'ns', uid: name, resourceVersion: String(version) },
});
const line = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const end = (version: number) =>
  line('BOOKMARK', {
    metadata: { resourceVersion: String(version), annotations: { 'k8s.io/initial-events-end': 'true' } },
  });
const names = (store: Store) => [...store.values()].map(({ metadata }) => metadata.name).sort();

async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}

/** Answers the n-th watch; later ones stay silent. */
function watches(...answers: ((response: ServerResponse, url: URL) => void)[]): Handler {
  let count = 0;
  return (_request, response, url) => {
    const answer = answers[count];
    count += 1;
    response.flushHeaders();
    answer?.(response, url);
  };
}

describe('the reflector', () => {
  test('does not read what only repeats an own write, and goes on after it', async () => {
    let send: ServerResponse | undefined;
    const [store, server] = await reflecting(
      watches(response => {
        send = response;
        response.write(line('ADDED', item('a', 1)) + end(5));
      }),
    );
    await eventually(() => store.size === 1);
    store.writing('ns/a');
    store.wrote({ apiVersion: 'v1', kind: 'ConfigMap', ...item('a', 6) }, 'me', true);
    // No JSON: whoever reads it, fails, and begins again from 5.
    send?.end('{"type":"MODIFIED","object":{ …,"resourceVersion":"6"}}\n');
    await eventually(() => server.requests.length === 2);
    expect(server.requests[1]).toContain('resourceVersion=6');
  });

  test('lists by a watch and goes on from where it ends', async () => {
    const [store, server] = await reflecting(
      watches(
        response => response.end(line('ADDED', item('a', 1)) + end(5) + line('ADDED', item('b', 6))),
        (response, url) =>
          response.write(line('DELETED', { ...item('a', Number(url.searchParams.get('resourceVersion')) + 1) })),
      ),
    );
    await eventually(() => names(store).join() === 'b');
    expect(server.requests[0]).toContain('sendInitialEvents=true');
    expect(server.requests[1]).toContain('resourceVersion=6');
  });

  test('a server without WatchList is listed in pages, then watched; items get their kind', async () => {
    const [store, server] = await reflecting((_request, response, url) => {
      if (url.searchParams.has('sendInitialEvents')) {
        response.writeHead(422).end('{"reason":"Invalid","message":"sendInitialEvents is forbidden"}');
      } else if (url.searchParams.has('watch')) response.flushHeaders();
      else if (url.searchParams.has('continue')) {
        response.end(JSON.stringify({ metadata: { resourceVersion: '9' }, items: [item('b', 2)] }));
      } else
        response.end(JSON.stringify({ metadata: { resourceVersion: '9', continue: 'more' }, items: [item('a', 1)] }));
    });
    await eventually(() => server.requests.length === 4);
    expect(names(store)).toEqual(['a', 'b']);
    expect(store.get('ns/a')).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
    expect(
      server.requests.slice(1).map(request => new URL(request.slice(4), 'http://x').searchParams.get('limit')),
    ).toEqual(['500', '500', null]);
    expect(server.requests[3]).toContain('resourceVersion=9');
  });

  test('410 on connect and in mid-watch lead to a new list that removes what is gone', async () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
    const [store] = await reflecting(
      watches(
        response =>
          response.end(line('ADDED', item('a', 1)) + line('ADDED', item('b', 2)) + end(5) + line('ERROR', gone)),
        response => response.end(line('ADDED', item('b', 2)) + line('ADDED', item('c', 7)) + end(8)),
        response => {
          response.destroy();
        },
        response => response.end(line('ERROR', gone)),
        response => response.write(line('ADDED', item('c', 7)) + end(12)),
      ),
    );
    await eventually(() => names(store).join() === 'c');
  });

  test('half a line and a hang-up lose nothing: the watch goes on from the last whole event', async () => {
    const half = line('ADDED', item('c', 8)).slice(0, 20);
    const [store, server] = await reflecting(
      watches(
        response => {
          response.write(line('ADDED', item('a', 1)) + end(5) + line('ADDED', item('b', 7)) + half);
          setTimeout(() => response.destroy(), 5);
        },
        response => response.write(line('ADDED', item('c', 8))),
      ),
    );
    await eventually(() => names(store).join() === 'a,b,c');
    expect(server.requests[1]).toContain('resourceVersion=7');
  });

  test('a list that breaks off before its end is not taken for a list', async () => {
    const [store] = await reflecting(
      watches(
        response =>
          response.write(line('ADDED', item('a', 1)) + line('ADDED', item('b', 1)) + end(5)) && response.end(),
        response => response.end(line('ERROR', { code: 410, reason: 'Expired' })),
        response => response.end(line('ADDED', item('a', 1))),
        response =>
          response.write(
            line('ADDED', item('a', 1)) + line('ADDED', item('b', 1)) + line('ADDED', item('c', 6)) + end(7),
          ),
      ),
    );
    let removed = false;
    store.listen(({ object }) => {
      removed ||= object === undefined;
    });
    await eventually(() => names(store).join() === 'a,b,c');
    expect(removed).toBe(false);
  });

  test('a watch that is silent beyond its own end is given up and started again', async () => {
    let count = 0;
    // Answered each time: on a busy machine a watch may be given up before its first line is there.
    const silent: Handler = (_request, response) => {
      count += 1;
      response.write(line('ADDED', item('a', 1)) + (count > 1 ? line('ADDED', item('b', 6)) : '') + end(6));
    };
    const [store] = await reflecting(silent, { watchSeconds: 0, graceMs: 50 });
    await eventually(() => names(store).join() === 'a,b');
  });

  test('when the last list is old, the watch that follows a normal end is a list again', async () => {
    const [, server] = await reflecting(
      watches(
        response => setTimeout(() => response.end(), 5) && response.write(line('ADDED', item('a', 1)) + end(5)),
        () => {},
      ),
      { relistAfterMs: 0 },
    );
    await eventually(() => server.requests.length === 2);
    expect(server.requests[1]).toContain('sendInitialEvents=true');
  });

  test('that has waited ever longer for a kind begins anew when there is reason to believe that it is served', async () => {
    const slept: number[] = [];
    const sleep = (ms: number, signal?: AbortSignal) => {
      slept.push(ms);
      return systemClock.sleep(1, signal);
    };
    const refusing: Handler = (_request, response) => response.writeHead(404).end();
    const [, , reflector] = await reflecting(refusing, { clock: { ...systemClock, sleep } });
    await eventually(() => slept.at(-1) === 30_000);
    const before = slept.length;
    reflector.kick();
    await eventually(() => slept.length > before + 1);
    expect(slept.slice(before)).toContain(800);
  });

  test('lists anew, in the middle of a watch, when it is told that the kind reads otherwise', async () => {
    const read = (powerState: string) => line('ADDED', { ...item('a', 1), spec: { powerState } }) + end(5);
    const [store, server, reflector] = await reflecting(
      watches(
        response => response.write(read('')),
        response => response.write(read('Running')),
      ),
    );
    await eventually(() => names(store).join() === 'a');
    reflector.refresh();
    await eventually(() => (store.get('ns/a')?.spec as { powerState?: string } | undefined)?.powerState === 'Running');
    expect(server.requests[1]).toContain('sendInitialEvents=true');
  });
});
