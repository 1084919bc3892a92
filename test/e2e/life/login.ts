import { expect, test } from 'vitest';
import { type Chapter, SHOP } from './chapter.ts';

export const login: Chapter = {
  title: 'MO-1: a VM that was ordered boots, and the guest worker makes the rest',
  tell: guests => {
    test('MO-8: the customer and the provider log in with their keys, and the host key is the one on record', async () => {
      expect(await guests().asCustomer(SHOP, 'id -un')).toBe('anna');
      expect(await guests().asRoot(SHOP, 'id -u')).toBe('0');
    });
  },
};
