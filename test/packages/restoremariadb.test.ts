/** Restores of Debian's own MariaDB from a dump in its guest, by the scripts of guests (AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import type { ApplicationGuest } from './applicationguest.ts';
import { PASSWORD, planOfEntry } from './entryplan.ts';
import {
  cutAfter,
  cutInProgram,
  dumped,
  found,
  heals,
  kept,
  neverServing,
  plannedGuest,
  restoring,
  retiring,
  SEALED_AGAIN,
  scriptInHaste,
} from './restoreplan.ts';

const LOGIN = `MYSQL_PWD=${PASSWORD} setpriv --reuid=65534 --regid=65534 --clear-groups mariadb --no-defaults -N -B --skip-ssl-verify-server-cert -h 127.0.0.1 -u app app`;

let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  const whole = await planOfEntry('mariadb.yaml', [3306, 3306], { line: '11.8' });
  // What is measured is tested elsewhere.
  plan = { ...whole, steps: whole.steps.filter(({ name }) => !name.startsWith('exporter')) };
  guest = await plannedGuest(plan);
}, 600_000);
afterAll(() => guest.stop());

/** A table of a name that means something everywhere. */
const ODD = '`o\'dd "na\\me%_`';

const sql = (text: string) => guest.sh(`printf %s ${shellWord(text)} | mariadb --no-defaults -N -B`);
const customer = (text: string) => guest.sh(`printf %s ${shellWord(text)} | ${LOGIN}`);
const lets = async () => (await guest.run(`${LOGIN} -e 'select 1'`)).exitCode === 0;
const restoringFrom = (restore: string, of: Date, withinSeconds = 30) =>
  restoring(plan, { engine: 'MariaDB', restore, line: '11.8', of, ports: [3306], withinSeconds });

/** A dump, as it would be if somebody had brought that statement into it. */
const into = (statement: string) =>
  `printf '%s\\n' ${shellWord(statement)} >> $(echo /var/lib/steward/dumps/shop/dump-*/db-1.dump); ${SEALED_AGAIN}`;
const EVIL = 'create definer=root@localhost procedure app.evil() sql security definer set @a = 1;';
/** A client as those before 10.5.25 were, for dumps. */
const OLDER = `mv /usr/bin/mariadb /usr/bin/mariadb.real && printf '%s\\n' '#!/bin/sh' 'case "$*" in *steward_restore*) IFS= read -r first; case "$first" in "/*M!999999"*) echo "ERROR at line 1: Unknown command" >&2; exit 1;; esac;; esac; exec "$0.real" "$@"' > /usr/bin/mariadb && chmod 0755 /usr/bin/mariadb`;

/** A database of the customer's with one of each kind of thing, all his own. */
beforeEach(async () => {
  await sql("drop database app; create database app; drop user if exists 'other'@'%'");
  await customer(`create table orders (n int primary key, what text); insert into orders select seq, md5(seq) from seq_1_to_1000;
    create table ${ODD} (x int, foreign key (x) references orders (n)); insert into ${ODD} values (1);
    create view few as select * from orders where n < 10; create sequence numbers; select nextval(numbers);
    create procedure does() set @a = 1; create event later on schedule every 1 year do set @a = 1;
    create trigger fires before insert on orders for each row set new.what = coalesce(new.what, 'none');`);
});

