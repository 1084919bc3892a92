import { setTimeout } from 'node:timers/promises';
import { beforeAll, expect, test } from 'vitest';
import { newKeyPair, type SSHKeyPair } from '../../../hack/steward/guestorders.ts';
import { fingerprintOfLine } from '../../../src/domain/machine/sshkeys.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

/** Milliseconds between two looks at a guest that is being changed. */
const LOOK = 500;

export const access: GuestChapter = {
  title: 'MO-8: who may log in follows the order',
  tell: subject => {
    const [anna, annasNext, ben] = [newKeyPair('anna'), newKeyPair('anna-2027'), newKeyPair('ben')];

    const asRoot = (command: string) => subject().guests.asRoot(subject().name, command);
    const as = (user: string, key: SSHKeyPair, command: string, second?: SSHKeyPair) =>
      subject().guests.as(user, key, subject().name, command, second);
    const opens = (user: string, key: SSHKeyPair) =>
      as(user, key, 'id -un').then(
        name => name === user,
        () => false,
      );
    const order = (...users: readonly object[]) => subject().guests.edit(subject().name, { access: { users } });
    const converged = () =>
      subject().guests.reads(subject().name, { GuestReachable: 'True/Reached', Configured: 'True/AsOrdered' });
    const user = (name: string, key: SSHKeyPair, administrator: boolean) => ({
      ...{ name, sshKeys: [key.publicKey], administrator },
    });

    beforeAll(() => order(user('anna', anna, true)), BOOT);

    test('a guest is found as ordered, and its status names who can log in, with which key and rights', async () => {
      const { status } = await converged();
      expect(status.access.logins).toEqual([
        { name: 'anna', ordered: true, administrator: true, keys: [fingerprintOfLine(anna.publicKey)] },
        { name: 'steward', ordered: true, administrator: true, keys: [expect.stringMatching(/^SHA256:/)] },
      ]);
      expect(await as('anna', anna, 'sudo -n id -un')).toBe('root');
    });

    test('a user who is added gets in, with the rights that were ordered', async () => {
      await order(user('anna', anna, true), user('ben', ben, true));
      await converged();
      expect(await as('ben', ben, 'sudo -n id -un')).toBe('root');
    });

    test('rights of an administrator that are taken away are gone', async () => {
      await order(user('anna', anna, true), user('ben', ben, false));
      await converged();
      expect(await as('ben', ben, 'sudo -n id -un 2>/dev/null || id -un')).toBe('ben');
      expect(await as('anna', anna, 'sudo -n id -un')).toBe('root');
    });

    test('a key is replaced without a moment in which neither the old one nor the new one works', async () => {
      await order(user('anna', annasNext, true), user('ben', ben, false));
      const locked: string[] = [];
      let converging = true;
      const watching = (async () => {
        while (converging) {
          // The old one first: where it is refused already, the new one is there.
          const name = await as('anna', anna, 'id -un', annasNext).catch(() => 'nobody');
          if (name !== 'anna') locked.push(new Date().toISOString());
          await setTimeout(LOOK);
        }
      })();
      await converged().finally(() => {
        converging = false;
      });
      await watching;
      expect(locked).toEqual([]);
      expect(await opens('anna', annasNext)).toBe(true);
      expect(await opens('anna', anna)).toBe(false);
    });

    test('a user who is removed loses the open session, key and rights at once, and keeps the home', async () => {
      await as('ben', ben, 'echo kept > note');
      const session = as('ben', ben, 'tail -f /dev/null').then(
        () => 'ended',
        () => 'ended',
      );
      await eventually(() => asRoot('pgrep -u ben -x tail'), BOOT, LOOK);
      await order(user('anna', annasNext, true));
      expect(await session).toBe('ended');
      const { status } = await converged();
      expect(await opens('ben', ben)).toBe(false);
      expect(await asRoot('pgrep -u ben || echo nobody')).toBe('nobody');
      expect(await asRoot('cat ~ben/note')).toBe('kept');
      expect(status.access.logins.map(({ name }: { name: string }) => name)).toEqual(['anna', 'steward']);
    });

    test('MO-16: an account, a key and a sudo rule that nobody ordered are named, with since when, and left alone', async () => {
      const { publicKey } = newKeyPair('mallory');
      await asRoot(`useradd -m mallory && mkdir -p /root/.ssh && echo '${publicKey}' >> /root/.ssh/authorized_keys`);
      await asRoot("echo 'mallory ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/90-mallory");
      await asRoot(`mkdir -p ~mallory/.ssh && echo '${publicKey}' > ~mallory/.ssh/authorized_keys`);
      const since = expect.stringMatching(/^\d{4}-/);
      await eventually(
        async () => {
          const { foreign = [] } = (await converged()).status.access;
          expect(foreign).toEqual(
            expect.arrayContaining([
              expect.objectContaining({ kind: 'Account', name: expect.stringContaining('mallory'), since }),
              expect.objectContaining({ kind: 'Key', name: expect.stringContaining('root'), since }),
              expect.objectContaining({ kind: 'SudoRule', name: expect.stringContaining('90-mallory'), since }),
            ]),
          );
        },
        BOOT,
        LOOK,
      );
      expect(await asRoot('id -un mallory; test -f /etc/sudoers.d/90-mallory && echo left')).toBe('mallory\nleft');
      await asRoot('userdel -r mallory; rm /etc/sudoers.d/90-mallory; sed -i /mallory/d /root/.ssh/authorized_keys');
      await eventually(async () => expect((await converged()).status.access.foreign ?? []).toEqual([]), BOOT, LOOK);
    });
  },
};
