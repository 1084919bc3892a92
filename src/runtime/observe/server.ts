import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Address = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
};
export type RunningServer = { readonly port: number; close(): Promise<void> };

/** Milliseconds in which a request must have come; a connection that says nothing for as long between two is closed. */
const REQUEST_MS = 5_000;
/** Whoever asks here is kubelet or Prometheus; nobody needs more. Others who come have to wait for a place. */
const CONNECTIONS = 16;

/** Serves GET on one port, to few readers at once. Throws when the port is taken. */
export async function serve(
  { port, host }: Address,
  answer: (path: string, response: ServerResponse, request: IncomingMessage) => Promise<void> | void,
): Promise<RunningServer> {
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') reply(response, 405, 'only GET');
    else await answer((request.url ?? '/').split('?')[0] ?? '/', response, request);
  };
  const server = createServer(
    { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, keepAliveTimeout: REQUEST_MS },
    (request, response) => void handle(request, response).catch(() => response.destroy()),
  );
  server.maxConnections = CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return { port: portOf(server) ?? port, close: () => closing(server) };
}

export function reply(response: ServerResponse, status: number, content: string | Buffer): void {
  response.statusCode = status;
  response.end(content);
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' ? address?.port : undefined;
}

function closing(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
