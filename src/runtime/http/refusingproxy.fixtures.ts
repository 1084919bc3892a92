import { createServer } from 'node:http';

export type RefusingProxy = {
  readonly url: string;
  /** `host:port` of each CONNECT. */
  readonly asked: readonly string[];
  close(): Promise<void>;
};

/** A real HTTP proxy on loopback that notes where it was to lead, and leads nowhere. */
export async function startRefusingProxy(): Promise<RefusingProxy> {
  const asked: string[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    asked.push(url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => new Promise(resolve => proxy.close(() => resolve())),
  };
}
