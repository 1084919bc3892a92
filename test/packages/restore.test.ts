/** Restores of Debian's own PostgreSQL 17 from a dump in its guest, by the scripts of guests (AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import type { ApplicationGuest } from './applicationguest.ts';
import { postgresqlPlan } from './postgresqlplan.ts';
import {
  cutAfter,
  dumped,
  found,
  heals,
  kept,
  neverServing,
  plannedGuest,
  restoring,
  retiring,
  scriptInHaste,
} from './restoreplan.ts';

const STORE = '/var/lib/steward/dumps/shop';
const DATA = '/var/lib/postgresql/17';
const verifier = scramVerifier('pencil', Buffer.alloc(16, 7));
const backup = {
  ...{ engine: 'PostgreSQL' as const, everyHours: 1, proveEveryDays: 7, keep: 2 },
  ...{ dumpMinutes: 60, proofMinutes: 60 },
};
const plan: ApplicationPlan = { ...postgresqlPlan(verifier), backup };
/** Root comes through for its probes, a client does not. */
const LOGIN =
  'PGPASSWORD=pencil PGCONNECT_TIMEOUT=2 setpriv --reuid=65534 --regid=65534 --clear-groups psql -X -A -t -q -h 127.0.0.1 -U shop -d shop';

let guest: ApplicationGuest;
beforeAll(async () => {
  guest = await plannedGuest(plan);
}, 600_000);
afterAll(() => guest.stop());

const restoringFrom = (restore: string, of: Date, withinSeconds = 30) =>
  restoring(plan, { engine: 'PostgreSQL', restore, line: '17', of, ports: [5432], withinSeconds });

const sql = (text: string, database = 'shop') =>
  guest.sh(
    `printf %s ${shellWord(text)} | setpriv --reuid=postgres --regid=postgres --init-groups psql -X -A -t -q -v ON_ERROR_STOP=1 -d ${database}`,
  );
const lets = async () => (await guest.run(`${LOGIN} -c 'select 1'`)).exitCode === 0;

beforeEach(async () => {
  await sql(
    `set client_min_messages = error; drop schema public cascade; create schema public authorization shop; set role shop;
    create table orders (id int primary key, what text); insert into orders select g, md5(g::text) from generate_series(1, 1000) g;
    create table "o'dd ""name" (x int references orders); insert into "o'dd ""name" values (1);
    create view few as select * from orders where id < 10; create materialized view fewer as select count(*) from few;
    create sequence numbers; select setval('numbers', 77); select lo_from_bytea(4711, 'large');`,
  ).catch(error => {
    if (!String(error).includes('4711')) throw error;
  });
});

const NOW = '1000|500500\n';
const orders = () => sql('select count(*), sum(id) from orders');

/** Code of a customer's that makes him an administrator where an administrator runs it. */
const BAIT = `create function evil() returns boolean language plpgsql as $$ begin
        if (select rolsuper from pg_roles where rolname = current_user) then
          execute 'alter role shop superuser'; end if;
        return true; end $$;
      create table baited (id int check (evil()));
      insert into baited values (1);
      create index on baited ((id + 1));
      create table "x LARGE OBJECT postgres" (id int check (evil()));
      insert into "x LARGE OBJECT postgres" values (1);
      create function of_row(baited) returns boolean language sql as 'select public.evil()';
      alter table baited add check (of_row(baited));`;

