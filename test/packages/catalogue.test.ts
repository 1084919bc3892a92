/** Entries of the catalogue (config/products), ordered with what they offer, as their plan is followed in an installed Debian. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { exporterPortOf, planOfEntry } from './entryplan.ts';

const guests: ApplicationGuest[] = [];
afterEach(() => Promise.all(guests.splice(0).map(guest => guest.stop())));

async function started(): Promise<ApplicationGuest> {
  const guest = await ApplicationGuest.start();
  guests.push(guest);
  return guest;
}

describe('PostgreSQL of the catalogue', { timeout: 300_000 }, () => {
  let guest: ApplicationGuest;
  let port: number;
  let exporterPort: number;
  beforeAll(async () => {
    port = await ApplicationGuest.freePort();
    guest = await ApplicationGuest.start();
  }, 300_000);
  afterAll(() => guest.stop());

  /** What Prometheus would read of a metric. */
  const scraped = async (metric: string): Promise<readonly string[]> => {
    const text = await (await fetch(`http://127.0.0.1:${exporterPort}/metrics`)).text();
    return text.split('\n').filter(line => new RegExp(`^${metric}[{ ]`).test(line));
  };

  it('AP-1: is made by one heal with every module, and lets its customer in by TLS alone', async () => {
    const { modules = [] } = parse(
      await readFile(join(import.meta.dirname, '../../config/products/postgresql.yaml'), 'utf8'),
    ).spec;
    const order = {
      line: '17',
      modules: modules.map(({ name }: { readonly name: string }) => name),
      parameters: { max_connections: 30, work_mem: '8Mi', timezone: 'Europe/Vienna' },
    };
    const plan = await planOfEntry('postgresql.yaml', [5432, port], order);
    exporterPort = exporterPortOf(plan);
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toMatchObject({ applications: [{ version: expect.any(String) }], differing: {} });
    const ask = (ssl: string, text: string) =>
      guest.run(`PGPASSWORD=pencil PGSSLMODE=${ssl} psql -X -A -t -h 127.0.0.1 -p ${port} -U app -d app -c "${text}"`);
    const settings = ['max_connections', 'work_mem', 'timezone', 'data_checksums'];
    const shown = settings.map(name => `current_setting('${name}')`).join(", ' ', ");
    expect((await ask('require', `select concat(${shown})`)).stdout).toBe('30 8MB Europe/Vienna on\n');
    // It answers only where the server has loaded it at its start.
    expect((await ask('require', 'select count(*) > 0 from pg_stat_statements')).stdout).toBe('t\n');
    expect((await ask('disable', 'select 1')).stderr).toMatch(/no pg_hba.conf entry .* no encryption/);
    expect((await ask('require', 'select count(*) from pg_extension')).stdout).toBe(`${modules.length + 1}\n`);
    // Also a dump with every module is restored, and found to be whole (AP-13).
    await guest.sh('/usr/local/sbin/steward-backup-shop && /usr/local/sbin/steward-prove-shop');
    expect((await guest.look(plan)).applications[0]?.backup).toEqual({
      dumps: [expect.any(Date)],
      last: expect.objectContaining({ databases: 2 }),
      proven: expect.objectContaining({ tables: 0 }),
    });
  });

  it('AP-5: has an exporter that comes in by the socket without a password, and tells every metric that must be there', async () => {
    const { spec } = parse(await readFile(join(import.meta.dirname, '../../config/products/postgresql.yaml'), 'utf8'));
    const missing = async () => {
      const told = await Promise.all(
        spec.monitoring.exporter.metrics.map(async (metric: string) => [metric, await scraped(metric)]),
      );
      return told.filter(([, series]) => series.length === 0).map(([metric]) => metric);
    };
    await expect.poll(missing, { timeout: 30_000 }).toEqual([]);
    expect(await scraped('pg_scrape_collector_success')).toContain(
      'pg_scrape_collector_success{collector="stat_database"} 1',
    );
    const shown = await guest.sh('cat /etc/default/prometheus-postgres-exporter');
    expect(shown).not.toMatch(/password/);
  });

  it('AP-5: research 4.0: its exporter says pg_up 1 while its collectors are gone, and the metric that must be there is what tells', async () => {
    const access = '/etc/postgresql/17/main/pg_hba.conf';
    await guest.sh(`sed -i '/prometheus/d' ${access} && systemctl reload postgresql@17-main.service`);
    await expect.poll(() => scraped('pg_scrape_collector_success'), { timeout: 30_000 }).toEqual([]);
    expect(await scraped('pg_up')).toEqual(['pg_up 1']);
  });
});

