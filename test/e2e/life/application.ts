import { afterAll, beforeAll, expect, test } from 'vitest';
import { Applications } from '../support/applications.ts';
import { BOOT } from '../support/guests.ts';
import { type Chapter, SHOP } from './chapter.ts';

const ORDER = 'orders';

export const application: Chapter = {
  title: 'AP-1: an application of the catalogue',
  tell: guests => {
    let applications: Applications;

    beforeAll(async () => {
      applications = await Applications.of(guests());
      await applications.offer('postgresql');
      await applications.prepare(SHOP);
    }, BOOT);
    afterAll(() => applications?.close());

    test('is set up in the guest and lets in who has the credentials of its binding (AP-1, AP-10, AP-11)', async () => {
      await applications.order(ORDER, SHOP, { product: 'postgresql', line: '17', serviceLevel: 'Basic' });
      await applications.says(ORDER, { Ready: 'True/AsOrdered', Available: 'True/ProbesSucceed' });
      const of = await applications.binding(ORDER);
      const target = `host=127.0.0.1 sslmode=require user=${of('username')} dbname=${of('database')} password=${of('password')}`;
      expect(await guests().asRoot(SHOP, `psql -XAtc 'select 40 + 2' '${target}'`)).toBe('42');
    });

    test('has the provider alone hold root as long as it is there (AP-9)', async () => {
      await expect(guests().asCustomer(SHOP, 'id')).rejects.toThrow();
      await applications.takeOut(ORDER);
      await guests().configured(SHOP);
      expect(await guests().asCustomer(SHOP, 'id -un')).not.toBe('');
    });
  },
};
