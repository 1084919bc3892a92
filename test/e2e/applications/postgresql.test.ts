/** PostgreSQL of the catalogue in a real Debian guest: ordered, set up by the guest worker, used, disturbed, taken out (AP-1, AP-9 to AP-11). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { managedApplication } from '../../../src/api/managedapplication.ts';
import { eventually } from '../../integration/support/eventually.ts';
import { Applications } from '../support/applications.ts';
import { BOOT, Guests } from '../support/guests.ts';

const VM = 'shop-db';
const ORDER = 'orders';
/** Between two looks into the guest. Milliseconds. */
const LOOK = 3_000;

let guests: Guests;
let applications: Applications;

const says = (wanted: Record<string, string>) => applications.says(ORDER, wanted);
const edit = (parameters: object) =>
  guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { parameters } });
const asPostgres = (sql: string): Promise<string> =>
  guests.asRoot(VM, `runuser -u postgres -- psql -XAtc "${sql}" app`);

beforeAll(async () => {
  guests = await Guests.in('applications');
  applications = await Applications.of(guests);
  await applications.offer('postgresql');
  await guests.order(VM, { memory: '1Gi' });
  await guests.configured(VM);
  await guests.reachable(VM);
  await applications.prepare(VM);
}, 2 * BOOT);
afterAll(async () => {
  await applications?.close();
  await guests?.close();
});

describe('PostgreSQL, ordered at Expert', { timeout: 2 * BOOT }, () => {
  test('AP-1, AP-10: is installed and configured, and works, as read back in the guest', async () => {
    const parameters = { max_connections: 50 };
    const order = { product: 'postgresql', line: '17', serviceLevel: 'Expert', parameters, modules: ['pg_trgm'] };
    await applications.order(ORDER, VM, order);
    const { status } = await says({
      ...{ Ready: 'True/AsOrdered', Provisioned: 'True/Installed', Configured: 'True/AsPlanned' },
      ...{ Available: 'True/ProbesSucceed', Supported: 'True/Supported' },
    });
    expect(status.version).toMatch(/^17\.\d+-/);
    expect(await asPostgres('show max_connections')).toBe('50');
    expect(await asPostgres('show data_checksums')).toBe('on');
  });

  test('AP-10: lets in who has the credentials of its binding, over the network and by TLS, and nobody else', async () => {
    const of = await applications.binding(ORDER);
    const target = `host=127.0.0.1 sslmode=require user=${of('username')} dbname=${of('database')}`;
    const connect = (password: string) =>
      guests.asRoot(VM, `psql -XAtc 'select 40 + 2' '${target} password=${password}' 2>&1 || true`);
    expect(await connect(of('password'))).toBe('42');
    expect(await connect('wrong')).toContain('password authentication failed');
  });

  test('AP-9: shuts the customer out; that nobody else holds root is not called True where he did before', async () => {
    await expect(guests.asCustomer(VM, 'id')).rejects.toThrow();
    // He had an account there before.
    await says({ SoleRoot: 'Unknown/FormerCustomerRoot' });
  });

  test('GE-10: a file of the provider’s that root edits is put back, with a copy of the edit', async () => {
    const file = '/etc/postgresql/17/main/conf.d/91-steward.conf';
    await guests.asRoot(VM, `echo "work_mem = 1GB" >> ${file}`);
    await eventually(async () => expect(await guests.asRoot(VM, `tail -n 1 ${file}`)).not.toContain('1GB'), BOOT, LOOK);
    expect(await guests.asRoot(VM, 'grep -rl 1GB /var/lib/steward/kept')).not.toBe('');
    await says({ Configured: 'True/AsPlanned' });
  });

  test('MO-4: a parameter that is reloaded is in force at once; one that takes a restart waits for a window', async () => {
    const started = await asPostgres('select pg_postmaster_start_time()');
    await edit({ max_connections: 60, work_mem: '8Mi' });
    await eventually(async () => expect(await asPostgres('show work_mem')).toBe('8MB'), BOOT, LOOK);
    expect((await applications.found(ORDER)).status.pending).toHaveLength(1);
    expect(await asPostgres('show max_connections')).toBe('50');
    expect(await asPostgres('select pg_postmaster_start_time()')).toBe(started);
  });

  test('AP-11: that it does not answer is seen and put right, where systemd calls it active', async () => {
    await guests.asRoot(VM, 'runuser -u postgres -- pg_ctlcluster 17 main stop -m fast --skip-systemctl-redirect');
    expect(await guests.asRoot(VM, 'systemctl is-active postgresql.service')).toBe('active');
    await eventually(async () => expect(await asPostgres('select 1')).toBe('1'), BOOT, LOOK);
    await says({ Available: 'True/ProbesSucceed', Provisioned: 'True/Installed' });
  });

  test('AP-9: is taken out when it is deleted: its data stay, and the customer has his rights again', async () => {
    await applications.takeOut(ORDER);
    expect(await guests.asRoot(VM, 'ls /var/lib/postgresql/17/main/PG_VERSION')).toContain('PG_VERSION');
    expect(await guests.asRoot(VM, 'dpkg -s postgresql-17 2>&1 || true')).not.toContain('ok installed');
    // That he is to have them again is known to the operator first.
    await eventually(() => guests.asCustomer(VM, 'id -un'), BOOT, LOOK);
  });
});
