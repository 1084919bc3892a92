import type { ServerResponse } from 'node:http';
import { type Address, type RunningServer, reply, serve } from './server.ts';

export type Probes = { readonly ready: () => boolean; readonly live: () => boolean };

/** Serves GET /livez (also /healthz) and /readyz, and nothing that anybody could learn from. Throws when the port is taken. */
export function startHealthServer({ ready, live, ...address }: Address & Probes): Promise<RunningServer> {
  return serve(address, (path, response) => {
    if (path === '/livez' || path === '/healthz') probe(response, live());
    else if (path === '/readyz') probe(response, ready());
    else reply(response, 404, 'not found');
  });
}

function probe(response: ServerResponse, fine: boolean): void {
  reply(response, fine ? 200 : 503, fine ? 'ok' : 'not ok');
}
