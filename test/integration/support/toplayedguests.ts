/**
 * Loaded before a guest worker of a test: what it dials at the address of the played guests leads to loopback, where alone tests listen, and
 * which no worker dials by itself.
 */
import { syncBuiltinESMExports } from 'node:module';
import net, { type NetConnectOpts } from 'node:net';
import { PLAYED_ADDRESS } from './playedaddress.ts';

const { createConnection } = net;
Object.assign(net, {
  createConnection: (options: NetConnectOpts, ...more: []) =>
    createConnection(
      'host' in options && options.host === PLAYED_ADDRESS ? { ...options, host: '127.0.0.1' } : options,
      ...more,
    ),
});
syncBuiltinESMExports();
