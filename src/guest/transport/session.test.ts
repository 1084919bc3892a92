import { afterEach, describe, expect, it } from 'vitest';
import type { Dial } from './dial.ts';
import { GuestFailure } from './failure.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { answer, newKeys, type Script, type ScriptedGuest, startScriptedGuest } from './scriptedguest.fixtures.ts';
import { type Login, Session } from './session.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function guestThat(script: Script): Promise<ScriptedGuest> {
  const guest = await startScriptedGuest(script);
  cleanups.push(() => guest.close());
  return guest;
}

async function sessionWith(script: Script, limits: Partial<Limits> = {}, login: Partial<Login> = {}): Promise<Session> {
  const guest = await guestThat(script);
  const session = await Session.open(guest.dial, { ...guest.login, ...login }, { ...DEFAULT_LIMITS, ...limits });
  cleanups.push(() => session.close());
  return session;
}

/** The reason for which this fails. */
async function reasonOf(work: Promise<unknown>): Promise<string> {
  const failure = await work.then(
    () => 'nothing failed',
    (error: unknown) => error,
  );
  if (!(failure instanceof GuestFailure)) throw new Error(`no GuestFailure: ${String(failure)}`);
  expect(failure.message).toMatch(/^[^\p{Cc}]{1,300}$/u);
  return failure.reason;
}

