/** Dumps of Debian's own PostgreSQL 17 and their proof in a second server, by the scripts of a guest (AP-6, AP-13). `systemctl.sh` stands in for systemd. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureDebs } from '../../hack/testbed/guest/debs.ts';
import { readLock } from '../../hack/testbed/guest/lockfile.ts';
import { BACKUP_METRICS } from '../../src/domain/application/backupmetrics.ts';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { BackupFound } from '../../src/domain/guest/backupfound.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { postgresqlPlan } from './postgresqlplan.ts';

const STORE = '/var/lib/steward/dumps/shop';
const BIN = '/usr/lib/postgresql/17/bin';
const verifier = scramVerifier('pencil', Buffer.alloc(16, 7));
const backup = {
  ...{ engine: 'PostgreSQL' as const, everyHours: 24, proveEveryDays: 7, keep: 2 },
  ...{ dumpMinutes: 60, proofMinutes: 60 },
};

let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  plan = { ...postgresqlPlan(verifier, { port: await ApplicationGuest.freePort() }), backup };
  guest = await ApplicationGuest.start();
  const { exitCode, stdout, stderr } = await guest.heal(plan);
  expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
}, 600_000);
afterAll(() => guest.stop());

const sql = (text: string, database = 'shop') =>
  guest.sh(
    `printf %s ${shellWord(text)} | setpriv --reuid=postgres --regid=postgres --init-groups env PGOPTIONS='-c role=none -c default_transaction_read_only=off -c statement_timeout=0' PGDATABASE=${shellWord(database)} psql -X -A -t -q -v ON_ERROR_STOP=1`,
  );

const ORDERS =
  "create table orders as select n, 'order ' || n as what, random() as weight from generate_series(1, 1000) n;";

/** As if nothing had been dumped yet, of a database of a thousand rows. */
beforeEach(async () => {
  await guest.sh(`rm -rf ${STORE}/* ${STORE}/.[!.]*`);
  await sql(
    `set client_min_messages = error; drop schema public cascade; create schema public authorization shop; set role shop; ${ORDERS}`,
  );
});

/** Runs what a timer would start. */
const run = (what: 'backup' | 'prove') => guest.run(`/usr/local/sbin/steward-${what}-shop`);

/** What a look says of the records. */
async function recorded(): Promise<BackupFound> {
  const { applications } = await guest.look(plan);
  return applications[0]?.backup ?? {};
}

async function dumped(): Promise<BackupFound> {
  await run('backup');
  return recorded();
}

async function proved(): Promise<BackupFound> {
  await run('prove');
  return recorded();
}

/** A program of PostgreSQL's that does something else, while `body` runs; the real one is `"$0.real"`. */
async function instead<Result>(program: string, script: string, body: () => Promise<Result>): Promise<Result> {
  const path = `${BIN}/${program}`;
  const text = shellWord(`#!/bin/sh\n${script}\n`);
  await guest.sh(`mv ${path} ${path}.real && printf %s ${text} > ${path} && chmod 0755 ${path}`);
  try {
    return await body();
  } finally {
    await guest.sh(`mv ${path}.real ${path}`);
  }
}

/** Nothing of a second server is left: no process of its account, and no file. */
async function nothingLeft(): Promise<void> {
  // Nobody takes in here what has ended.
  const lives = 'for each in /proc/[0-9]*; do if [ -e "$each/exe" ]; then stat -c %U "$each"; fi; done 2> /dev/null';
  expect(await guest.sh(`${lives} | grep -c prove || :`)).toBe('0\n');
  expect(await guest.sh(`ls -A /var/lib/steward-prove; ls -d ${STORE}/.proof 2> /dev/null || :`)).toBe('');
}

/** The power goes while a program of PostgreSQL's runs: all of the script is killed. */
async function cutOff(what: 'backup' | 'prove', program: string): Promise<void> {
  await instead(
    program,
    'case "$*" in *format*|*create*) touch /tmp/begun; exec sleep 300;; esac; exec "$0.real" "$@"',
    async () => {
      await guest.sh(`rm -f /tmp/begun; setsid /usr/local/sbin/steward-${what}-shop > /dev/null 2>&1 < /dev/null & pid=$!
      until [ -e /tmp/begun ]; do sleep 0.05; done; kill -s KILL -- "-$pid"`);
    },
  );
}

