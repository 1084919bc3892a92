/** Applications of the catalogue in a real Debian guest: ordered, set up by the guest worker, used by a Pod, taken out (AP-1, AP-9 to AP-11). */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ensureDebs } from '../../hack/testbed/guest/debs.ts';
import { readLock } from '../../hack/testbed/guest/lockfile.ts';
import { aptRepository, type Served, serveFiles } from '../../hack/testbed/guest/madepackages.ts';
import { nodeNetwork } from '../../hack/testbed/node/addresses.ts';
import { managedApplication } from '../../src/api/managedapplication.ts';
import { product } from '../../src/api/product.ts';
import { Secret } from '../../src/api/upstream.ts';
import { type Any, conditionOf } from '../integration/support/api.ts';
import { eventually, gone, reads } from '../integration/support/eventually.ts';
import { BOOT, Guests } from './support/guests.ts';

const VM = 'shop-db';
const ORDER = 'orders';
const KEYRING = '/usr/share/keyrings/steward-testbed.gpg';
const SUITE = { suite: 'trixie', codename: 'trixie', origin: 'Debian', label: 'Debian' };
const LOOK = 3_000;

let guests: Guests;
let folder: string;
let served: Served;

/** What the guest's distribution has of it: Debian's own packages, from a repository of the test's own. */
async function offer(): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'steward-applications-'));
  served = await serveFiles(nodeNetwork.address);
  const { packages } = await readLock('trixie.applications');
  const files = await aptRepository(folder, [{ ...SUITE, packages: [], others: await ensureDebs(packages) }]);
  served.serve(new Map([...files].map(([path, content]) => [`applications/${path}`, content])));
  const source = `deb [signed-by=${KEYRING}] ${served.url}/applications ${SUITE.suite} main`;
  await guests.asRoot(VM, `echo "${source}" > /etc/apt/sources.list.d/applications.list && apt-get -qq update`);
}

const found = (): Promise<Any> => guests.api.get(managedApplication, guests.namespace, ORDER);
const says = (wanted: Record<string, string>): Promise<Any> =>
  reads(guests.api, managedApplication, guests.namespace, ORDER, wanted, BOOT, LOOK);
const asPostgres = (sql: string): Promise<string> =>
  guests.asRoot(VM, `runuser -u postgres -- psql -XAtc "${sql}" app`);

beforeAll(async () => {
  guests = await Guests.in('applications');
  const entry = parse(await readFile(join(import.meta.dirname, '../../config/products/postgresql.yaml'), 'utf8'));
  await guests.api.create(product, entry);
  await guests.order(VM, { memory: '1Gi' });
  await guests.configured(VM);
  await guests.reachable(VM);
  await offer();
}, 2 * BOOT);
afterAll(async () => {
  await served?.close();
  await guests?.close();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe('PostgreSQL, ordered at Expert', { timeout: 2 * BOOT }, () => {
  test('AP-1, AP-10: is installed and configured, and works, as read back in the guest', async () => {
    const order: Any = {
      apiVersion: 'managed.systems/v1alpha1',
      kind: 'ManagedApplication',
      metadata: { namespace: guests.namespace, name: ORDER },
      spec: {
        ...{ product: 'postgresql', line: '17', serviceLevel: 'Expert', managedVMs: [VM] },
        ...{ parameters: { max_connections: 50 }, modules: ['pg_trgm'] },
      },
    };
    await guests.api.create(managedApplication, order);
    const { status } = await says({
      ...{ Ready: 'True/AsOrdered', Provisioned: 'True/Installed', Configured: 'True/AsPlanned' },
      ...{ Available: 'True/ProbesSucceed', Supported: 'True/Supported' },
    });
    console.log(JSON.stringify(status, null, 2));
    expect(status.version).toMatch(/^17\.\d+-/);
    expect(await asPostgres('show max_connections')).toBe('50');
    expect(await asPostgres('show data_checksums')).toBe('on');
  });

  test('AP-10: lets in who has the credentials of its binding, over the network and by TLS, and nobody else', async () => {
    const binding = await guests.api.get(Secret, guests.namespace, `${ORDER}-binding`);
    const text = (name: string) => Buffer.from(binding.data[name], 'base64').toString();
    const connect = (password: string) =>
      guests.asRoot(
        VM,
        `psql -XAtc 'select 40 + 2' 'host=127.0.0.1 sslmode=require user=${text('username')} dbname=${text('database')} password=${password}' 2>&1 || true`,
      );
    expect(await connect(text('password'))).toBe('42');
    expect(await connect('wrong')).toContain('password authentication failed');
  });

  test('AP-9: shuts the customer out, and says so', async () => {
    await expect(guests.asCustomer(VM, 'id')).rejects.toThrow();
    const { status } = await found();
    expect(conditionOf({ status }, 'SoleRoot')?.status).toBe('Unknown');
  });

  test('GE-10: a file of the provider’s that root edits is put back, with a copy of the edit, and counted', async () => {
    const file = '/etc/postgresql/17/main/conf.d/91-steward.conf';
    await guests.asRoot(VM, `echo "work_mem = '1GB'" >> ${file}`);
    await eventually(async () => expect(await guests.asRoot(VM, `tail -n 1 ${file}`)).not.toContain('1GB'), BOOT, LOOK);
    expect(await guests.asRoot(VM, 'grep -rl 1GB /var/lib/steward/kept')).toContain('91-steward.conf');
    await says({ Configured: 'True/AsPlanned' });
  });

  test('a parameter that is reloaded is in force at once; one that takes a restart waits for a window (MO-4)', async () => {
    const parameters = { max_connections: 60, work_mem: '8Mi' };
    const started = await asPostgres('select pg_postmaster_start_time()');
    await guests.api.edit(managedApplication, guests.namespace, ORDER, { spec: { parameters } });
    await eventually(async () => expect(await asPostgres('show work_mem')).toBe('8MB'), BOOT, LOOK);
    expect((await found()).status.pending).toHaveLength(1);
    expect(await asPostgres('show max_connections')).toBe('50');
    expect(await asPostgres('select pg_postmaster_start_time()')).toBe(started);
  });

  test('AP-11: that it does not answer is seen, where systemd calls it active', async () => {
    await guests.asRoot(VM, 'runuser -u postgres -- pg_ctlcluster 17 main stop -m fast --skip-systemctl-redirect');
    expect(await guests.asRoot(VM, 'systemctl is-active postgresql.service')).toBe('active');
    await says({ Available: 'False/ProbeFailed' });
    // The unit is a step: it is started again.
    await says({ Available: 'True/ProbesSucceed', Provisioned: 'True/Installed' });
  });

  test('AP-9: is taken out when it is deleted: its data stay, and the customer has his rights again', async () => {
    await guests.api.remove(managedApplication, guests.namespace, ORDER);
    await gone(guests.api, managedApplication, guests.namespace, ORDER, BOOT);
    expect(await guests.asRoot(VM, 'ls /var/lib/postgresql/17/main/PG_VERSION')).toContain('PG_VERSION');
    expect(await guests.asRoot(VM, 'dpkg -s postgresql-17 2>&1 || true')).not.toContain('ok installed');
    await guests.configured(VM);
    expect(await guests.asCustomer(VM, 'id -un')).not.toBe('');
  });
});
