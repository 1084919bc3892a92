/** Steps of an application by the scripts of guests, on Debian's own PostgreSQL 17. `systemctl.sh` stands in for systemd; all else is real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan, PlanStep } from '../../src/domain/contract/applicationplan.ts';
import { sqlName } from '../../src/guest/application/sqlwords.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { CONF, postgresqlPlan, UNIT } from './postgresqlplan.ts';

const PASSWORD = 'pencil';
const verifier = scramVerifier(PASSWORD, Buffer.alloc(16, 7));

let guest: ApplicationGuest;
let plan: ApplicationPlan;
let port: number;
beforeAll(async () => {
  port = await ApplicationGuest.freePort();
  plan = postgresqlPlan(verifier, { port });
  guest = await ApplicationGuest.start();
  // A disk of its own for the data, small enough to be filled.
  await guest.sh('mkdir -p /var/lib/postgresql && mount -t tmpfs -o size=256m tmpfs /var/lib/postgresql');
}, 600_000);
afterAll(() => guest.stop());

const sql = (text: string) =>
  guest.sh(`printf %s ${shellWord(text)} | setpriv --reuid=postgres --regid=postgres --init-groups psql -X -A -t -q`);
const login = (password: string) =>
  guest.run(`PGPASSWORD=${password} psql -X -A -t -h 127.0.0.1 -p ${port} -U shop -d shop -c 'select current_user'`);
const changedPlan = (name: string, change: Partial<PlanStep>): ApplicationPlan => ({
  ...plan,
  steps: plan.steps.map(step => (step.name === name ? ({ ...step, ...change } as PlanStep) : step)),
});

/** Whether each probe succeeds now, by what the timer would have written for node_exporter. */
async function probes(): Promise<Record<string, string>> {
  await guest.sh('systemctl start steward-probe-shop.service');
  const text = await guest.sh('cat /var/lib/prometheus/node-exporter/steward-probe-shop.prom');
  const pattern = new RegExp(`^${PROBE_METRICS.success}[{]application="shop",probe="(.+)"[}] ([01])$`, 'gm');
  return Object.fromEntries([...text.matchAll(pattern)].map(([, probe = '', value = '']) => [probe, value]));
}

describe('an application that is ordered', { timeout: 300_000 }, () => {
  it('AP-1: is looked at, made by one heal, and found as planned with its exact version', async () => {
    const before = await guest.look(plan);
    expect(before.applications).toEqual([{ name: 'shop', failing: expect.any(Array) }]);
    expect(Object.keys(before.differing)).toHaveLength(plan.steps.length);
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
    expect(await guest.look(plan)).toEqual({
      applications: [
        { name: 'shop', version: expect.stringMatching(/^17[.]\d+-/), failing: [], modules: { count: 0, named: [] } },
      ],
      differing: {},
    });
    expect(await sql('show data_checksums')).toBe('on\n');
  });

  it('AP-1: is changed by no second heal', async () => {
    const state =
      'find /etc /usr/local /var/lib/steward /var/lib/prometheus -type f | sort | xargs sha256sum; pg_ctlcluster 17 main status';
    const before = await guest.sh(state);
    const { exitCode, stdout } = await guest.healAll(plan);
    expect(stdout.trimEnd().split('\n')).toEqual(
      [...plan.steps.map(({ name }) => name), 'probes', 'backup'].map(name => `app:shop:${name}: as it was`),
    );
    expect(exitCode).toBe(0);
    expect(await guest.sh(state)).toBe(before);
  });

  it('AP-1: lets its customer in over TCP by the password of which it has only the verifier', async () => {
    expect((await login(PASSWORD)).stdout).toBe('shop\n');
    expect((await login('pencil2')).stderr).toMatch(/password authentication failed/);
  });
});

