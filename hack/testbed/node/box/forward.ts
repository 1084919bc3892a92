/** The way into the box from outside: a TCP port of the machine's loopback, a Unix socket in the box's folder, the same port within. */
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

const socketOf = (folder: string) => join(folder, 'kube-apiserver.sock');

/** Outside: what connects to the port is led to the box's socket. */
export function forwardInto(folder: string, port: number): Promise<Server> {
  return listen(() => createConnection(socketOf(folder)), { host: '127.0.0.1', port });
}

/** Inside: what comes through the socket is led to the port. */
export async function forwardFrom(folder: string, port: number): Promise<Server> {
  // There is still one where the process that listened was killed.
  await rm(socketOf(folder), { force: true });
  return listen(() => createConnection({ host: '127.0.0.1', port }), { path: socketOf(folder) });
}

function listen(onwards: () => Socket, place: { host: string; port: number } | { path: string }): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true }, incoming => {
      const outgoing = onwards();
      const end = () => {
        incoming.destroy();
        outgoing.destroy();
      };
      incoming.on('error', end).pipe(outgoing);
      outgoing.on('error', end).pipe(incoming);
    });
    server.once('error', reject);
    server.listen(place, () => {
      // The way alone keeps no process alive.
      server.unref();
      resolve(server);
    });
  });
}
