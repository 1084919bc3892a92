/** The life of a guest from its order to its end: what `npm test` shows of the promises on a guest that boots. */
import { afterAll, beforeAll, describe } from 'vitest';
import { access } from './life/access.ts';
import { admin } from './life/admin.ts';
import { application } from './life/application.ts';
import { type Chapter, HERE, SHOP, UNWATCHED } from './life/chapter.ts';
import { deletion } from './life/deletion.ts';
import { login } from './life/login.ts';
import { patches } from './life/patches.ts';
import { power } from './life/power.ts';
import { sensors } from './life/sensors.ts';
import { steadfast } from './life/steadfast.ts';
import { BOOT, Guests } from './support/guests.ts';

/** In this order: first what wants a guest as it was ordered, its end last. */
const chapters: readonly Chapter[] = [login, sensors, admin, access, patches, application, steadfast, power, deletion];

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in(HERE);
  await guests.order(UNWATCHED, { serviceLevel: 'Admin' });
  await guests.order(SHOP, { deletionProtection: true, disks: [{ name: 'root', size: '3Gi' }] });
}, BOOT);

afterAll(() => guests?.close());

describe.each(chapters)('$title', ({ tell }) => {
  beforeAll(async () => {
    for (const name of [SHOP, UNWATCHED]) await guests.configured(name);
  }, BOOT);

  tell(() => guests);
});
