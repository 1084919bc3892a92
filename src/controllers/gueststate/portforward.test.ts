import { createConnection } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import type { Look } from '../../domain/guest/look.ts';
import { shellSteps } from '../../guest/run/scripts.ts';
import { DEFAULT_LIMITS } from '../../guest/transport/limits.ts';
import {
  answer,
  newKeys,
  type Script,
  type ScriptedGuest,
  startScriptedGuest,
} from '../../guest/transport/scriptedguest.fixtures.ts';
import { Session } from '../../guest/transport/session.ts';
import { Sessions } from '../../guest/transport/sessions.ts';
import {
  type FarEnd,
  refuse,
  startTunnelServer,
  type TunnelServer,
} from '../../runtime/http/scriptedtunnel.fixtures.ts';
import { Transport } from '../../runtime/http/transport.ts';
import { Hands } from './hands.ts';
import { GuestMemory } from './memory.ts';
import { dialPortForward } from './portforward.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const machine = { namespace: 'acme', name: 'shop-db' };
const never = () => new AbortController().signal;

async function guestThat(script: Script = {}): Promise<ScriptedGuest> {
  const guest = await startScriptedGuest(script);
  cleanups.push(() => guest.close());
  return guest;
}

/** Virt-api, played: dials the guest on loopback, and hands the bytes on. */
function handingOn({ port }: ScriptedGuest): (end: FarEnd) => void {
  return end => {
    const guest = createConnection({ host: '127.0.0.1', port });
    guest.on('error', () => {}).on('data', bytes => end.send(bytes));
    guest.on('close', () => end.socket.end());
    end.onBytes = bytes => void guest.write(bytes);
    end.onClose = () => guest.destroy();
  };
}

async function virtApi(...script: Parameters<typeof startTunnelServer>): Promise<[Transport, TunnelServer]> {
  const server = await startTunnelServer(...script);
  const connection = { server: server.url, credentials: async () => ({ headers: {} }) };
  const transport = new Transport({ connection, userAgent: 'test' });
  cleanups.push(
    () => server.close(),
    () => transport.close(),
  );
  return [transport, server];
}

describe('the way through portforward', () => {
  it('asks for the port of the instance, and brings a session there', async () => {
    const guest = await guestThat({ run: answer('done') });
    const asked: (string | undefined)[] = [];
    const [transport] = await virtApi(end => {
      asked.push(end.request.url, end.request.headers['sec-websocket-protocol'], end.request.headers.accept);
      handingOn(guest)(end);
    });
    const dial = dialPortForward(transport, machine, 22);
    const session = await Session.open(dial, guest.login, DEFAULT_LIMITS);
    cleanups.push(() => session.close());
    expect((await session.run('true', 'x'.repeat(200_000))).stdout).toBe('done');
    expect(asked).toEqual([
      '/apis/subresources.kubevirt.io/v1/namespaces/acme/virtualmachineinstances/shop-db/portforward/22/tcp',
      'plain.kubevirt.io',
      // What asks for JSON it refuses (406).
      '*/*',
    ]);
  });

  it('trusts no other host key than the direct one does (GE-8)', async () => {
    const guest = await guestThat();
    const [transport, server] = await virtApi(handingOn(guest));
    const login = { ...guest.login, hostKey: newKeys().publicKey };
    const session = Session.open(dialPortForward(transport, machine, 22), login, DEFAULT_LIMITS);
    await expect(session).rejects.toMatchObject({ reason: 'HostKeyMismatch' });
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });

  it.each([
    [400, /no interface/],
    [403, /may not use it/],
    [404, /no such instance/],
    [409, /paused/],
    [500, /does not reach the guest/],
    [503, /answered 503/],
  ])('tells a refusal with status %i as not reachable, in words of ours', async (status, words) => {
    const [transport] = await virtApi(() => {}, refuse(status));
    const dialled = dialPortForward(transport, machine, 22)(never);
    await expect(dialled).rejects.toMatchObject({ reason: 'NotReachable', message: expect.stringMatching(words) });
  });

  it('does not wait for a virt-api that never answers', async () => {
    const [transport] = await virtApi(
      () => {},
      () => {},
    );
    const dialled = dialPortForward(transport, machine, 22)(() => AbortSignal.timeout(30));
    await expect(dialled).rejects.toMatchObject({ reason: 'NoAnswer' });
  });

  it('ends as any connection does where it is closed amid the handshake of SSH', async () => {
    const [transport] = await virtApi(end => {
      end.send('SSH-2.0-OpenSSH_10.0\r\n');
      end.socket.end();
    });
    const { login } = await guestThat();
    const session = Session.open(dialPortForward(transport, machine, 22), login, DEFAULT_LIMITS);
    await expect(session).rejects.toMatchObject({ reason: expect.stringMatching(/^(ConnectionLost|NotSSH)$/) });
  });

  it('takes no more than a session does from one that speaks without end', async () => {
    const [transport, server] = await virtApi(end => {
      const more = () => {
        if (end.socket.destroyed) return;
        end.send(`${'welcome '.repeat(100)}\r\n`.repeat(5));
        setImmediate(more);
      };
      more();
    });
    const { login } = await guestThat();
    const session = Session.open(dialPortForward(transport, machine, 22), login, DEFAULT_LIMITS);
    await expect(session).rejects.toMatchObject({ reason: expect.stringMatching(/^(TooMuchOutput|NotSSH)$/) });
    await expect.poll(server.open, { timeout: 30_000 }).toBe(0);
  });
});

