import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../api/clock.ts';
import { LeapingClock, leaping } from '../api/leapingclock.fixtures.ts';
import type { Credentials } from '../http/connection.ts';
import { type Handler, startScriptedServer } from '../http/scriptedserver.ts';
import { Transport } from '../http/transport.ts';
import { LeaderLease } from './lease.ts';

const TIMES = { durationMs: 15_000, renewDeadlineMs: 10_000, retryMs: 2_000 };

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** A lease that the server grants until `refuse` says what it does instead. */
async function electing(more: { readonly clock?: Clock; readonly credentials?: () => Promise<Credentials> } = {}) {
  const { clock = systemClock, credentials = async () => ({ headers: {} }) } = more;
  const behaviour: { refuse: Handler | undefined } = { refuse: undefined };
  let version = 1;
  const server = await startScriptedServer((request, response, url) => {
    if (url.searchParams.has('watch')) return void response.flushHeaders();
    if (request.method === 'GET') return void response.writeHead(404).end('{"reason":"NotFound"}');
    if (behaviour.refuse !== undefined) return behaviour.refuse(request, response, url);
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      const lease = JSON.parse(body);
      version += 1;
      response.end(
        JSON.stringify({ ...lease, metadata: { ...lease.metadata, uid: 'l', resourceVersion: `${version}` } }),
      );
    });
  });
  const transport = new Transport({ connection: { server: server.url, credentials }, userAgent: 'test', clock });
  const lines: { level: number; msg: string }[] = [];
  const log = pino({ level: 'info' }, { write: text => lines.push(JSON.parse(text)) });
  const lease = new LeaderLease({ namespace: 'n', name: 'l', identity: 'me', ...TIMES }, transport, clock, log);
  const stop = new AbortController();
  cleanups.push(async () => {
    stop.abort();
    await transport.close();
    await server.close();
  });
  return { lease, behaviour, signal: stop.signal, server, lines };
}

describe('the lease (issue 11: runtime/t12_lease, runtime/t16_lease403)', () => {
  test.each<[string, Handler]>([
    [
      'the API server asks to be left alone for longer than that',
      (_, response) =>
        response.writeHead(503, { 'retry-after': '30' }).end('{"reason":"ServiceUnavailable","message":"later"}'),
    ],
    ['the API server does not answer', () => {}],
  ])('is lost at its deadline, not later, when %s', async (_, refuse) => {
    const clock = new LeapingClock();
    const { lease, behaviour, signal } = await electing({ clock });
    expect(await leaping(clock, lease.acquire(signal))).toBe(true);
    behaviour.refuse = refuse;
    const from = clock.monotonic();
    expect(await leaping(clock, lease.renew(signal))).toBe(true);
    expect(clock.monotonic() - from).toBeLessThanOrEqual(TIMES.renewDeadlineMs);
    expect(lease.valid()).toBe(false);
  });

  test('is lost at its deadline when the program that gives the credentials hangs, and nothing is sent after it', async () => {
    const clock = new LeapingClock();
    let hangs = false;
    let wake = () => {};
    const credentials = () =>
      hangs
        ? new Promise<Credentials>(resolve => {
            wake = () => resolve({ headers: {} });
          })
        : Promise.resolve({ headers: {} });
    const { lease, signal, server } = await electing({ clock, credentials });
    expect(await leaping(clock, lease.acquire(signal))).toBe(true);
    hangs = true;
    // Credentials are asked for anew after half a minute; a lease is renewed in that time as long as it is granted.
    expect(await leaping(clock, lease.renew(signal))).toBe(true);
    expect(lease.valid()).toBe(false);
    const sent = server.requests.length;
    wake();
    for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
    expect(server.requests.length).toBe(sent);
  });

  test('that is refused is told once, as an error, and as something to ask for', async () => {
    const clock = new LeapingClock();
    const { lease, behaviour, signal, server, lines } = await electing({ clock });
    behaviour.refuse = (_, response) =>
      response.writeHead(403).end('{"reason":"Forbidden","message":"leases is forbidden"}');
    const acquired = lease.acquire(signal);
    const posts = () => server.requests.filter(request => request.startsWith('POST')).length;
    while (posts() < 4) {
      for (let turn = 0; turn < 50; turn += 1) await new Promise(resolve => setImmediate(resolve));
      clock.leap();
    }
    expect(lease.refusal).toMatchObject({ status: 403, message: 'leases is forbidden' });
    expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
      { level: 50, msg: 'lease not written: leases is forbidden' },
    ]);
    behaviour.refuse = undefined;
    expect(await leaping(clock, acquired)).toBe(true);
    expect(lease.refusal).toBeUndefined();
  });
});