describe('an application that is backed up', { timeout: 120_000 }, () => {
  it('AP-13: is dumped, and proven by a second server that has every row of it', async () => {
    // What the administrator has granted only an administrator of that name can grant again, since PostgreSQL 16.
    await sql('create role watcher; grant pg_monitor to watcher');
    const { last, failed } = await dumped();
    expect(failed).toBeUndefined();
    expect(last).toMatchObject({ databases: 2, tables: 1, rows: 1000 });
    expect(Math.abs(Date.now() - (last?.at.getTime() ?? 0))).toBeLessThan(60_000);
    // What is changed afterwards is no difference: the dump is compared with its own instant.
    await sql("update orders set what = 'another' where n = 7; delete from orders where n > 900");
    const { proven, unproven } = await proved();
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ of: last?.at, tables: 1, rows: 1000 });
    await nothingLeft();
  });

  it('AP-13: is dumped as of one instant while a client writes', async () => {
    await sql('set role shop; create table one (n int); create table two (n int)');
    const writes =
      'i=0; while [ ! -e /tmp/enough ]; do i=$((i+1)); echo "begin; insert into one values ($i); delete from two; insert into two select n from one; commit;"; done';
    const asShop =
      "setpriv --reuid=postgres --regid=postgres --init-groups env PGOPTIONS='-c role=shop' psql -X -q -d shop";
    const writing = guest.run(`rm -f /tmp/enough; { ${writes}; } | ${asShop}`);
    await expect.poll(() => sql('select count(*) > 20 from one')).toBe('t\n');
    const { failed } = await dumped();
    await guest.sh('touch /tmp/enough');
    await writing;
    expect(failed).toBeUndefined();
    expect((await proved()).unproven).toBeUndefined();
  });

  it('AP-13: is not dumped where somebody empties tables all the time, who is not kept waiting for long', async () => {
    await sql('set role shop; create table two (n int)');
    const writes = 'while [ ! -e /tmp/enough ]; do echo "truncate two; insert into two values (1);"; done';
    const asShop =
      "setpriv --reuid=postgres --regid=postgres --init-groups env PGOPTIONS='-c role=shop' psql -X -q -d shop";
    const writing = guest.run(`rm -f /tmp/enough; { ${writes}; } | ${asShop}`);
    await expect.poll(() => sql('select count(*) from two')).toBe('1\n');
    const { failed } = await dumped();
    await guest.sh('touch /tmp/enough');
    await writing;
    expect(failed?.what).toBe(
      'database shop: somebody empties or changes its tables, so that 3 times they could not be held for reading within 2 seconds',
    );
  });

  it('AP-6: is not dumped or proven again before it is due, tells its metrics, and keeps what it dumps to root', async () => {
    await dumped();
    const first = await proved();
    expect(await dumped()).toEqual(first);
    expect(await proved()).toEqual(first);
    const text = await guest.sh('cat /var/lib/prometheus/node-exporter/steward-backup-shop.prom');
    const seconds = (at: Date | undefined) => String((at?.getTime() ?? 0) / 1000);
    expect(text).toContain(`${BACKUP_METRICS.dumpedAt}{application="shop"} ${seconds(first.last?.at)}\n`);
    expect(text).toContain(`${BACKUP_METRICS.provenAt}{application="shop"} ${seconds(first.proven?.at)}\n`);
    expect(text).toContain(`${BACKUP_METRICS.dumpFailed}{application="shop"} 0\n`);
    expect(text.match(/^# TYPE/gm)).toHaveLength(7);
    expect(await guest.sh(`stat -c '%a %U' ${STORE}; find ${STORE} -type f -perm /077`)).toBe('700 root\n');
    expect(await guest.sh(`grep -c SCRAM-SHA-256 ${STORE}/dump-*/roles.sql`)).toBe('1\n');
  });

  it('AP-13: is dumped as a whole or not at all: a cut leaves the last good one, and the next goes on', async () => {
    const before = await dumped();
    await guest.sh(`sed -i 's/^[0-9]*/1000000000/' ${STORE}/last`);
    await cutOff('backup', 'pg_dump');
    expect(await guest.sh(`ls -A ${STORE}/dump-*`)).toContain('MANIFEST');
    const { last } = await dumped();
    expect(last?.at.getTime()).toBeGreaterThanOrEqual(before.last?.at.getTime() ?? 0);
    expect(await guest.sh(`ls -A ${STORE}`)).not.toContain('.new');
  });

  it('AP-13: is proven by the next where a proof was cut off, of which nothing stays', async () => {
    await dumped();
    await cutOff('prove', 'pg_restore');
    expect(await guest.sh('ls /var/lib/steward-prove')).toBe('shop\n');
    expect((await proved()).proven).toMatchObject({ rows: 1000 });
    await nothingLeft();
  });

  it('AP-13: keeps as many dumps as it shall, the newest', async () => {
    // The last is of a clock that was wrong.
    for (const at of [1_000_000_000, 1_100_000_000, 1_200_000_000, 2_000_000_000])
      await guest.sh(`mkdir -p ${STORE}/dump-${at} && touch ${STORE}/dump-${at}/MANIFEST`);
    const { last } = await dumped();
    expect(await guest.sh(`ls ${STORE}`)).toBe(`dump-1200000000\ndump-${(last?.at.getTime() ?? 0) / 1000}\nlast\n`);
  });
});

