import { expect, test } from 'vitest';
import { inGuest, type Login } from '../../../hack/steward/ssh.ts';
import { managedVM } from '../../../src/api/managedvm.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { BOOT } from '../support/guests.ts';
import type { GuestChapter } from './chapter.ts';

/** Milliseconds between two looks at a guest that is being changed. */
const LOOK = 500;

export const rotation: GuestChapter = {
  title: "MO-8: the provider's key follows the order",
  tell: subject => {
    const keys = async () => {
      const { guests, name } = subject();
      return (await guests.api.get(managedVM, guests.namespace, name)).status.keys;
    };
    const opens = (login: Login) =>
      inGuest(login, 'true').then(
        () => true,
        () => false,
      );

    test('it is replaced without a moment in which none opens the guest, and the former one opens it no more', async () => {
      const { guests, name } = subject();
      const [before, former] = [await keys(), await guests.loginOf(name)];
      const generation = (before.generation ?? 1) + 1;
      await guests.edit(name, { access: { providerKey: { generation } } });
      // On one connection, for sshd shuts out whoever fails on several; the former one first: where it is refused already, the present one is there.
      const either = async () => opens({ ...former, secondKey: (await guests.loginOf(name)).privateKey });
      const locked: string[] = [];
      const after = await eventually(
        async () => {
          // Twice, for the present one may have taken the former one's place while it was asked.
          if (!(await either()) && !(await either())) locked.push(new Date().toISOString());
          const now = await keys();
          expect(now).toEqual({ host: before.host, provider: expect.stringMatching(/^SHA256:/), generation });
          return now;
        },
        BOOT,
        LOOK,
      );
      expect(locked).toEqual([]);
      expect(after.provider).not.toBe(before.provider);
      expect(await opens(former)).toBe(false);
      const { status } = await guests.reads(name, { GuestReachable: 'True/Reached', Configured: 'True/AsOrdered' });
      const steward = status.access.logins.find((login: { name: string }) => login.name === 'steward');
      expect(steward.keys).toEqual([after.provider]);
    });
  },
};
