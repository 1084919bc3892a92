/** Stands between worker and guest, counts what passes, and cuts the connection at a byte. */
import { createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type Dial, dialAddress } from '../../../src/guest/transport/dial.ts';

/** `up`: what the worker sends. `down`: what the guest sends. */
export type Direction = 'up' | 'down';

export type Cut = { readonly direction: Direction; readonly atByte: number };

export type Cutter = {
  readonly dial: Dial;
  /** Where it listens, on loopback. */
  readonly port: number;
  /** Bytes that have passed, over all connections. */
  passed(direction: Direction): number;
  /** Whether the cut took place. */
  readonly isCut: () => boolean;
  close(): Promise<void>;
};

/** Exactly `atByte` bytes of that direction pass, counted over all connections; then this one ends, and those that follow are left alone. */
export async function startCutter(dial: Dial, cut?: Cut): Promise<Cutter> {
  const counts = { up: 0, down: 0 };
  let isCut = false;
  const open = new Set<{ destroy(): void }>();

  const pass = (from: Duplex, to: Duplex, direction: Direction) => {
    from.on('error', () => {});
    from.on('data', (chunk: Buffer) => {
      const room =
        cut === undefined || isCut || cut.direction !== direction ? Infinity : cut.atByte - counts[direction];
      const passing = chunk.subarray(0, room);
      counts[direction] += passing.length;
      if (passing.length < chunk.length) {
        isCut = true;
        to.end(passing);
        from.destroy();
      } else to.write(passing);
    });
    from.on('close', () => to.end());
  };
  const server = createServer(async (worker: Socket) => {
    open.add(worker);
    worker.on('error', () => {});
    worker.pause();
    const guest = await dial(() => AbortSignal.timeout(10_000)).catch(() => undefined);
    if (guest === undefined) return void worker.destroy();
    open.add(guest);
    pass(worker, guest, 'up');
    pass(guest, worker, 'down');
    worker.resume();
  });
  const port = await new Promise<number>(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  return {
    dial: dialAddress('127.0.0.1', port),
    port,
    passed: direction => counts[direction],
    isCut: () => isCut,
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise(resolve => server.close(() => resolve()));
    },
  };
}
