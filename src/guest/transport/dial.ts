import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { GuestFailure } from './failure.ts';

/** Opens a stream of bytes to the guest's SSH port. Rejects with GuestFailure. */
export type Dial = (signal: AbortSignal) => Promise<Duplex>;

/** The way of guests on the Pod network: straight to the address. It may be any host's: only the pinned host key tells that it is the guest. */
export function dialAddress(host: string, port = 22): Dial {
  return signal =>
    new Promise((resolve, reject) => {
      const socket = createConnection({ host, port, noDelay: true, signal });
      socket.once('connect', () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error: Error & { readonly code?: string }) => reject(refusal(error, `${host}:${port}`)));
    });
}

function refusal({ code, message }: Error & { readonly code?: string }, address: string): GuestFailure {
  if (code === 'ABORT_ERR' || code === 'ETIMEDOUT') return new GuestFailure('NoAnswer', `${address} does not answer`);
  return new GuestFailure('NotReachable', message);
}