describe('hands that may use it', () => {
  const look: Look = { bootId: 'b', settings: [], access: [], foreign: [], noted: [], applications: [] };
  const settings = { namesOf: () => [], lookScript: () => '', readLook: () => look, healScript: () => '' };
  const tongueOf = () => ({
    command: 'true',
    steps: shellSteps(),
    settings,
    remedyScript: () => undefined,
    refusal: () => '',
  });
  const desired = {} as DesiredGuest;

  async function handsOf(guest: ScriptedGuest, port: number) {
    const [transport, server] = await virtApi(handingOn(guest));
    const sessions = new Sessions({ idleMs: 60_000 });
    cleanups.push(() => sessions.close());
    const hands = new Hands(sessions, { port, tongueOf, portForward: to => dialPortForward(transport, to, port) });
    const memory = new GuestMemory();
    const { privateKey: providerPrivateKey, hostKey: hostPublicKey } = guest.login;
    const keys = { providerPrivateKey, hostPublicKey, providerPublicKey: '', prints: { provider: '', host: '' } };
    const lookAt = (forwarded: typeof machine | undefined) =>
      hands
        .look(
          hands.targetAt({ uid: 'u1', address: '127.0.0.1', forwarded }, [keys], memory, () => 0),
          () => desired,
          new Date(0),
        )
        .then(seen => seen.look);
    return { lookAt, memory, server };
  }

  /** A port of loopback where nobody listens. */
  async function closedPort(): Promise<number> {
    const gone = await startScriptedGuest();
    await gone.close();
    return gone.port;
  }

  it('look by it where the guest is not reached directly, and remember that', async () => {
    const guest = await guestThat({ run: answer('') });
    const { lookAt, memory } = await handsOf(guest, await closedPort());
    expect(await lookAt(machine)).toBe(look);
    expect(memory.led?.name).toBe('PortForward');
  });

  it('leave it alone where it would lead elsewhere than to the address', async () => {
    const guest = await guestThat({ run: answer('') });
    const { lookAt, memory } = await handsOf(guest, await closedPort());
    await expect(lookAt(undefined)).rejects.toMatchObject({ reason: 'NotReachable' });
    expect(memory.led).toBeUndefined();
  });

  it.each<[string, Script]>([
    ['does not let us in', { authorized: newKeys() }],
    ['has another host key', { hostKey: newKeys() }],
    ['does not speak SSH', { greet: socket => socket.end('no\r\n') }],
  ])('do not ask for it where what is reached directly %s', async (what, script) => {
    const direct = await guestThat(script);
    const guest = await guestThat({ run: answer('') });
    const { lookAt, memory, server } = await handsOf(guest, direct.port);
    await expect(lookAt(machine), what).rejects.toMatchObject({ name: 'GuestFailure' });
    expect([memory.led?.name, server.open()]).toEqual(['Direct', 0]);
  });
});
