/** Free TCP ports on loopback. */

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * That many ports nobody listens on now. They lie below the range from which the kernel takes ports for outgoing connections, so that
 * none of those takes one before its server listens.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < count; tries += 1) {
    if (tries > 1000) throw new Error('no free ports on 127.0.0.1 between 20000 and 32767');
    const port = randomInt(20_000, 32_768);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
