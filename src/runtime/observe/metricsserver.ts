import type { Registry } from 'prom-client';
import { type Clock, systemClock } from '../api/clock.ts';
import { type Address, type RunningServer, reply, serve } from './server.ts';

/** How old the text may be that a reader gets: readers at one time share one. */
const SHARED_MS = 1_000;
/** In which a reader must have taken the text. Prometheus gives up after 10 s by default. */
const READ_MS = 15_000;

/**
 * Serves GET /metrics. With tens of thousands of objects the text has many megabytes, so it is rendered once for all who ask at a time, and
 * whoever asks and does not read is cut off. Throws when the port is taken.
 */
export function startMetricsServer({
  registry,
  clock = systemClock,
  ...address
}: Address & {
  readonly registry: Pick<Registry, 'metrics' | 'contentType'>;
  readonly clock?: Clock;
}): Promise<RunningServer> {
  const text = sharedText(registry, clock);
  return serve(address, async (path, response) => {
    if (path !== '/metrics') return reply(response, 404, 'not found');
    const rendered = await text();
    const read = new AbortController();
    response.once('close', () => read.abort());
    response.setHeader('content-type', registry.contentType);
    reply(response, 200, rendered);
    await clock.sleep(READ_MS, read.signal);
    if (!read.signal.aborted) response.destroy();
  });
}

/** One Buffer, which the sockets of all readers send from without a copy of their own. */
function sharedText(registry: Pick<Registry, 'metrics'>, clock: Clock): () => Promise<Buffer> {
  let last: { readonly at: number; readonly text: Promise<Buffer> } | undefined;
  return () => {
    const now = clock.monotonic();
    if (last === undefined || now - last.at >= SHARED_MS)
      last = { at: now, text: registry.metrics().then(text => Buffer.from(text)) };
    return last.text;
  };
}
