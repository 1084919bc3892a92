/** Dumps of Debian's own MariaDB and their proof in a second server, by the scripts of a guest (AP-6, AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { verifiersOf } from '../../src/domain/application/verifiers.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { BackupFound } from '../../src/domain/guest/backupfound.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';

const STORE = '/var/lib/steward/dumps/shop';
let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  const port = await ApplicationGuest.freePort();
  const dumping = { engine: 'MariaDB' as const, everyHours: 24, proveEveryDays: 7, keep: 2 };
  const verifier = verifiersOf('pencil', Buffer.alloc(16, 7)).MariaDB;
  plan = {
    ...{ application: 'shop', uid: 'uid', present: true, versionOf: 'mariadb-server', probes: [] },
    steps: [
      { type: 'package', name: 'packages', packages: ['mariadb-server'] },
      {
        ...{ type: 'file', name: 'settings', path: '/etc/mysql/mariadb.conf.d/90-steward.cnf' },
        ...{ owner: 'root', group: 'root', mode: '0644' },
        content: `[mysqld]\nport = ${port}\npid-file = /run/mysqld/mysqld.pid\n`,
        change: { unit: 'mariadb.service', how: 'Restart' },
      },
      { type: 'unit', name: 'server', unit: 'mariadb.service' },
      { type: 'role', name: 'login', engine: 'MariaDB', role: 'shop', verifier },
      { type: 'database', name: 'database', engine: 'MariaDB', database: 'shop_db', owner: 'shop' },
    ],
    backup: { ...dumping, dumpMinutes: 60, proofMinutes: 60 },
  };
  guest = await ApplicationGuest.start();
  await guest.heal(plan);
  expect((await guest.look(plan)).differing['app:shop:backup']).toBeUndefined();
}, 600_000);
afterAll(() => guest.stop());

const sql = (text: string) => guest.sh(`printf %s ${shellWord(text)} | mariadb --no-defaults -N -B`);

/** As if nothing had been dumped yet, of a database of a thousand rows. */
beforeEach(async () => {
  await guest.sh(`rm -rf ${STORE}/* ${STORE}/.[!.]*`);
  await sql(
    "drop database shop_db; create database shop_db; use shop_db; create table orders as select seq as n, concat('order ', seq) as what, cast(rand() as double) as weight from seq_1_to_1000",
  );
});

/** What a look says of the records once a timer has started the job. */
async function recordedBy(what: 'backup' | 'prove'): Promise<BackupFound> {
  await guest.run(`/usr/local/sbin/steward-${what}-shop`);
  const { applications } = await guest.look(plan);
  return applications[0]?.backup ?? {};
}

/** A program of MariaDB's that does something else, while `body` runs; the real one is `"$0.real"`. */
async function insteadOf<Result>(program: string, script: string, body: () => Promise<Result>): Promise<Result> {
  const path = `/usr/bin/${program}`;
  const text = shellWord(`#!/bin/sh\n${script}\n`);
  await guest.sh(`mv ${path} ${path}.real && printf %s ${text} > ${path} && chmod 0755 ${path}`);
  try {
    return await body();
  } finally {
    await guest.sh(`mv ${path}.real ${path}`);
  }
}

const dumpedBy = (script: string) => insteadOf('mariadb-dump', script, () => recordedBy('backup'));