describe('the catalogue', { timeout: 300_000 }, () => {
  it('AP-1: has a MariaDB that is made by one heal as ordered, lets its customer in by TLS alone, and keeps what works where an order cannot', async () => {
    const port = await ApplicationGuest.freePort();
    const ordered = (parameters: object) => planOfEntry('mariadb.yaml', [3306, port], { line: '11.8', parameters });
    const plan = await ordered({ max_connections: 30, innodb_buffer_pool_size: '64Mi', default_time_zone: '+01:00' });
    const guest = await started();
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toMatchObject({
      applications: [{ version: expect.stringMatching(/11[.]8/), failing: [] }],
      differing: {},
    });
    const ask = (text: string, options = '') =>
      guest.run(
        `MYSQL_PWD=pencil mariadb --no-defaults ${options} -h 127.0.0.1 -P ${port} -u app -N -B app -e ${shellWord(text)}`,
      );
    const shown = 'select @@max_connections, @@innodb_buffer_pool_size, @@time_zone, @@collation_server';
    expect((await ask(shown)).stdout).toBe('30\t67108864\t+01:00\tutf8mb4_uca1400_ai_ci\n');
    expect((await ask('select 1', '--skip-ssl')).stderr).toMatch(/insecure transport/);

    const refused = await guest.heal(await ordered({ max_connections: 40, sql_mode: 'NO_SUCH_MODE' }));
    expect(refused.stderr).toMatch(/what checks .*90-steward[.]cnf refuses the new one/);
    expect((await ask('select @@max_connections')).stdout).toBe('30\n');
    const changed = await guest.heal(await ordered({ max_connections: 40, sql_mode: 'ANSI_QUOTES' }));
    expect(changed.stdout).toMatch(/90-steward[.]cnf written, mariadb[.]service started anew/);
    expect((await ask('select @@max_connections, @@sql_mode')).stdout).toBe('40\tANSI_QUOTES\n');
  });

  it('AP-1: has an nginx that is made by one heal, and a page of which is put back where somebody changes it', async () => {
    const [port, behind] = await Promise.all([ApplicationGuest.freePort(), ApplicationGuest.freePort()]);
    const plan = await planOfEntry('nginx.yaml', [80, port], {
      line: '1.26',
      parameters: { upstream: `http://127.0.0.1:${behind}`, gzip: 'off' },
    });
    const guest = await started();
    // As a cut in the middle of an installation leaves it: unpacked, and what it needs is not there yet.
    await guest.sh('dpkg --force-depends --unpack /srv/packages/nginx_*.deb');
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toMatchObject({
      applications: [{ version: expect.stringMatching(/^1[.]26/) }],
      differing: {},
    });
    const answer = async () => (await fetch(`http://127.0.0.1:${port}/.steward`)).status;
    expect(await answer()).toBe(204);
    expect(await (await fetch('http://127.0.0.1:8085/stub_status')).text()).toMatch(/^Active connections: \d+/);
    // Who asks an nginx that has lost what answers gets another status, though the unit is active and the port open.
    await guest.sh('sed -i s/204/500/ /etc/nginx/nginx.conf; systemctl reload nginx.service');
    await expect.poll(answer).toBe(500);
    expect((await guest.look(plan)).differing).toEqual({
      'app:shop:settings': 'Differs /etc/nginx/nginx.conf is another',
      'app:shop:works': 'Differs the probe answers does not succeed',
    });
    await guest.heal(plan);
    await expect.poll(answer).toBe(204);
    expect((await guest.look(plan)).differing).toEqual({});
    expect(await guest.heal({ ...plan, present: false })).toMatchObject({ exitCode: 0 });
    await expect(answer()).rejects.toThrow();
  });
});
