import { afterEach, describe, expect, it } from 'vitest';
import { answer, newKeys, type Script, type ScriptedGuest, startScriptedGuest } from './scriptedguest.fixtures.ts';
import { Sessions, type Target } from './sessions.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function guestThat(script: Script = { run: answer('done') }): Promise<ScriptedGuest> {
  const guest = await startScriptedGuest(script);
  cleanups.push(() => guest.close());
  return guest;
}

function sessionsWith(idleMs = 60_000): Sessions {
  const sessions = new Sessions({ idleMs });
  cleanups.push(() => sessions.close());
  return sessions;
}

const targetOf = ({ dial, login }: ScriptedGuest, more: Partial<Target> = {}): Target => {
  return { uid: 'u1', way: 'a', dial, login, ...more };
};

describe('the sessions of a worker', () => {
  it('share one connection per guest, also while it is being opened', async () => {
    const guest = await guestThat();
    const sessions = sessionsWith();
    await Promise.all([1, 2, 3].map(() => sessions.run(targetOf(guest), 'true')));
    await sessions.run(targetOf(guest), 'true');
    expect(guest.taken()).toBe(1);
  });

  it('close a connection that nobody has used for a while', async () => {
    const guest = await guestThat();
    const sessions = sessionsWith(20);
    await sessions.run(targetOf(guest), 'true');
    await expect.poll(() => [sessions.size, guest.open()]).toEqual([0, 0]);
  });

  it('keep no connection that another key than the first has opened: the next one shows whether the first opens by then (MO-8)', async () => {
    const [former, present] = [newKeys(), newKeys()];
    let admitted = former;
    const guest = await guestThat({ run: answer(''), admits: key => admitted.publicKey.includes(key) });
    const sessions = sessionsWith();
    const login = { ...guest.login, privateKey: present.privateKey, otherKeys: [former.privateKey] };
    const refused = () => sessions.use(targetOf(guest, { login }), async session => session.refusedKeys);
    expect(await Promise.all([refused(), refused()])).toEqual([1, 1]);
    expect(sessions.size).toBe(0);
    admitted = present;
    expect([await refused(), await refused()]).toEqual([0, 0]);
    expect(guest.taken()).toBe(2);
  });

  it('connect anew after a failure, and not before somebody asks', async () => {
    let count = 0;
    const run: Script['run'] = command => {
      count += 1;
      if (count === 1) command.connection.end();
      else answer('up again')(command);
    };
    const guest = await guestThat({ run });
    const sessions = sessionsWith();
    await expect(sessions.run(targetOf(guest), 'reboot')).rejects.toMatchObject({ reason: 'ConnectionLost' });
    expect([sessions.size, guest.taken()]).toEqual([0, 1]);
    expect((await sessions.run(targetOf(guest), 'true')).stdout).toBe('up again');
  });

  it('do not go on with a connection whose guest has another host key on record since', async () => {
    const guest = await guestThat();
    const sessions = sessionsWith();
    await sessions.run(targetOf(guest), 'true');
    const login = { ...guest.login, hostKey: newKeys().publicKey };
    await expect(sessions.run(targetOf(guest, { login }), 'true')).rejects.toMatchObject({ reason: 'HostKeyMismatch' });
    await expect.poll(() => guest.open()).toBe(0);
  });

  it('keep guests apart by UID, whatever they are called', async () => {
    const [one, other] = [await guestThat({ run: answer('one') }), await guestThat({ run: answer('other') })];
    const sessions = sessionsWith();
    const said = [
      await sessions.run(targetOf(one, { uid: '__proto__' }), 'x'),
      await sessions.run(targetOf(other, { uid: 'constructor' }), 'x'),
      await sessions.run(targetOf(one, { uid: '__proto__' }), 'x'),
    ];
    expect(said.map(({ stdout }) => stdout)).toEqual(['one', 'other', 'one']);
    expect(one.taken()).toBe(1);
  });
});
