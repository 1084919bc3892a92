/** A change of the version line in a real guest: PostgreSQL 15, as the Debian before has it, becomes Debian 13's own 17 (GE-11, GE-13). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { changeRequest } from '../../../src/api/changerequest.ts';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { agreeToChange } from '../../integration/support/agreement.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { Applications } from '../support/applications.ts';
import { BOOT, Guests, kubectl, kubectlWith } from '../support/guests.ts';
import { openNow } from '../support/openwindow.ts';

const VM = 'shop-db';
const ORDER = 'orders';
const PRODUCT = 'postgresql-lines';
/** Between two looks at what takes minutes. Milliseconds. */
const LOOK = 3_000;
const works = { Available: 'True/ProbesSucceed', Provisioned: 'True/Installed', Configured: 'True/AsPlanned' };

let guests: Guests;
let applications: Applications;

beforeAll(async () => {
  guests = await Guests.in('applications-line');
  applications = await Applications.of(guests, 'bookworm.former');
  const path = { from: '15', to: '17', engine: 'PostgreSQL', expectedMinutes: 10, withinSeconds: 600 };
  await applications.offerAs(PRODUCT, 'postgresql', ({ lines }) => ({
    upgradePaths: [path],
    lines: lines.map((line: Any) => ({ ...line, operatingSystems: [{ name: 'debian-13' }] })),
  }));
  await guests.order(VM, { memory: '1Gi' });
  await guests.configured(VM);
  await guests.reachable(VM);
  await applications.prepare(VM);
}, 2 * BOOT);
afterAll(async () => {
  await applications?.close();
  await guests?.close();
});

const inGuest = (command: string) => guests.asRoot(VM, command);
const sql = (text: string) => inGuest(`runuser -u postgres -- psql -XAtc '${text}' app`);
const clusters = async () => (await inGuest("pg_lsclusters -h | awk '{ print $1, $4 }'")).split('\n');

async function changeIs(phase: string): Promise<Any> {
  return eventually(
    async () => {
      const { status } = await applications.found(ORDER);
      expect(status.lineChange, JSON.stringify(status.lineChange)).toMatchObject({ phase });
      return status;
    },
    BOOT,
    LOOK,
  );
}

describe('an application whose line the customer wants changed', { timeout: 2 * BOOT }, () => {
  test('AP-1: runs in the line that was ordered', async () => {
    await applications.order(ORDER, VM, { product: PRODUCT, line: '15', serviceLevel: 'Expert' });
    const { status } = await applications.says(ORDER, works);
    expect(status.version).toMatch(/^15[.]/);
    await sql('create table orders as select g as id, md5(g::text) as what from generate_series(1, 5000) g');
  });

  test('GE-11: is left as it is when it is asked for, with what it would mean, until both sides have agreed', async () => {
    await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { nextLine: '17' } });
    await changeIs('Checked');
    expect(await clusters()).toEqual(['15 online']);
  });

  test('GE-11: is changed in a window by an agreed change, with all its data; the old instance stays, stopped', async () => {
    const { lineChange } = await changeIs('Checked');
    await openNow(guests);
    await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { windowRef: 'now' } });
    const bed = {
      api: guests.api,
      kubectl: (args: readonly string[], input?: string) =>
        input === undefined ? kubectl(...args) : kubectlWith(args, JSON.parse(input)),
    };
    await agreeToChange(bed, guests.namespace, lineChange.change.name, BOOT);
    const { line } = await changeIs('Done');
    expect(line).toBe('17');
    const { status } = await applications.says(ORDER, works);
    expect(status.version).toMatch(/^17[.]/);
    expect(await sql('select count(*), sum(id) from orders')).toBe('5000|12502500');
    expect(await clusters()).toEqual(['15 down', '17 online']);
    const { spec } = await guests.api.get(changeRequest, guests.namespace, lineChange.change.name);
    expect(spec.result).toMatchObject({ outcome: 'Succeeded', by: 'steward' });
  });

  test('GE-13: loses the instance of the line of before once the customer has accepted', async () => {
    const { lineChange } = await changeIs('Done');
    const acceptance = JSON.stringify({ spec: { acceptance: { decision: 'Accept', by: 'anna' } } });
    const as = ['--as=anna', '--as-group=system:masters'];
    await kubectl(
      '-n',
      guests.namespace,
      'patch',
      'chg',
      lineChange.change.name,
      '--type=merge',
      '-p',
      acceptance,
      ...as,
    );
    await eventually(
      async () => expect((await applications.found(ORDER)).status.lineChange.retired).toBe(true),
      BOOT,
      LOOK,
    );
    expect(await clusters()).toEqual(['17 online']);
    expect(await sql('select count(*) from orders')).toBe('5000');
    await applications.says(ORDER, works);
  });
});
