import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Clock, systemClock } from '../api/clock.ts';
import { CompressedText } from './compressedtext.ts';
import type { OpenRegistry } from './registry.ts';
import { type Address, type RunningServer, reply, serve } from './server.ts';

/** In which a reader must have taken the text. Prometheus gives up after 10 s by default. */
const READ_MS = 15_000;

/**
 * Serves GET /metrics. With tens of thousands of objects the text has many megabytes, so it is rendered once for all who ask at a time, is held
 * compressed only, and whoever asks and does not read is cut off. Prometheus takes it as it is held; for who cannot, it is unpacked
 * no faster than he reads. Throws when the port is taken.
 */
export function startMetricsServer({
  registry,
  clock = systemClock,
  ...address
}: Address & {
  readonly registry: Pick<OpenRegistry, 'pieces' | 'contentType'>;
  readonly clock?: Clock;
}): Promise<RunningServer> {
  const text = new CompressedText(() => registry.pieces(), clock);
  return serve(address, async (path, response, { headers }) => {
    if (path !== '/metrics') return reply(response, 404, 'not found');
    const rendered = await text.get();
    const read = new AbortController();
    response.once('close', () => read.abort());
    response.setHeader('content-type', registry.contentType);
    response.setHeader('vary', 'accept-encoding');
    if (takesGzip(headers['accept-encoding'])) {
      response.setHeader('content-encoding', 'gzip');
      reply(response, 200, rendered);
    } else void unpacked(rendered, response);
    await clock.sleep(READ_MS, read.signal);
    if (!read.signal.aborted) response.destroy();
  });
}

/** Ends with the response, however that ends. */
async function unpacked(text: Buffer, response: ServerResponse): Promise<void> {
  await pipeline(Readable.from([text]), createGunzip(), response).catch(() => response.destroy());
}

/** Whether a reader names gzip and does not exclude it (RFC 9110, 12.5.3). */
function takesGzip(accepted: string | readonly string[] = ''): boolean {
  const codings = accepted.toString().split(',');
  return codings.some(coding => /^\s*gzip\s*(;\s*q=(?!0(\.0*)?\s*$).*)?$/i.test(coding));
}