describe('what a customer has in the database', { timeout: 120_000 }, () => {
  it('AP-13: is dumped and proven whatever it is called, with what is made besides', async () => {
    const hostile = `we"ird'; drop table orders;\n-- $(id) \`id\` 🐘 |`;
    const quoted = `"${hostile.replaceAll('"', '""')}"`;
    await sql(`set role shop; create schema ${quoted}; create table ${quoted}.${quoted} (${quoted} text); insert into ${quoted}.${quoted} values ($x$${hostile}$x$), (null);
      create table nothing (); create table parted (n int) partition by range (n); create table part partition of parted for values from (0) to (9); insert into parted values (1), (1);
      create sequence seen; create view few as select n from orders where n < 5; create index on orders (what);
      create table parent (a int); create table child (own int) inherits (parent); alter table parent add added text default 'x'; insert into child values (1, 2);
      select lo_from_bytea(0, decode(repeat('00ff', 5000), 'hex'))`);
    await sql(`create database "x y='z host=nowhere"`, 'postgres');
    await sql('create table besides as select 1 as one', "x y='z host=nowhere");
    const { last } = await dumped();
    expect(last).toMatchObject({ databases: 3, tables: 8, rows: 1007 });
    const { proven, unproven } = await proved();
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ tables: 8, rows: 1007 });
    await sql(`drop database "x y='z host=nowhere"`, 'postgres');
    await sql(`drop schema ${quoted} cascade; select lo_unlink(oid) from pg_largeobject_metadata`);
  });

  it('AP-13: is proven where there is nothing yet', async () => {
    await sql('drop table orders');
    expect((await dumped()).last).toMatchObject({ tables: 0, rows: 0 });
    expect((await proved()).proven).toMatchObject({ tables: 0, rows: 0 });
  });

  it('AP-9: runs as nobody that has anything: neither in a dump nor in a proof does it reach the server, or root', async () => {
    const out = `copy (select 1) to program 'id -un >> /tmp/who; cat ${STORE}/dump-*/roles.sql /etc/postgresql/17/main/pg_hba.conf >> /tmp/who; psql -h /var/run/postgresql -U postgres -c "select 1" postgres >> /tmp/who'`;
    await guest.sh('rm -f /tmp/who; touch /tmp/who; chmod 0666 /tmp/who');
    await sql(`set role shop;
      create function escape() returns boolean language plpgsql as $f$ begin ${out.replace('id', 'id')}; return true; exception when others then return true; end $f$;
      create function written(orders) returns text language plpgsql as $f$ begin perform public.escape(); return 'x'; end $f$;
      create cast (orders as text) with function written(orders);
      create table trap (n int check (public.escape())); insert into trap values (1);
      alter table trap enable row level security;`);
    await sql(`alter database shop set role = shop; alter database shop set default_transaction_read_only = on;
      alter database shop set statement_timeout = 1; alter database shop set datestyle = 'German'; alter database shop set search_path = public, pg_catalog`);
    const { last, failed } = await dumped();
    expect([last?.rows, failed]).toEqual([1001, undefined]);
    expect(await guest.sh('cat /tmp/who')).toBe('');
    const { proven, unproven } = await proved();
    expect([proven?.rows, unproven]).toEqual([1001, undefined]);
    expect(await guest.sh('cat /tmp/who')).toBe('steward-prove\n');
    await sql('alter database shop reset all', 'postgres');
  });

  it('AP-13: in the way of a restore is found before it is needed: a check that does not find its function', async () => {
    await sql(`set role shop; create function inner_check(int) returns boolean language sql as 'select $1 > 0';
      create function outer_check(int) returns boolean language plpgsql as 'begin return inner_check($1); end';
      create table checked (n int check (outer_check(n))); insert into checked values (1)`);
    expect((await dumped()).failed).toBeUndefined();
    const { unproven, proven } = await proved();
    expect(proven).toBeUndefined();
    expect(unproven?.differs).toBe(false);
    expect(unproven?.what).toMatch(
      /^database shop cannot be restored: ERROR: function inner_check\(integer\) does not exist/,
    );
    await nothingLeft();
  });
});