describe('a session with a guest', () => {
  it('brings a command, its input, its output and its exit status', async () => {
    const session = await sessionWith({
      run: async ({ command, input, channel }) => {
        channel.write(`${command} got ${await input}`);
        channel.stderr.write('and complains');
        channel.exit(3);
        channel.end();
      },
    });
    expect(await session.run('/bin/sh -s', 'secret')).toEqual({
      exitCode: 3,
      signal: undefined,
      stdout: '/bin/sh -s got secret',
      stderr: 'and complains',
      truncated: false,
    });
  });

  it('costs one call of the kernel for what it says to one packet, not one for each piece of it', async () => {
    const guest = await guestThat({ run: answer('') });
    let calls = 0;
    const counting: Dial = async signal => {
      const stream = await guest.dial(signal);
      const [write, writev] = [stream._write.bind(stream), stream._writev?.bind(stream)];
      stream._write = (...all) => {
        calls += 1;
        write(...all);
      };
      stream._writev = (...all) => {
        calls += 1;
        writev?.(...all);
      };
      return stream;
    };
    const session = await Session.open(counting, guest.login, DEFAULT_LIMITS);
    cleanups.push(() => session.close());
    await session.run('true', 'input');
    expect(calls).toBeGreaterThan(5);
    // Some thirty pieces: each packet has its length, its content and its tag.
    expect(calls).toBeLessThanOrEqual(15);
  });

  it('serves many commands, at once and one after the other, on one connection', async () => {
    const guest = await guestThat({ run: ({ command, channel }) => answer(command)({ channel } as never) });
    const session = await Session.open(guest.dial, guest.login, DEFAULT_LIMITS);
    cleanups.push(() => session.close());
    const many = await Promise.all(['a', 'b', 'c'].map(command => session.run(command)));
    const last = await session.run('d');
    expect([...many, last].map(({ stdout }) => stdout)).toEqual(['a', 'b', 'c', 'd']);
    expect(guest.taken()).toBe(1);
  });

  it('trusts no host key but the one on record, also at the first time', async () => {
    const other = newKeys();
    expect(await reasonOf(sessionWith({}, {}, { hostKey: other.publicKey }))).toBe('HostKeyMismatch');
  });

  it('tells a key that is not let in', async () => {
    expect(await reasonOf(sessionWith({ authorized: newKeys() }))).toBe('LoginRefused');
  });

  it('offers its keys in their order on one connection, and tells how many were refused (MO-8)', async () => {
    const [first, second, third] = [newKeys(), newKeys(), newKeys()];
    const login = { privateKey: first.privateKey, otherKeys: [second.privateKey, third.privateKey] };
    const guest = await guestThat({ authorized: third, run: ({ key, channel }) => answer(key)({ channel } as never) });
    const session = await Session.open(guest.dial, { ...guest.login, ...login }, DEFAULT_LIMITS);
    cleanups.push(() => session.close());
    expect(session.refusedKeys).toBe(2);
    expect(third.publicKey).toContain((await session.run('x')).stdout);
    expect(guest.taken()).toBe(1);
    expect((await sessionWith({ authorized: first }, {}, login)).refusedKeys).toBe(0);
    expect(await reasonOf(sessionWith({ authorized: newKeys() }, {}, login))).toBe('LoginRefused');
    expect(await reasonOf(sessionWith({}, {}, { privateKey: 'none' }))).toBe('LoginRefused');
  });

  it('tells an account that is thrown out although its key is right', async () => {
    expect(await reasonOf(sessionWith({ throwsOut: true }))).toBe('LoginRefused');
  });

  it('offers no old algorithms', async () => {
    const server = { algorithms: { kex: ['diffie-hellman-group14-sha1'] } } as const;
    expect(await reasonOf(sessionWith({ server: server as never }))).toBe('OldAlgorithms');
  });

  it('does not wait for something that takes connections and says nothing', async () => {
    expect(await reasonOf(sessionWith({ greet: () => {} }, { handshakeMs: 30 }))).toBe('NotSSH');
  });

  it('does not listen to something that speaks without end before it has proved itself', async () => {
    const greet: Script['greet'] = socket => {
      const line = `${'welcome '.repeat(128)}\r\n`;
      const more = () => void socket.write(line, error => error ?? setImmediate(more));
      more();
    };
    expect(['TooMuchOutput', 'NotSSH']).toContain(await reasonOf(sessionWith({ greet }, { handshakeBytes: 4096 })));
  });

  it('tells what answers and is no SSH server, without its control characters', async () => {
    const greet: Script['greet'] = socket => socket.end('HTTP/1.1 400 \u001b[31mBad Request\r\n\r\n\u0000');
    expect(['NotSSH', 'ConnectionLost']).toContain(await reasonOf(sessionWith({ greet })));
  });

  it('is not ended by the limit for its connecting once it is connected', async () => {
    const { dial } = await guestThat({});
    const connecting = new AbortController();
    const stream = await dial(() => connecting.signal);
    connecting.abort();
    expect(stream.destroyed).toBe(false);
    stream.destroy();
  });

  it('does not wait for an address that does not answer', async () => {
    const { dial } = await guestThat({});
    expect(await reasonOf(dial(() => AbortSignal.abort()))).toBe('NoAnswer');
  });

  it('tells a port where nobody listens', async () => {
    const guest = await startScriptedGuest();
    await guest.close();
    expect(await reasonOf(Session.open(guest.dial, guest.login, DEFAULT_LIMITS))).toBe('NotReachable');
  });

  it('keeps no more of an output than its limit, and says so', async () => {
    const session = await sessionWith({ run: answer('x'.repeat(10_000)) }, { outputBytes: 100 });
    expect(await session.run('yes')).toMatchObject({ stdout: 'x'.repeat(100), truncated: true, exitCode: 0 });
  });

  it('cuts a guest off that sends without end', async () => {
    const session = await sessionWith(
      {
        run: ({ channel }) => {
          const more = () => void (channel.writable && channel.write(Buffer.alloc(32_768), () => setImmediate(more)));
          more();
        },
      },
      { outputBytes: 100, commandBytes: 200_000 },
    );
    expect(await reasonOf(session.run('yes'))).toBe('TooMuchOutput');
    expect(session.broken).toBe(true);
  });

  it('does not wait for a command that does not end', async () => {
    const session = await sessionWith({ run: () => {} });
    expect(await reasonOf(session.run('sleep infinity', '', 30))).toBe('TimedOut');
  });

  it.each([
    ['before its answer', ({ connection }: { connection: { end(): void } }) => connection.end()],
    [
      'amid its answer',
      ({ channel, connection }: { channel: { write(text: string): void }; connection: { end(): void } }) => {
        channel.write('half');
        connection.end();
      },
    ],
  ])('says that it does not know what became of a command where the connection breaks %s', async (_, run) => {
    const session = await sessionWith({ run });
    expect(await reasonOf(session.run('reboot'))).toBe('ConnectionLost');
    expect(await reasonOf(session.run('again'))).toBe('ConnectionLost');
  });

  it('does not take the end of a channel without exit status for success', async () => {
    const session = await sessionWith({ run: ({ channel }) => channel.end() });
    expect(await reasonOf(session.run('true'))).toBe('ConnectionLost');
  });

  it('leaves no connection behind, whatever went wrong', async () => {
    const guest = await guestThat({ authorized: newKeys() });
    await reasonOf(Session.open(guest.dial, guest.login, DEFAULT_LIMITS));
    await expect.poll(() => guest.open()).toBe(0);
  });
});
