/** A TCP proxy to the API server that can go deaf and dumb without closing anything. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export type Proxy = {
  readonly port: number;
  /** Holds every byte back, in both directions. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
};

export async function startProxy(to: number): Promise<Proxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer(near => {
    const far = connect(to, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      if (isCut) socket.pause();
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => [near, far].forEach(each => void each.destroy()));
    }
    near.on('data', data => far.write(data));
    far.on('data', data => near.write(data));
    near.on('end', () => far.end());
    far.on('end', () => near.end());
    if (isCut) for (const socket of [near, far]) socket.pause();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    cut: () => {
      isCut = true;
      for (const socket of sockets) socket.pause();
    },
    mend: () => {
      isCut = false;
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
