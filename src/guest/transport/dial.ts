import { createConnection } from 'node:net';
import type { Duplex } from 'node:stream';
import { GuestFailure } from './failure.ts';

/** Opens a stream of bytes to the guest's SSH port. `limit` begins the time that one attempt has. Rejects with GuestFailure. */
export type Dial = (limit: () => AbortSignal) => Promise<Duplex>;

/** The way of guests on the Pod network: straight to the address. It may be any host's: only the pinned host key tells that it is the guest. */
export function dialAddress(host: string, port = 22): Dial {
  return limit =>
    new Promise((resolve, reject) => {
      const signal = limit();
      const socket = createConnection({ host, port, noDelay: true });
      // The signal bounds the wait for the connection, not the life of it, as the socket's own `signal` would.
      const late = () => socket.destroy(new GuestFailure('NoAnswer', `${host}:${port} does not answer`));
      signal.addEventListener('abort', late, { once: true });
      socket.once('connect', () => {
        signal.removeEventListener('abort', late);
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', (error: Error & { readonly code?: string }) => reject(refusal(error, `${host}:${port}`)));
      if (signal.aborted) late();
    });
}

function refusal(error: Error & { readonly code?: string }, address: string): GuestFailure {
  if (error instanceof GuestFailure) return error;
  if (error.code === 'ETIMEDOUT') return new GuestFailure('NoAnswer', `${address} does not answer`);
  return new GuestFailure('NotReachable', error.message);
}
