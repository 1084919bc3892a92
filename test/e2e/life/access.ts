import { expect, test } from 'vitest';
import { newKeyPair } from '../../../hack/steward/guestorders.ts';
import { type Chapter, SHOP } from './chapter.ts';

/** A sample of test/e2e/guest/access.ts. */
export const access: Chapter = {
  title: 'MO-8: who may log in follows the order',
  tell: guests => {
    const ben = newKeyPair('ben');
    const order = async (...others: readonly object[]) => {
      await guests().edit(SHOP, { access: { users: [guests().customer, ...others] } });
      return guests().configured(SHOP);
    };

    test('a user who is added gets in; removed, the user is out, and the status says who is left', async () => {
      await order({ name: 'ben', sshKeys: [ben.publicKey], administrator: false });
      expect(await guests().as('ben', ben, SHOP, 'id -un')).toBe('ben');
      const { status } = await order();
      await expect(guests().as('ben', ben, SHOP, 'id -un')).rejects.toThrow('Permission denied');
      expect(status.access.logins.map(({ name }: { name: string }) => name)).toEqual(['anna', 'steward']);
    });
  },
};