describe('a MariaDB that is backed up', { timeout: 120_000 }, () => {
  it('AP-13: is dumped, and proven by a second server that has every row of it as of the dump', async () => {
    const { last, failed } = await recordedBy('backup');
    expect([last?.rows, failed]).toEqual([1000, undefined]);
    await sql("update shop_db.orders set what = 'another' where n = 7; delete from shop_db.orders where n > 900");
    const { proven, unproven } = await recordedBy('prove');
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ of: last?.at, tables: 1, rows: 1000 });
    expect(await guest.sh('ls -A /var/lib/steward-prove')).toBe('');
    expect(
      await guest.sh(`grep -c '[*][0-9A-F]\\{40\\}' ${STORE}/dump-*/accounts.sql; find ${STORE} -type f -perm /077`),
    ).toBe('2\n');
  });

  it('AP-13: is dumped as of one instant while a client writes into two tables', async () => {
    await sql('use shop_db; create table one (n int primary key); create table two (n int primary key)');
    const writes =
      'i=0; while [ ! -e /tmp/enough ]; do i=$((i+1)); echo "begin; insert into one values ($i); insert into two values ($i); commit;"; done | mariadb --no-defaults shop_db';
    const writing = guest.run(`rm -f /tmp/enough; ${writes}`);
    await expect.poll(() => sql('select count(*) > 100 from shop_db.two')).toBe('1\n');
    const { failed } = await recordedBy('backup');
    await guest.sh('touch /tmp/enough');
    await writing;
    expect(failed).toBeUndefined();
    const counts = (
      await guest.sh(
        `awk '$1 == "table" { print $5, $6 }' ${STORE}/dump-*/MANIFEST | sort | uniq -c | sort -n | tail -n 1`,
      )
    )
      .trim()
      .split(/\s+/);
    expect(counts[0]).toBe('2');
    expect(Number(counts[1])).toBeGreaterThan(100);
    expect((await recordedBy('prove')).unproven).toBeUndefined();
  });

  it('AP-13: is proven whatever is in it, and whatever it is called', async () => {
    const hostile = "we`ird'; drop table orders;\n\\! id\n-- $(id) 🐘 |";
    const quoted = `\`${hostile.replaceAll('`', '``')}\``;
    await sql(`use shop_db; create table ${quoted} (${quoted} text); insert into ${quoted} values ('\\n\\0é'), (null);
      create table kinds (a bit(3), b blob, c float, d json, e timestamp default now(), f int as (1 + 1) virtual, g point, h datetime(6), i year);
      insert into kinds (a, b, c, d, g, h, i) values (b'101', x'00ff', 1.1, '{"a": 1}', point(1, 2), now(6), 2026);
      create table versioned (n int) with system versioning; insert into versioned values (1); update versioned set n = 2;
      create table old (n int) engine = MyISAM; insert into old values (1); create table nothing (n int);
      create view few as select n from orders where n < 5; create sequence seen; create event later on schedule every 1 year do set @a = 1;
      create procedure does() set @a = 1; create trigger fires before insert on nothing for each row set new.n = 1`);
    await sql(`create database ${quoted}; create table ${quoted}.besides select 1 as one`);
    const { last, failed } = await recordedBy('backup');
    expect(failed).toBeUndefined();
    expect(last).toMatchObject({ databases: 2, tables: 7, rows: 1005 });
    const { proven, unproven } = await recordedBy('prove');
    expect([proven?.rows, unproven]).toEqual([1005, undefined]);
    await sql(`drop database ${quoted}`);
  });

  it('AP-13: is proven where there is nothing yet', async () => {
    await sql('drop table shop_db.orders');
    expect((await recordedBy('backup')).last).toMatchObject({ databases: 1, tables: 0, rows: 0 });
    expect((await recordedBy('prove')).proven).toMatchObject({ tables: 0, rows: 0 });
  });

  it('AP-13: has no dump where mariadb-dump ended with 0 and was cut off', async () => {
    const { last, failed } = await dumpedBy('"$0.real" "$@" | head -c 20000');
    expect(last).toBeUndefined();
    expect(failed?.what).toBe('database shop_db: its dump did not come to its end');
    expect(await guest.sh(`ls -A ${STORE}`)).toBe('failed\n');
  });

  it.each([
    ['a table', '--ignore-table=shop_db.orders', 'database shop_db: table shop_db.orders is not restored'],
    ['rows', '--where=n<=900', 'database shop_db: table shop_db.orders has 900 rows instead of 1000'],
  ])('AP-13: is not proven where its dump lacks %s, though it is whole by its last line', async (_, option, what) => {
    const { failed } = await dumpedBy(
      `case "$*" in *system=users*) exec "$0.real" "$@";; esac; first=$1; shift; exec "$0.real" "$first" '${option}' "$@"`,
    );
    expect(failed).toBeUndefined();
    expect((await recordedBy('prove')).unproven).toMatchObject({ differs: true, what });
  });

  it('AP-13: is not proven where its client is older than the dump, whose first line it does not know', async () => {
    await recordedBy('backup');
    // As the clients before 10.5.25 do, which Debian has no package of any more.
    const older =
      'IFS= read -r first; case "$first" in "/*M!999999"*) echo "ERROR at line 1: Unknown command" >&2; exit 1;; esac; { printf "%s\\n" "$first"; cat; } | "$0.real" "$@"';
    const { proven, unproven } = await insteadOf('mariadb', older, () => recordedBy('prove'));
    expect(proven).toBeUndefined();
    expect(unproven?.what).toMatch(/Unknown command/);
  });
});
