import type { Duplex } from 'node:stream';
import { type AnyAuthMethod, Client, type ClientChannel, type ConnectConfig } from 'ssh2';
import { BoundedText } from './boundedtext.ts';
import type { Dial } from './dial.ts';
import { failureOf, GuestFailure } from './failure.ts';
import { isPinned, keyBlob } from './hostkey.ts';
import type { Limits } from './limits.ts';

/** Who logs in, with what, and how the guest proves itself. */
export type Login = {
  readonly user: string;
  /** Private key in OpenSSH's PEM. */
  readonly privateKey: string;
  /** Keys that are offered after it, in this order, on the same connection: sshd counts tries, and cuts off after six (MaxAuthTries). */
  readonly otherKeys?: readonly string[];
  /** The host key on record, as a line of OpenSSH. */
  readonly hostKey: string;
};

/** What a command did. Every word of it is the guest's: hostile until it is parsed. */
export type Answer = {
  /** Exit status; undefined where a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether more was said than is kept. */
  readonly truncated: boolean;
};

/** Every guest's sshd since OpenSSH 6.5 (2014) knows these, and Windows' since its first; nothing weaker is ever offered. */
const ALGORITHMS = {
  kex: ['curve25519-sha256', 'curve25519-sha256@libssh.org'],
  serverHostKey: ['ssh-ed25519'],
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'chacha20-poly1305@openssh.com'],
  compress: ['none'],
} satisfies ConnectConfig['algorithms'];

const lost = (): GuestFailure => new GuestFailure('ConnectionLost', 'the guest closed the connection');
const refused = (): GuestFailure => new GuestFailure('LoginRefused', 'the guest closed the connection at the login');
/** How every connection ends that ends well: made once, for an Error with its stack costs more than the rest of the end. */
const CLOSED_BY_US = new GuestFailure('ConnectionLost', 'closed by us');

/** One connection to one guest. Nothing that it sends is evaluated, and none of it costs more than the limits say. */
export class Session {
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #limits: Limits;
  /** Bytes that may still arrive before the connection is cut. */
  #allowance: number;
  #failure: GuestFailure | undefined;
  /** What it means where the guest closes the connection now. */
  #closed = lost;
  readonly #onFailure = new Set<(failure: GuestFailure) => void>();
  #offered = 0;

  private constructor(client: Client, stream: Duplex, limits: Limits) {
    this.#client = client;
    this.#stream = stream;
    this.#limits = limits;
    this.#allowance = limits.handshakeBytes;
    stream.on('data', (chunk: Buffer) => this.#received(chunk.length));
    client.on('error', error => this.#fail(failureOf(error)));
    client.on('close', () => {
      if (!this.broken) this.#fail(this.#closed());
    });
  }

  /** Connects and logs in. Throws GuestFailure, and leaves no connection behind then. */
  static async open(dial: Dial, login: Login, limits: Limits): Promise<Session> {
    const stream = await dial(() => AbortSignal.timeout(limits.connectMs));
    const session = new Session(new Client(), stream, limits);
    await session.#logIn(login);
    return session;
  }

  /** How many keys were offered before the one that let us in: 0 where it was the first. */
  get refusedKeys(): number {
    return this.#offered - 1;
  }

  get broken(): boolean {
    return this.#failure !== undefined;
  }

  /**
   * Runs `command` through the login shell of the user and writes `input` to its standard input.
   * A secret belongs into `input`: what a command says, its arguments included, everybody in the guest can see.
   * Throws GuestFailure: then the connection is gone, and whether the command did anything is not known.
   */
  async run(command: string, input = '', commandMs = this.#limits.commandMs): Promise<Answer> {
    this.#allowance = this.#limits.commandBytes;
    const late = () => this.#fail(new GuestFailure('TimedOut', `no exit status within ${commandMs} ms`));
    const timer = setTimeout(late, commandMs);
    try {
      return await this.#settled<Answer>((resolve, reject) => {
        this.#client.exec(command, (error, channel) => {
          if (error !== undefined) return reject(failureOf(error));
          // At once: the whole answer may stand in the packet that opened the channel.
          this.#listen(channel, resolve, reject);
          channel.end(input);
        });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.#fail(CLOSED_BY_US);
  }

  async #logIn({ user, privateKey, otherKeys = [], hostKey }: Login): Promise<void> {
    const keys = [privateKey, ...otherKeys];
    const pinned = keyBlob(hostKey);
    const mismatch = () => this.#fail(new GuestFailure('HostKeyMismatch', 'the host key is not the one on record'));
    await this.#settled<void>((resolve, reject) => {
      // From the proof of its host key on it only has to let us in: an account that has expired it throws out without a word.
      this.#client.once('handshake', () => {
        this.#closed = refused;
      });
      this.#client.once('ready', () => {
        this.#closed = lost;
        resolve();
      });
      try {
        this.#client.connect({
          sock: this.#stream as NonNullable<ConnectConfig['sock']>,
          username: user,
          authHandler: (_methods, _partial, next) => {
            const key = keys[this.#offered];
            this.#offered += 1;
            next((key === undefined ? false : { type: 'publickey', username: user, key }) as AnyAuthMethod);
          },
          algorithms: ALGORITHMS,
          readyTimeout: this.#limits.handshakeMs,
          hostVerifier: (offered: Buffer) => {
            const same = isPinned(pinned, offered);
            if (!same) mismatch();
            return same;
          },
        });
      } catch (error) {
        reject(failureOf(error as Error));
      }
    });
  }

  #listen(channel: ClientChannel, resolve: (answer: Answer) => void, reject: (failure: GuestFailure) => void): void {
    const [stdout, stderr] = [new BoundedText(this.#limits.outputBytes), new BoundedText(this.#limits.outputBytes)];
    let exit: Pick<Answer, 'exitCode' | 'signal'> | undefined;
    channel.on('data', (chunk: Buffer) => stdout.add(chunk));
    channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
    channel.on('exit', (code: number | null, signal?: string) => {
      exit = { exitCode: code ?? undefined, signal };
    });
    channel.on('error', (error: Error) => reject(failureOf(error)));
    channel.on('close', () => {
      if (exit === undefined) return reject(new GuestFailure('ConnectionLost', 'no exit status came'));
      const truncated = stdout.truncated || stderr.truncated;
      resolve({ ...exit, stdout: stdout.text(), stderr: stderr.text(), truncated });
    });
  }

  /** The promise of a step, which the failure of the whole connection ends too. */
  #settled<Value>(
    start: (resolve: (value: Value) => void, reject: (failure: GuestFailure) => void) => void,
  ): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise<Value>((resolve, reject) => {
      const failed = (failure: GuestFailure) => {
        this.#fail(failure);
        reject(this.#failure ?? failure);
      };
      this.#onFailure.add(failed);
      const done = (value: Value) => {
        this.#onFailure.delete(failed);
        resolve(value);
      };
      start(done, failed);
    });
  }

  #received(bytes: number): void {
    this.#answerAtOnce();
    this.#allowance -= bytes;
    if (this.#allowance < 0) this.#fail(new GuestFailure('TooMuchOutput', 'the guest sent more than anybody reads'));
  }

  /** What is said to one packet of the guest goes out as one: each by itself is a call of the kernel, and costs more than its bytes. */
  #answerAtOnce(): void {
    this.#stream.cork();
    setImmediate(() => this.#stream.uncork());
  }

  /** The first failure counts; what comes after it is its echo. */
  #fail(failure: GuestFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#client.destroy();
    this.#stream.destroy();
    for (const failed of [...this.#onFailure]) failed(failure);
    this.#onFailure.clear();
  }
}