describe('an application whose data were damaged', { timeout: 300_000 }, () => {
  it('AP-13: has the data of its dump again, each row as dumped, and those of before beside them', async () => {
    const of = await dumped(guest, plan);
    await sql("drop table orders cascade; alter role shop password null; select setval('numbers', 900)");
    const wanted = restoringFrom('a1', of);
    await heals(guest, wanted);
    expect(await orders()).toBe(NOW);
    expect(
      await sql(
        'select x from "o\'dd ""name"; select * from fewer; select last_value from numbers; select lo_get(4711) = \'large\'',
      ),
    ).toBe('1\n9\n77\nt\n');
    expect(await found(guest, wanted)).toMatchObject({
      order: 'a1',
      phase: 'Done',
      tables: 3,
      closed: expect.any(Date),
    });
    expect((await guest.look(wanted)).differing).toEqual({});
    expect(await lets()).toBe(true);
    expect(await guest.sh(`ls ${DATA}`)).toBe('before-restore-a1\nmain\n');
    expect(await kept(guest, plan)).toMatchObject([{ restore: 'a1', bytes: expect.any(Number) }]);
    await guest.heal(retiring(plan, 'a1'));
    expect(await guest.sh(`ls ${DATA}`)).toBe('main\n');
    expect(await sql("select count(*) from pg_roles where rolname = 'steward_restore'")).toBe('0\n');
  });

  it('AP-13: proves a dump with a materialized view of a view', async () => {
    await dumped(guest, plan);
    await guest.sh('/usr/local/sbin/steward-prove-shop');
    expect((await guest.look(plan)).applications[0]?.backup).toMatchObject({ proven: { tables: 3 } });
  });

  it.each([
    ['before anything was done', 'noted_restore begun', 'b1'],
    ['while its data are aside', 'engine aside || restore_back "$said"', 'b2'],
    ['before clients are let in', 'noted_restore filled', 'b3'],
  ])(
    'AP-13: cut off %s, lets nobody in and makes no dump, and is brought to its end by the next',
    async (_, text, uid) => {
      const of = await dumped(guest, plan);
      await sql('drop table orders cascade');
      const wanted = restoringFrom(uid, of);
      const script = await guest.scriptOfHeal(wanted);
      expect(script).toContain(text);
      await guest.run(cutAfter(script, text));
      if (uid !== 'b1') expect(await lets()).toBe(false);
      // Whatever is there now is no data to be dumped, though a dump is due.
      await guest.sh(`echo '0 0 0 0 0 0' > ${STORE}/last; /usr/local/sbin/steward-backup-shop; rm ${STORE}/last`);
      expect((await guest.look(plan)).applications[0]?.backup?.dumps).toEqual([of]);
      await heals(guest, wanted);
      expect(await found(guest, wanted)).toMatchObject({ phase: 'Done' });
      expect(await orders()).toBe(NOW);
      expect(await lets()).toBe(true);
    },
  );

  it.each([
    ['does not serve with the restored data', 'c1', 1],
    ['is cut off while it is taken back', 'c2', 1],
  ])(
    'AP-13: that %s has the data of before again, with every acknowledged write; this order does not try again',
    async (_, uid, within) => {
      const of = await dumped(guest, plan);
      await sql("insert into orders values (1001, 'acknowledged')");
      const wanted = restoringFrom(uid, of, within);
      const broken = neverServing(wanted);
      const script = await scriptInHaste(guest, broken);
      if (uid === 'c2') {
        await guest.run(script.replace('noted_restore back "$1"', "$&; sh -c 'kill -9 $PPID'"));
        expect(await lets()).toBe(false);
      }
      const { exitCode, stderr } = await guest.run(await scriptInHaste(guest, broken));
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain('; the data of before serve again');
      expect(await found(guest, wanted)).toMatchObject({
        phase: 'Failed',
        why: expect.stringMatching(/did not serve within|being taken back/),
      });
      expect(await sql('select what from orders where id = 1001')).toBe('acknowledged\n');
      expect(await lets()).toBe(true);
      expect(await guest.sh(`ls ${DATA} | grep ${uid} || :`)).toBe('');
      expect((await guest.look(wanted)).differing['app:shop:data-restore']).toMatch(/^Failed the restore has failed/);
    },
  );

  it.each([
    ['whose dump is gone', 'd1', `rm -rf ${STORE}/dump-*`, 'there is no dump of that instant any more'],
    [
      'whose dump is not what was written',
      'd2',
      `for each in ${STORE}/dump-*/db-2.dump; do echo >> $each; done`,
      'db-2.dump of the dump is not what was written',
    ],
    [
      'whose dump is of another line',
      'd3',
      `sed -i 's,^server .*/17/,server /usr/lib/postgresql/15/,' ${STORE}/dump-*/MANIFEST`,
      'the dump is of another version line',
    ],
    [
      'for which there is no room',
      'd4',
      `sed -i '/^database/s/ [0-9]*$/ 99999999999999/' ${STORE}/dump-*/MANIFEST`,
      'a restore beside the data may need',
    ],
  ])('AP-13: is not begun, and nobody is shut out, %s', async (_, uid, spoil, why) => {
    const of = await dumped(guest, plan);
    await guest.sh(spoil);
    const wanted = restoringFrom(uid, of);
    const { exitCode, stderr } = await guest.heal(wanted);
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('not begun: ');
    expect(stderr).toContain(why);
    expect(await found(guest, wanted)).toEqual({
      order: uid,
      phase: 'Failed',
      tables: 0,
      rows: 0,
      why: expect.stringContaining(why),
    });
    expect(await lets()).toBe(true);
    expect(await orders()).toBe(NOW);
    expect(await guest.sh('test -e /var/lib/steward/applications/shop/closed.nft || echo open')).toBe('open\n');
  });

  it('AP-9: gives nobody rights by the code that runs while his data are restored', async () => {
    // As the customer himself: by the administrator it would already be done.
    await guest.sh(`printf %s ${shellWord(BAIT)} | ${LOGIN} -v ON_ERROR_STOP=1`);
    const of = await dumped(guest, plan);
    await heals(guest, restoringFrom('e1', of));
    expect(await sql("select count(*) from baited; select rolsuper from pg_roles where rolname = 'shop'")).toBe(
      '1\nf\n',
    );
  });

  it('AP-13: whose VM has the disks of a backup that was made in the midst of a restore, has the data of before again', async () => {
    const of = await dumped(guest, plan);
    await sql("insert into orders values (1001, 'acknowledged')");
    const wanted = restoringFrom('aa', of);
    await guest.run(cutAfter(await guest.scriptOfHeal(wanted), 'noted_restore filled'));
    expect((await guest.look(plan)).differing['app:shop:preseed-folder']).toContain('nobody asks for any more');
    await heals(guest, plan);
    expect(await sql('select count(*) from orders')).toBe('1001\n');
    expect(await lets()).toBe(true);
  });

  it("AP-13: that nobody wants any more has the data of before again, and its interface is nobody's", async () => {
    const of = await dumped(guest, plan);
    await sql("insert into orders values (1001, 'acknowledged')");
    const wanted = restoringFrom('f1', of);
    await guest.run(cutAfter(await guest.scriptOfHeal(wanted), 'noted_restore filled'));
    expect(await sql('select count(*) from orders')).toBe('1000\n');
    const step = { ...wanted, present: false };
    const { exitCode, stdout, stderr } = await guest.run(
      (await guest.scriptOfHeal(step)).replace(/^heal_in shop app:shop:(packages|server) .*$/gm, ''),
    );
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await sql('select count(*) from orders')).toBe('1001\n');
    expect(await lets()).toBe(true);
  });
});