describe('what somebody with root changes', { timeout: 120_000 }, () => {
  it('GE-10: a file is put back, as it was is kept, and the server is told', async () => {
    await guest.sh(`echo 'work_mem = 1GB' >> ${CONF}; : > /run/systemctl.log`);
    expect((await guest.look(plan)).differing).toEqual({ 'app:shop:settings': `Differs ${CONF} is another` });
    expect((await guest.heal(plan)).stdout).toMatch(
      /^app:shop:settings: .*kept in [/]var[/]lib[/]steward[/]kept[/]shop[/]settings[.][0-9a-f]{12}, .*90-steward.conf written, postgresql@17-main.service started anew$/m,
    );
    expect((await guest.look(plan)).differing).toEqual({});
    expect(await guest.sh('cat /var/lib/steward/kept/shop/settings.*; stat -c %a /var/lib/steward/kept')).toMatch(
      /work_mem = 1GB\n700\n$/,
    );
    expect(await sql('show work_mem')).toBe('8MB\n');
  });

  it('GE-10: owner and mode of a file are put back, and no copy is made of what is the same', async () => {
    await guest.sh(`chmod 0666 ${CONF}; ls /var/lib/steward/kept/shop > /run/kept`);
    expect((await guest.look(plan)).differing['app:shop:settings']).toMatch(/belongs to root:postgres 666 instead/);
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
    await guest.sh('ls /var/lib/steward/kept/shop | diff /run/kept -');
  });

  it.each([
    ['another password', "alter role shop password 'x'", 'its password is another'],
    ['the right to everything', 'alter role shop superuser', 'it has rights that nobody ordered'],
    ['no way in', 'alter role shop nologin', 'it may not log in'],
    ['an end', "alter role shop valid until '2020-01-01'", 'its password has expired'],
  ])('AP-9: a login is as planned again that was given %s', async (_, change, found) => {
    await sql(change);
    expect((await guest.look(plan)).differing).toEqual({ 'app:shop:login': `Differs ${found}` });
    expect(await guest.heal(plan)).toMatchObject({ exitCode: 0 });
    expect((await guest.look(plan)).differing).toEqual({});
    expect((await login(PASSWORD)).stdout).toBe('shop\n');
  });

  it('AP-1: a server that was stopped and masked runs again, and nothing is said of what is inside meanwhile', async () => {
    await guest.sh(`systemctl stop ${UNIT}; touch /run/masked/${UNIT}`);
    expect((await guest.look(plan)).differing).toMatchObject({
      'app:shop:server': `Differs ${UNIT} is masked`,
      'app:shop:login': 'Failed PostgreSQL does not answer',
    });
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
  });
});

describe('an extension that is ordered', { timeout: 120_000 }, () => {
  const version = () => sql("\\c shop\nselect extversion from pg_extension where extname = 'pg_trgm'");

  it('AP-2: is brought to what has come with its packages, and its data stay', async () => {
    const newest = await version();
    await sql("\\c shop\ndrop extension pg_trgm; create extension pg_trgm version '1.3'");
    await sql(
      '\\c shop\ncreate table words (what text); create index on words using gin (what gin_trgm_ops); insert into words values (1)',
    );
    expect((await guest.look(plan)).differing).toEqual({
      'app:shop:module': `Differs version 1.3 is in use, and its packages have ${newest.trim()}`,
    });
    expect(await guest.heal(plan)).toMatchObject({ exitCode: 0 });
    expect((await guest.look(plan)).differing).toEqual({});
    expect([await version(), await sql('\\c shop\nselect * from words')]).toEqual([newest, '1\n']);
    await sql('\\c shop\ndrop table words');
  });

  it('AP-2: is left as it is where no way leads to what its packages have', async () => {
    await sql("\\c shop\nupdate pg_extension set extversion = '9.9' where extname = 'pg_trgm'");
    expect((await guest.look(plan)).differing).toEqual({});
    await sql('\\c shop\ndrop extension pg_trgm');
    await guest.heal(plan);
  });
});

