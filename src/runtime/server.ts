import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';

export type HealthServerSettings = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
  readonly registry: Registry;
  readonly ready: () => boolean;
  readonly live: () => boolean;
};
export type HealthServer = { readonly port: number; close(): Promise<void> };

/** Serves GET /livez (also /healthz), /readyz and /metrics. Throws when the port is taken. */
export async function startHealthServer(settings: HealthServerSettings): Promise<HealthServer> {
  const server = createServer((request, response) => {
    answer(settings, request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : settings.port,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  settings: HealthServerSettings,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0];
  if (request.method !== 'GET' && request.method !== 'HEAD') reply(response, 405, 'only GET');
  else if (path === '/livez' || path === '/healthz') probe(response, settings.live());
  else if (path === '/readyz') probe(response, settings.ready());
  else if (path === '/metrics') {
    const text = await settings.registry.metrics();
    response.setHeader('content-type', settings.registry.contentType);
    reply(response, 200, text);
  } else reply(response, 404, 'not found');
}

function probe(response: ServerResponse, fine: boolean): void {
  reply(response, fine ? 200 : 503, fine ? 'ok' : 'not ok');
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.end(text);
}