/** As in research 4.0 and 6.7: what says that all is well, and is not. */
describe('a dump that is none', { timeout: 120_000 }, () => {
  it('AP-13: is found where a byte of it was changed, which its list of contents does not show', async () => {
    const { last } = await dumped();
    const dump = `${STORE}/dump-${(last?.at.getTime() ?? 0) / 1000}/db-2.dump`;
    await guest.sh(`printf X | dd of=${dump} bs=1 seek=$(($(stat -c %s ${dump}) - 100)) conv=notrunc 2> /dev/null`);
    expect(await guest.run(`${BIN}/pg_restore --list < ${dump}`)).toMatchObject({ exitCode: 0 });
    expect((await proved()).unproven).toMatchObject({
      ...{ differs: true, of: last?.at, what: 'db-2.dump of the dump is not what was written' },
    });
  });

  it.each([
    ['rows', '--exclude-table-data=public.orders', 'database shop: table public.orders has 0 rows instead of 1000'],
    ['a table', '--exclude-table=public.orders', 'database shop: table public.orders is not restored'],
  ])('AP-13: is found where it lacks %s, though pg_dump ended with 0', async (_, option, what) => {
    const { last, failed } = await instead(
      'pg_dump',
      `case "$*" in *format*) set -- ${option} "$@";; esac; exec "$0.real" "$@"`,
      dumped,
    );
    expect([last?.rows, failed]).toEqual([1000, undefined]);
    expect((await proved()).unproven).toMatchObject({ differs: true, what });
  });

  it('AP-13: is found where a row is restored as another', async () => {
    await dumped();
    const changed = `"$0.real" "$@" || exit; case "$*" in *create*) psql -X -q -d shop -c "update public.orders set what = 'x' where n = 7" 2> /dev/null || :;; esac`;
    const { unproven } = await instead('pg_restore', changed, proved);
    expect(unproven).toMatchObject({
      ...{
        differs: true,
        what: 'database shop: table public.orders has the same 1000 rows, and other contents in them',
      },
    });
    expect(await guest.sh('cat /run/steward-backup-shop/metrics')).toContain(
      `${BACKUP_METRICS.proofFailed}{application="shop"} 1\n`,
    );
  });

  it.each([
    ['ends with 0 and has written nothing', 'exit 0', /^database postgres: its dump cannot be read: /],
    [
      'fails',
      'echo "pg_dump: error: the disk is on fire" >&2; exit 1',
      /^database postgres: pg_dump: error: the disk is on fire/,
    ],
  ])('AP-13: is no dump where pg_dump %s', async (_, script, what) => {
    const { last, failed } = await instead('pg_dump', script, dumped);
    expect(last).toBeUndefined();
    expect(failed?.what).toMatch(what);
    expect(await guest.sh(`ls -A ${STORE}`)).toBe('failed\n');
    // It is not tried again at once.
    expect((await dumped()).failed).toEqual(failed);
  });
});