describe('extensions that nobody ordered', { timeout: 120_000 }, () => {
  const modules = async () => (await guest.look(plan)).applications[0]?.modules;
  /** As whoever holds root may call a database: a word of the shell, of SQL, of a connection string and of a line. */
  const HOSTILE = `a' $(reboot)"; host=x,\nset: modules shop 0 -`;

  it('GE-10: are told with the database that they are in, whatever that is called, and the ordered one where it was not ordered too', async () => {
    await sql(`create database ${sqlName(HOSTILE)}`);
    for (const [database, extension] of [
      ['shop', 'hstore'],
      ['shop', 'uuid-ossp'],
      ['postgres', 'pg_trgm'],
    ])
      await sql(`\\c ${database}\ncreate extension "${extension}"`);
    await guest.sh(
      `printf %s 'create extension citext' | PGDATABASE=${shellWord(HOSTILE)} setpriv --reuid=postgres --regid=postgres --init-groups psql -X -q`,
    );
    expect(await modules()).toEqual({
      count: 4,
      named: [
        { database: expect.stringMatching(/^a' [$][(]reboot[)]"; host=x,.set: modules shop 0 -$/), module: 'citext' },
        { database: 'postgres', module: 'pg_trgm' },
        { database: 'shop', module: 'hstore' },
        { database: 'shop', module: 'uuid-ossp' },
      ],
    });
  });

  it('GE-10: are not known where a database does not answer', async () => {
    await sql("update pg_database set datconnlimit = -2 where datname = 'shop'");
    expect(await modules()).toBeUndefined();
    await sql("update pg_database set datconnlimit = -1 where datname = 'shop'");
    await sql(`drop database ${sqlName(HOSTILE)}`);
    for (const [database, extension] of [
      ['shop', 'hstore'],
      ['shop', 'uuid-ossp'],
      ['postgres', 'pg_trgm'],
    ])
      await sql(`\\c ${database}\ndrop extension "${extension}"`);
    expect(await modules()).toEqual({ count: 0, named: [] });
  });
});

describe('a new file of settings', { timeout: 120_000 }, () => {
  it('AP-1: that is cut off before the server was told is told by the next heal', async () => {
    const changed = postgresqlPlan(verifier, { port, workMem: '16MB' });
    // The power goes between the two: whoever would tell the server kills the script instead.
    await guest.sh('mv /usr/bin/systemctl /usr/bin/systemctl.real');
    await guest.sh(
      `printf '%s\\n' '#!/bin/sh' 'case $1 in restart) kill -9 $PPID;; *) exec /usr/bin/systemctl.real "$@";; esac' > /usr/bin/systemctl; chmod +x /usr/bin/systemctl`,
    );
    await guest.heal(changed);
    await guest.sh('mv /usr/bin/systemctl.real /usr/bin/systemctl');
    expect(await sql('show work_mem')).toBe('8MB\n');
    expect((await guest.look(changed)).differing).toEqual({
      'app:shop:settings': `Differs what uses ${CONF} has not been told of it yet`,
    });
    await guest.heal(changed);
    expect(await sql('show work_mem')).toBe('16MB\n');
    expect((await guest.look(changed)).differing).toEqual({});
    // Of what Steward itself had written there is no copy.
    expect(await guest.sh('ls /var/lib/steward/kept/shop | wc -l')).toBe('1\n');
    await guest.heal(plan);
  });

  it('AP-1: that what checks it refuses takes no place, and nothing after it is tried', async () => {
    const refused = changedPlan('settings', { content: '# nothing\n' });
    const { exitCode, stdout, stderr } = await guest.healAll(refused);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/what checks .* refuses the new one/);
    expect(stdout).toMatch(/app:shop:settings: failed\napp:shop:server: not tried, for one before it failed/);
    expect(
      await guest.sh(`cat ${CONF}; ls -A ${CONF}/..`.replace(`${CONF}/..`, '/etc/postgresql/17/main/conf.d')),
    ).toBe(`port = ${port}\nwork_mem = 8MB\nmax_connections = 20\n90-steward.conf\n`);
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
  });

  it('AP-1: that does not fit on the disk leaves the one of before', async () => {
    const changed = postgresqlPlan(verifier, { port, workMem: '16MB' });
    await guest.sh(
      'mount -t tmpfs -o size=64k,mode=0755 tmpfs /mnt && cp -a /etc/postgresql/17/main/conf.d/. /mnt/ && mount --bind /mnt /etc/postgresql/17/main/conf.d',
    );
    await guest.run('head -c 1M /dev/zero > /etc/postgresql/17/main/conf.d/.fill');
    const { exitCode } = await guest.heal(changed);
    expect(exitCode).toBe(1);
    await guest.sh('rm /etc/postgresql/17/main/conf.d/.fill');
    expect(await guest.sh('ls -A /etc/postgresql/17/main/conf.d')).toBe('90-steward.conf\n');
    await guest.sh('umount /etc/postgresql/17/main/conf.d /mnt');
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
  });
});

describe('a command', { timeout: 120_000 }, () => {
  it('AP-1: that was cut off is not run again by itself where nobody said that it may be', async () => {
    await guest.sh('rm /var/lib/postgresql/once');
    const dies = changedPlan('once', { run: ['sh', '-c', 'kill -9 $PPID'] });
    await guest.heal(dies);
    expect((await guest.look(plan)).differing['app:shop:once']).toMatch(/^Failed it began once/);
    expect((await guest.healAll(plan)).stdout).toMatch(/app:shop:once: failed/);
    const repeatable = changedPlan('once', { safeToRepeat: true });
    await guest.heal(repeatable);
    expect((await guest.look(plan)).differing).toEqual({});
  });

  it('AP-1: whose check ends with 0 has said nothing', async () => {
    const lying = changedPlan('once', { unless: ['true'] });
    expect((await guest.look(lying)).differing['app:shop:once']).toMatch(/^Failed its check ended with 0, which/);
  });
});

describe('the log of the server', { timeout: 120_000 }, () => {
  it('AP-1: has no verifier in it, though every statement is logged and the one that sets it fails', async () => {
    await sql("alter role shop password 'x'");
    await sql("alter system set log_statement = 'all'; alter system set log_min_duration_statement = 0");
    await sql('alter system set default_transaction_read_only = on; select pg_reload_conf()');
    await expect.poll(() => sql('show transaction_read_only')).toBe('on\n');
    const { stdout, stderr } = await guest.heal(plan);
    expect(stdout).toMatch(/app:shop:login: failed/);
    expect(stderr).toMatch(/cannot execute ALTER ROLE in a read-only transaction/);
    await sql('set default_transaction_read_only = off; alter system reset all; select pg_reload_conf()');
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
    const log = await guest.sh('cat /var/log/postgresql/postgresql-17-main.log');
    expect(log).toContain('alter system reset all');
    for (const text of [log, stderr]) expect(text).not.toContain(verifier.slice(20));
  });
});

/** Named as in research 4.0: what says that all is well, and is not. */
describe('probes where other checks lie', { timeout: 120_000 }, () => {
  const ready = () => guest.run('pg_isready');

  it('AP-11: succeed where the server does what it is for, and say how long that took and when it was', async () => {
    expect(await probes()).toEqual({ transaction: '1', port: '1' });
    const text = await guest.sh('cat /run/steward-probe-shop/metrics');
    const [, took = ''] =
      new RegExp(`^${PROBE_METRICS.duration}[{]application="shop",probe="transaction"[}] (.+)$`, 'm').exec(text) ?? [];
    expect(Number(took)).toBeGreaterThan(0.001);
    expect(text.match(/^# TYPE/gm)).toHaveLength(3);
    expect(await sql('\\c steward\nselect count(*) from steward.probe')).toBe('0\n');
  });

  it('AP-11: fail where the server is stopped and its unit postgresql.service is active', async () => {
    await guest.sh('systemctl start postgresql.service');
    await guest.sh(`systemctl stop ${UNIT}`);
    expect((await guest.run('systemctl is-active postgresql.service')).exitCode).toBe(0);
    expect(await probes()).toEqual({ transaction: '0', port: '0' });
    await guest.heal(plan);
    expect(await probes()).toEqual({ transaction: '1', port: '1' });
  });

  it('AP-11: fail where the disk is full, though the server accepts connections', async () => {
    await guest.run('head -c 1G /dev/zero > /var/lib/postgresql/fill');
    expect(await ready()).toMatchObject({ exitCode: 0 });
    expect(await probes()).toEqual({ transaction: '0', port: '1' });
    await guest.sh('rm /var/lib/postgresql/fill');
    expect(await probes()).toEqual({ transaction: '1', port: '1' });
  });

  it('AP-11: fail where nothing can be written, though the server accepts connections', async () => {
    await sql('alter system set default_transaction_read_only = on; select pg_reload_conf()');
    expect(await ready()).toMatchObject({ exitCode: 0 });
    await expect.poll(probes).toEqual({ transaction: '0', port: '1' });
    await sql(
      'set default_transaction_read_only = off; alter system reset default_transaction_read_only; select pg_reload_conf()',
    );
    await expect.poll(probes).toEqual({ transaction: '1', port: '1' });
  });

  it('AP-11: fail where no connection is left for anybody but the administrator', async () => {
    // More than there are places: who still leaves may hold one.
    await guest.sh(
      `for i in $(seq 30); do PGPASSWORD=${PASSWORD} psql -h 127.0.0.1 -p ${port} -U shop -d shop -c 'select pg_sleep(100)' > /dev/null 2>&1 < /dev/null & done`,
    );
    await expect.poll(async () => (await login(PASSWORD)).stderr).toMatch(/remaining connection slots are reserved/);
    expect(await ready()).toMatchObject({ exitCode: 0 });
    expect(await probes()).toEqual({ transaction: '0', port: '1' });
    await sql("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'");
    await expect.poll(probes).toEqual({ transaction: '1', port: '1' });
  });

  it('AP-11: are found where they have not been read for long', async () => {
    await guest.sh(
      "sed -i -E 's/^(steward_application_probe_read.* )[0-9]+$/\\11700000000/' /run/steward-probe-shop/metrics",
    );
    expect((await guest.look(plan)).differing['app:shop:probes']).toBe(
      'Differs the probes were not read for more than 300 seconds',
    );
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
  });
});

describe('an application that is taken out', { timeout: 300_000 }, () => {
  it('AP-9: leaves what another application needs', async () => {
    const other = { ...plan, application: 'other', uid: 'other', probes: [], steps: plan.steps.slice(2, 3) };
    const { differing } = await guest.look({ ...plan, present: false }, other);
    expect(differing).not.toHaveProperty('app:shop:packages');
    expect(differing).toHaveProperty('app:shop:server');
  });

  it('AP-9: leaves its data, and what somebody has changed', async () => {
    await sql('\\c shop\ncreate table kept as select 7 as seven');
    await guest.sh('echo "# mine" >> /etc/postgresql-common/createcluster.conf');
    const gone = { ...plan, present: false };
    const { differing } = await guest.look(gone);
    expect(Object.keys(differing)).toEqual(
      ['probes', 'server', 'settings', 'packages'].map(name => `app:shop:${name}`),
    );
    expect(await guest.heal(gone)).toMatchObject({ exitCode: 0 });
    expect(await guest.look(gone)).toMatchObject({ applications: [{ name: 'shop' }], differing: {} });
    expect(await guest.sh('cat /var/lib/postgresql/17/main/PG_VERSION')).toBe('17\n');
    expect((await guest.healAll(gone)).stdout).not.toMatch(/failed|removed|stopped/);
  });

  it('AP-9: has its data again where it is ordered again', async () => {
    expect(await guest.heal(plan)).toMatchObject({ exitCode: 0 });
    expect((await guest.look(plan)).differing).toEqual({});
    expect(await sql('\\c shop\nselect seven from kept')).toBe('7\n');
  });
});