describe('a MariaDB whose data were damaged', { timeout: 300_000 }, () => {
  it('AP-13: has the data of its dump again, each row as dumped, and those of before beside them', async () => {
    await sql("create user 'other'@'%' identified by 'x'; grant select on app.orders to 'other'@'%'");
    const of = await dumped(guest, plan);
    await sql(`use app; drop table ${ODD}, orders; drop user 'other'@'%'; alter user app@'%' identified by 'another'`);
    const wanted = restoringFrom('a1', of);
    await heals(guest, wanted);
    expect(
      await sql(`select count(*), sum(n) from app.orders; select count(*) from app.few; select x from app.${ODD}`),
    ).toBe('1000\t500500\n9\n1\n');
    expect(await found(guest, wanted)).toMatchObject({ order: 'a1', phase: 'Done', tables: 2, rows: 1001 });
    expect((await guest.look(wanted)).differing).toEqual({});
    expect(await lets()).toBe(true);
    expect(await sql("show grants for 'other'@'%'")).toContain('GRANT SELECT ON `app`.`orders`');
    expect(await sql("select count(*) from mysql.global_priv where user like 'steward%' or user like '%import%'")).toBe(
      '0\n',
    );
    expect(await guest.sh('ls -d /var/lib/before-restore-a1/app; ls /var/lib/mysql/debian-11.8.flag')).toContain(
      'flag',
    );
    expect(await kept(guest, plan)).toMatchObject([{ restore: 'a1', bytes: expect.any(Number) }]);
    await heals(guest, retiring(plan, 'a1'));
    expect(await guest.sh('ls /var/lib | grep before-restore || :')).toBe('');
    await customer('insert into orders values (1001, null)');
    expect(await customer('select what from orders where n = 1001')).toBe('none\n');
  });

  it.each([
    ['while the server that is filled runs', 'b1', (script: string) => cutInProgram(script, '  start_private\n')],
    ['while its data are aside', 'b2', (script: string) => cutAfter(script, 'engine aside || restore_back "$said"')],
    ['before clients are let in', 'b3', (script: string) => cutAfter(script, 'noted_restore filled')],
  ])('AP-13: cut off %s, lets nobody in, and is brought to its end by the next', async (_, uid, cut) => {
    const of = await dumped(guest, plan);
    await customer('delete from orders where n > 500');
    const wanted = restoringFrom(uid, of);
    await guest.run(cut(await guest.scriptOfHeal(wanted)));
    expect(await lets()).toBe(false);
    expect((await guest.look(wanted)).applications[0]?.restore?.phase).toBe(uid === 'b3' ? 'Filled' : 'Begun');
    await heals(guest, wanted);
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Done', rows: 1001 });
    expect(await sql('select count(*) from app.orders')).toBe('1000\n');
    expect(await lets()).toBe(true);
  });

  it.each([
    ['cannot be reached with the restored data', 'c1', ':', 'did not serve within'],
    ['has a client that is older than its dump', 'c2', OLDER, 'Unknown command'],
    ['has a dump with a statement over the server', 'c3', into("grant all on *.* to app@'%';"), 'ccess denied'],
    [
      'has a dump with code for the administrator',
      'c4',
      into(EVIL),
      'is of root@localhost, who has rights over the server',
    ],
  ])(
    'AP-13, AP-9: that %s has the data of before again, with every acknowledged write',
    async (_, uid, spoils, why) => {
      const of = await dumped(guest, plan);
      await customer("insert into orders values (1001, 'acknowledged')");
      await guest.sh(spoils);
      const restores = restoringFrom(uid, of, 1);
      const wanted = uid === 'c1' ? neverServing(restores) : restores;
      const { stderr } = await guest.run(await scriptInHaste(guest, wanted));
      await guest.run('if [ -e /usr/bin/mariadb.real ]; then mv /usr/bin/mariadb.real /usr/bin/mariadb; fi');
      expect(stderr).toContain('; the data of before serve again');
      expect(await found(guest, restores)).toMatchObject({ phase: 'Failed', why: expect.stringContaining(why) });
      expect(await customer('select what from orders where n = 1001')).toBe('acknowledged\n');
      expect(await guest.sh(`ls /var/lib | grep ${uid} || :`)).toBe('');
    },
  );

  it('AP-9: gives nobody rights by names and code that mean something elsewhere', async () => {
    const name = "`x\ngrant all on *.* to app@'%';\n\\\\! touch /tmp/pwned\n-- x`";
    await customer(`create table ${name} (n int comment "*/ grant all on *.* to app@'%'; /*"); insert into ${name} values (1);
      create view \`v;;\ngrant all on *.* to app@'%';;\nx\` as select ';;\n' as one;
      set sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES';
      create procedure tricks() comment ';; grant all on *.* to app@''%'' ;;' set @a = 'a\\', @b = ';;
grant all on *.* to app@''%'' ;;
';`);
    const of = await dumped(guest, plan);
    await heals(guest, restoringFrom('e1', of));
    expect(await sql("select json_value(priv, '$.access') from mysql.global_priv where user = 'app'")).toBe('0\n');
    expect(await customer(`select n from ${name}`)).toBe('1\n');
    expect(await guest.sh('ls /tmp')).not.toContain('pwned');
  });

  it.each([
    ['whose dump is of another line', 'd1', "sed -i 's/^server 11/server 10/'", 'the dump is of another version line'],
    ['for which there is no room', 'd2', "sed -i '/^database/s/ [0-9]*$/ 99999999999999/'", 'may need'],
  ])('AP-13: is not begun, and nobody is shut out, %s', async (_, uid, spoils, why) => {
    const of = await dumped(guest, plan);
    await guest.sh(`${spoils} /var/lib/steward/dumps/shop/dump-*/MANIFEST`);
    const wanted = restoringFrom(uid, of);
    expect((await guest.heal(wanted)).stderr).toContain('not begun: ');
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Failed', why: expect.stringContaining(why) });
    expect(await lets()).toBe(true);
  });

  it('AP-13: that nobody wants any more has the data of before again', async () => {
    const of = await dumped(guest, plan);
    await customer("insert into orders values (1001, 'acknowledged')");
    await guest.run(cutAfter(await guest.scriptOfHeal(restoringFrom('f1', of)), 'noted_restore filled'));
    await heals(guest, plan);
    expect(await customer('select what from orders where n = 1001')).toBe('acknowledged\n');
    expect(await lets()).toBe(true);
  });
});
