import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startScriptedServer } from './scriptedserver.ts';

export type Refusal = { readonly status: number; readonly code?: string; readonly headers?: Record<string, string> };

export type PlayedBucket = {
  readonly endpoint: URL;
  /** What lies in it, by path: `/bucket/name`. */
  readonly objects: Map<string, string>;
  readonly requests: readonly string[];
  /** What the next requests are answered with, in their order. */
  readonly refusals: Refusal[];
  /** What others do just before a write takes effect, and just after. */
  before: (path: string) => void;
  after: (path: string) => void;
  close(): Promise<void>;
};

/** A stand-in for a store with the interface of S3, for what no real one can be made to say or to forget; `deaf` ones know no conditions. */
export async function startPlayedBucket({ deaf = false } = {}): Promise<PlayedBucket> {
  const objects = new Map<string, string>();
  const refusals: Refusal[] = [];
  const server = await startScriptedServer((request, response, { pathname }) => {
    void serve(request, response, pathname);
  });
  const played: PlayedBucket = {
    ...{ endpoint: new URL(server.url), objects, refusals, requests: server.requests },
    ...{ before: () => {}, after: () => {} },
    close: () => server.close(),
  };

  async function serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const text = Buffer.concat(await Array.fromAsync(request)).toString();
    const refusal = refusals.shift();
    if (refusal !== undefined) return refuse(response, refusal);
    if (request.method === 'PUT') {
      played.before(path);
      const there = objects.get(path);
      const { 'if-match': match, 'if-none-match': none } = request.headers;
      if (!deaf && match !== undefined && there === undefined)
        return refuse(response, { status: 404, code: 'NoSuchKey' });
      if (!deaf && ((none === '*' && there !== undefined) || (match !== undefined && match !== etagOf(there ?? ''))))
        return refuse(response, { status: 412, code: 'PreconditionFailed' });
      objects.set(path, text);
      played.after(path);
      response.writeHead(200, { etag: etagOf(text) }).end();
      return;
    }
    const there = objects.get(path);
    if (there === undefined) return refuse(response, { status: 404, code: 'NoSuchKey' });
    response.writeHead(200, { etag: etagOf(there) }).end(there);
  }
  return played;
}

function refuse(response: ServerResponse, { status, code, headers = {} }: Refusal): void {
  const body =
    code === undefined ? '' : `<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`;
  response.writeHead(status, headers).end(body);
}

function etagOf(text: string): string {
  return `"${createHash('md5').update(text).digest('hex')}"`;
}
