import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../../integration/support/eventually.ts';
import { Applications } from '../support/applications.ts';
import { BOOT } from '../support/guests.ts';
import { type Chapter, SHOP } from './chapter.ts';

const ORDER = 'sessions';
/** Between two looks into the guest. Milliseconds. */
const LOOK = 2_000;

/** The smallest of the catalogue that has a login; `npm run e2e -- --applications` tells more, and of all of them. */
export const application: Chapter = {
  title: 'AP-1: an application of the catalogue',
  tell: guests => {
    let applications: Applications;

    beforeAll(async () => {
      applications = await Applications.of(guests());
      await applications.offer('valkey');
      await applications.prepare(SHOP);
    }, BOOT);
    afterAll(async () => {
      // A source that answers no more keeps apt from others at the same address.
      await applications?.forget(SHOP);
      await applications?.close();
    });

    test('is set up in the guest and lets in who has the credentials of its binding (AP-1, AP-10, AP-11)', async () => {
      await applications.order(ORDER, SHOP, { product: 'valkey', line: '8.1', serviceLevel: 'Basic' });
      await applications.says(ORDER, { Ready: 'True/AsOrdered', Available: 'True/ProbesSucceed' });
      const of = await applications.binding(ORDER);
      const ask = `REDISCLI_AUTH=${of('password')} valkey-cli --tls --insecure -h 127.0.0.1 --user ${of('username')} ping`;
      expect(await guests().asRoot(SHOP, ask)).toBe('PONG');
    });

    test('has the provider alone hold root as long as it is there, and its data stay where it is taken out (AP-9)', async () => {
      await expect(guests().asCustomer(SHOP, 'id')).rejects.toThrow();
      await applications.takeOut(ORDER);
      expect(await guests().asRoot(SHOP, 'ls -d /var/lib/valkey')).toBe('/var/lib/valkey');
      // That he is to have them again is known to the operator first.
      await eventually(() => guests().asCustomer(SHOP, 'id -un'), BOOT, LOOK);
    });
  },
};
