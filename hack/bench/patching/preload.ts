/**
 * Loaded before the runner: what it dials at the addresses of the played guests leads to loopback, where alone tests listen; and its clock is later
 * by as much as the file says: whoever sleeps is woken where it is time.
 */
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net, { type NetConnectOpts } from 'node:net';
import { systemClock } from '../../../src/runtime/api/clock.ts';
import { dialled } from './playedaddresses.ts';

const { createConnection } = net;
Object.assign(net, {
  createConnection: (options: NetConnectOpts, ...more: []) =>
    createConnection('host' in options ? { ...options, host: dialled(options.host ?? '') } : options, ...more),
});
syncBuiltinESMExports();

/** Between two looks at the file. */
const LOOK_MS = 100;

const { now, monotonic } = systemClock;
const read = () => Number(readFileSync(process.env.BENCH_LATER ?? '', 'utf8'));
let laterMs = read();
/** Who sleeps, and until when. */
const sleepers = new Map<() => void, number>();
Object.assign(systemClock, {
  now: () => new Date(now().getTime() + laterMs),
  monotonic: () => monotonic() + laterMs,
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>(resolve => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        clearTimeout(timer);
        sleepers.delete(end);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(ms, 0));
      sleepers.set(end, systemClock.monotonic() + ms);
      signal?.addEventListener('abort', end);
    }),
});
setInterval(() => {
  const before = laterMs;
  laterMs = read();
  if (laterMs !== before) for (const [end, until] of sleepers) if (until <= systemClock.monotonic()) end();
}, LOOK_MS).unref();