/** As a guest has it that was left half updated: the client of PostgreSQL 15, by the Debian before, and the server of 17. */
describe('a client that is older than its server', { timeout: 120_000 }, () => {
  const OLD = '/old/usr/lib/postgresql/15/bin';
  beforeAll(async () => {
    const { packages } = await readLock('bookworm.former');
    const [deb] = await ensureDebs(packages.filter(({ path }) => path.includes('/postgresql-client-15_')));
    if (deb === undefined) throw new Error('There is no older client in the lock');
    await copyFile(deb.file, join(guest.root.folder, 'older.deb'));
    await guest.sh('mkdir -p /old && dpkg-deb --extract /build/older.deb /old');
  });

  it('AP-13: makes no dump, and the last good one is kept', async () => {
    const { last } = await dumped();
    // As if a day had gone by.
    await guest.sh(`sed -i -E 's/^[0-9]+/1700000000/' ${STORE}/last`);
    const { failed } = await instead('pg_dump', `exec ${OLD}/pg_dump "$@"`, dumped);
    expect(failed?.what).toMatch(/^database postgres: .*server version mismatch/);
    expect(await guest.sh(`ls ${STORE}`)).toBe(`dump-${(last?.at.getTime() ?? 0) / 1000}\nfailed\nlast\n`);
  });

  it('AP-13: restores nothing, and the proof says so', async () => {
    await dumped();
    const { proven, unproven } = await instead('pg_restore', `exec ${OLD}/pg_restore "$@"`, proved);
    expect(proven).toBeUndefined();
    expect(unproven?.what).toMatch(/unsupported version .* in file header/);
    await nothingLeft();
  });
});

describe('a disk without room', { timeout: 120_000 }, () => {
  it('AP-13: is told with numbers, and nothing is begun on it', async () => {
    await dumped();
    await guest.sh('mkdir -p /var/lib/steward-prove && mount -t tmpfs -o size=64m tmpfs /var/lib/steward-prove');
    expect((await proved()).unproven?.what).toMatch(
      /^a proof may need 1[0-9]{2} MiB of disk and 6[01] MiB may be taken, so that it was not begun$/,
    );
    await guest.sh('umount /var/lib/steward-prove');
    await guest.sh(`rm -rf ${STORE}/*; mount -t tmpfs -o size=1m,mode=0700 tmpfs ${STORE}`);
    expect((await dumped()).failed?.what).toMatch(
      /^a dump may need [0-9]+ MiB of disk and 1 MiB may be taken, so that it was not begun$/,
    );
    await guest.sh(`umount ${STORE}`);
  });

  it('AP-13: is not filled by a dump that grows beyond what was reckoned: it ends, and the disk has room', async () => {
    await guest.sh(`mount -t tmpfs -o size=64m,mode=0700 tmpfs ${STORE}`);
    const { last, failed } = await instead('pg_dump', 'head -c 100M /dev/zero', dumped);
    expect(last).toBeUndefined();
    expect(failed?.what).toMatch(/^database postgres: /);
    expect(await guest.sh(`df -Pk ${STORE} | awk 'NR == 2 { print ($4 > 60000) }'; umount ${STORE}`)).toBe('1\n');
  });
});

describe('the scripts of an application', { timeout: 120_000 }, () => {
  it('AP-13: are put back where somebody changes them, and go with the application; its dumps stay', async () => {
    await dumped();
    await guest.sh(
      'echo exit 0 > /usr/local/sbin/steward-backup-shop; systemctl disable --now steward-prove-shop.timer',
    );
    expect((await guest.look(plan)).differing['app:shop:backup']).toMatch(
      /steward-backup-shop is another; steward-prove-shop[.]timer is not running .*; steward-prove-shop[.]timer does not start/,
    );
    await guest.heal(plan);
    expect((await guest.look(plan)).differing).toEqual({});
    const { backup: _, ...without } = plan;
    expect(Object.keys((await guest.look(without)).differing)).toEqual(['app:shop:backup']);
    const gone = { ...plan, present: false };
    await guest.heal(gone);
    expect(await guest.look(gone)).toMatchObject({ differing: {} });
    expect(await guest.sh('ls /usr/local/sbin /etc/systemd/system | grep steward- || :')).toBe('');
    expect(await guest.sh(`ls ${STORE}`)).toMatch(/^dump-[0-9]+\nlast\n$/);
  });
});
