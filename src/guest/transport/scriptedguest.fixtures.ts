/** A fake: an SSH server that does what a test says, for guests that cannot be had (hostile ones, Windows). Real guests: `npm run e2e`. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import ssh2, { type Connection, type ServerChannel, type ServerConfig } from 'ssh2';
import { privateKeyPEM, publicKeyLine } from '../../domain/machine/sshkeys.ts';
import { type Dial, dialAddress } from './dial.ts';
import type { Login } from './session.ts';

export type Keys = { readonly privateKey: string; readonly publicKey: string };

export function newKeys(): Keys {
  const { d = '', x = '' } = (generateKeyPairSync('ed25519').privateKey as KeyObject).export({ format: 'jwk' });
  const pair = { seed: Buffer.from(d, 'base64url'), publicKey: Buffer.from(x, 'base64url') };
  return { privateKey: privateKeyPEM(pair), publicKey: publicKeyLine(pair.publicKey) };
}

export type Command = {
  /** Public key that was logged in with, as OpenSSH's base64. */
  readonly key: string;
  readonly command: string;
  readonly input: Promise<string>;
  readonly channel: ServerChannel;
  readonly connection: Connection;
};

export type ScriptedGuest = {
  readonly dial: Dial;
  readonly port: number;
  readonly login: Login;
  /** Connections that were taken, and those that are open. */
  readonly taken: () => number;
  readonly open: () => number;
  readonly close: () => Promise<void>;
};

export type Script = {
  /** What a command does; `answer` is the usual. */
  readonly run?: (command: Command) => void;
  readonly authorized?: Keys;
  /** Whether a key, as OpenSSH's base64, logs in; default: `authorized` alone. */
  readonly admits?: (key: string) => boolean;
  /** Closes the connection instead of an answer to a login, as sshd does where PAM says that the account has expired. */
  readonly throwsOut?: boolean;
  readonly hostKey?: Keys;
  /** Where to listen; default: on loopback, on a free port. */
  readonly host?: string;
  readonly port?: number;
  readonly server?: Partial<ServerConfig>;
  readonly greet?: (socket: Socket) => void;
};

/** Says `text` and exits with 0. */
export function answer(text: string, exitCode = 0): (command: Command) => void {
  return ({ channel }) => {
    channel.write(text);
    channel.exit(exitCode);
    channel.end();
  };
}

/** Listens on loopback until it is closed. */
export async function startScriptedGuest(script: Script = {}): Promise<ScriptedGuest> {
  const provider = newKeys();
  const hostKey = script.hostKey ?? newKeys();
  const authorized = ssh2.utils.parseKey((script.authorized ?? provider).publicKey);
  if (authorized instanceof Error) throw authorized;
  const ssh = new ssh2.Server({ hostKeys: [hostKey.privateKey], ...script.server }, connection => {
    let key = '';
    connection.on('error', () => {});
    connection.on('authentication', context => {
      if (script.throwsOut === true) return void connection.end();
      if (context.method === 'publickey') key = context.key.data.toString('base64');
      const known = script.admits?.(key) ?? key === authorized.getPublicSSH().toString('base64');
      if (context.method === 'publickey' && known) context.accept();
      else context.reject(['publickey']);
    });
    connection.on('session', accept => {
      accept().on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        const run = script.run ?? answer('');
        run({ key, command, channel, connection, input: readAll(channel) });
      });
    });
  });
  const sockets = new Set<Socket>();
  let taken = 0;
  const listener = createServer({ noDelay: true }, socket => {
    taken += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (script.greet === undefined) ssh.injectSocket(socket);
    else script.greet(socket);
  });
  const port = await new Promise<number>(resolve => {
    listener.listen(script.port ?? 0, script.host ?? '127.0.0.1', () => {
      const address = listener.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  return {
    dial: dialAddress('127.0.0.1', port),
    port,
    login: { user: 'steward', privateKey: provider.privateKey, hostKey: hostKey.publicKey },
    taken: () => taken,
    open: () => sockets.size,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise(resolve => listener.close(() => resolve()));
    },
  };
}

function readAll(channel: ServerChannel): Promise<string> {
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise(resolve => channel.on('end', () => resolve(Buffer.concat(chunks).toString('utf8'))));
}
