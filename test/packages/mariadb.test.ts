/** What there is to be inside of MariaDB, on Debian's own. `systemctl.sh` stands in for systemd; all else is real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import { verifiersOf } from '../../src/domain/application/verifiers.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';

const PASSWORD = 'pencil';
const VERIFIER = verifiersOf(PASSWORD, Buffer.alloc(16, 7)).MariaDB;
const UNIT = 'mariadb.service';

let guest: ApplicationGuest;
let port: number;
let plan: ApplicationPlan;
beforeAll(async () => {
  port = await ApplicationGuest.freePort();
  const probe = { type: 'sql', name: 'transaction', engine: 'MariaDB', transaction: true, timeoutSeconds: 5 } as const;
  plan = {
    ...{ application: 'shop', uid: 'uid', present: true, versionOf: 'mariadb-server', probes: [probe] },
    steps: [
      { type: 'package', name: 'packages', packages: ['mariadb-server'] },
      {
        ...{ type: 'file', name: 'settings', path: '/etc/mysql/mariadb.conf.d/90-steward.cnf' },
        ...{ owner: 'root', group: 'root', mode: '0644' },
        content: `[mysqld]\nport = ${port}\nmax_connections = 10\npid-file = /run/mysqld/mysqld.pid\n`,
        change: { unit: UNIT, how: 'Restart' },
      },
      { type: 'unit', name: 'server', unit: UNIT },
      { type: 'role', name: 'login', engine: 'MariaDB', role: 'shop', verifier: VERIFIER },
      { type: 'database', name: 'database', engine: 'MariaDB', database: 'shop_db', owner: 'shop' },
      { type: 'waitFor', name: 'works', probe, timeoutSeconds: 30 },
    ],
  };
  guest = await ApplicationGuest.start();
  // A disk of its own for the data, small enough to be filled.
  await guest.sh('mkdir -p /var/lib/mysql && mount -t tmpfs -o size=400m tmpfs /var/lib/mysql');
}, 600_000);
afterAll(() => guest.stop());

const sql = (text: string) => guest.sh(`printf %s ${shellWord(text)} | mariadb --no-defaults -N -B`);
const login = (text: string, password = PASSWORD) =>
  guest.run(`MYSQL_PWD=${password} mariadb --no-defaults -h 127.0.0.1 -P ${port} -u shop -N -B -e ${shellWord(text)}`);
async function probe(): Promise<string | undefined> {
  await guest.sh('systemctl start steward-probe-shop.service');
  const text = await guest.sh('cat /run/steward-probe-shop/metrics');
  return new RegExp(`^${PROBE_METRICS.success}[{]application="shop",probe="transaction"[}] ([01])$`, 'm').exec(
    text,
  )?.[1];
}

describe('MariaDB', { timeout: 300_000 }, () => {
  it('AP-1: is made by one heal, found as planned with its exact version, and changed by no second heal', async () => {
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toEqual({
      applications: [{ name: 'shop', version: expect.stringContaining('11.8.'), failing: [] }],
      differing: {},
    });
    const names = [...plan.steps.map(({ name }) => name), 'probes', 'backup'];
    expect((await guest.healAll(plan)).stdout.trimEnd().split('\n')).toEqual(
      names.map(name => `app:shop:${name}: as it was`),
    );
  });

  it('AP-1: lets its customer in by the password of which it has only the verifier, to his database alone', async () => {
    expect((await login('create table shop_db.a (b int); select 7')).stdout).toBe('7\n');
    expect((await login('select 7', 'wrong')).stderr).toMatch(/Access denied/);
    for (const other of ['select * from mysql.global_priv', 'select * from steward.probe', 'create database shopXdb'])
      expect((await login(other)).stderr, other).toMatch(/denied/);
  });

  it.each([
    ['another password', "set password for shop@'%' = password('x')", 'login', 'its password is another'],
    [
      'all rights',
      "grant all privileges on *.* to shop@'%' with grant option",
      'login',
      'it has rights that nobody ordered',
    ],
    ['a lock', "alter user shop@'%' account lock", 'login', 'it may not log in'],
    ['no rights', "revoke all privileges on `shop\\_db`.* from shop@'%'", 'database', 'its owner has not all rights'],
  ])('AP-9: is as planned again where a login was given %s', async (_, change, step, found) => {
    await sql(change);
    expect((await guest.look(plan)).differing).toEqual({ [`app:shop:${step}`]: `Differs ${found}` });
    expect(await guest.heal(plan)).toMatchObject({ exitCode: 0 });
    expect((await guest.look(plan)).differing).toEqual({});
    expect((await login('select count(*) from shop_db.a')).stdout).toBe('0\n');
  });

  it('AP-1: has no verifier in its log, though every statement is logged', async () => {
    await sql(
      "set global general_log_file = '/var/lib/mysql/general.log'; set global general_log = 1; set password for shop@'%' = password('x')",
    );
    await guest.heal(plan);
    await sql('set global general_log = 0');
    const log = await guest.sh('cat /var/lib/mysql/general.log');
    expect(log).toContain('set sql_log_off = 1');
    expect(log).not.toContain(VERIFIER);
  });
});

describe('the probe of MariaDB', { timeout: 120_000 }, () => {
  const ping = () => guest.run('mariadb-admin --no-defaults ping');

  it('AP-11: fails where the disk is full, though the server answers', async () => {
    expect(await probe()).toBe('1');
    await guest.run('head -c 1G /dev/zero > /var/lib/mysql/fill');
    expect(await ping()).toMatchObject({ exitCode: 0 });
    expect(await probe()).toBe('0');
    await guest.sh('rm /var/lib/mysql/fill');
    await expect.poll(probe).toBe('1');
  });

  it('AP-11: fails where customers cannot write, though root can', async () => {
    await sql('set global read_only = 1');
    expect(await probe()).toBe('0');
    await sql('set global read_only = 0');
    expect(await probe()).toBe('1');
  });

  it('AP-11: fails where no connection is left for anybody but root', async () => {
    // Who comes while another one leaves is refused, so that all places are taken only after some rounds.
    const crowd = `for i in $(seq 12); do MYSQL_PWD=${PASSWORD} mariadb --no-defaults -h 127.0.0.1 -P ${port} -u shop -e 'select sleep(60)' > /dev/null 2>&1 < /dev/null & done`;
    const inside = async () => {
      await guest.sh(crowd);
      return sql("select count(*) from information_schema.processlist where user = 'shop' and info like '%sleep(60)%'");
    };
    await expect.poll(inside).toBe('10\n');
    expect((await login('select 1')).stderr).toMatch(/Too many connections/);
    expect(await probe()).toBe('0');
  });

  it('AP-11: fails where the server is stopped, which mariadb-admin ping does not say of one that lets nobody in', async () => {
    expect(await guest.run(`mariadb-admin --no-defaults -h 127.0.0.1 -P ${port} -u nobody ping`)).toMatchObject({
      exitCode: 0,
    });
    await guest.sh(`systemctl stop ${UNIT}`);
    expect(await probe()).toBe('0');
    await guest.heal(plan);
    expect(await probe()).toBe('1');
  });

  it('AP-9: leaves its data where it is taken out', async () => {
    expect(await guest.heal({ ...plan, present: false })).toMatchObject({ exitCode: 0 });
    expect((await guest.look({ ...plan, present: false })).differing).toEqual({});
    expect(await guest.sh('ls /var/lib/mysql/shop_db')).toContain('a.frm');
  });
});
