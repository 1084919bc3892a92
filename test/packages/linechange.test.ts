/** Changes of the version line by the scripts of guests (GE-11, GE-13): from PostgreSQL 15, as the Debian before has it, to Debian 13's own 17. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebs } from '../../hack/testbed/guest/debs.ts';
import { writeFlatRepository } from '../../hack/testbed/guest/localrepository.ts';
import { readLock } from '../../hack/testbed/guest/lockfile.ts';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan, PlanStep } from '../../src/domain/contract/applicationplan.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { postgresqlPlan } from './postgresqlplan.ts';

const verifier = scramVerifier('pencil', Buffer.alloc(16, 7));
const NOTE = '/var/lib/steward/applications/shop/line-change';
/** Root comes through for its probes, a client does not. */
const LOGIN =
  'PGPASSWORD=pencil PGCONNECT_TIMEOUT=2 setpriv --reuid=65534 --regid=65534 --clear-groups psql -X -A -t -q -h 127.0.0.1 -U shop -d shop';

let guest: ApplicationGuest;
beforeAll(async () => {
  guest = await ApplicationGuest.start('own');
  const folder = join(guest.root.folder, 'former');
  await mkdir(folder);
  const { packages } = await readLock('bookworm.former');
  await writeFlatRepository(folder, 'bookworm', await ensureDebs(packages));
  await guest.sh("echo 'deb [trusted=yes] file:/build/former ./' >> /etc/apt/sources.list && apt-get -q update");
  await guest.sh('DEBIAN_FRONTEND=noninteractive apt-get -q -y install iproute2');
}, 600_000);
afterAll(() => guest.stop());

const change = (uid: string) => ({
  ...({ engine: 'PostgreSQL', change: uid, from: '15', to: '17', freeSpacePercent: 120 } as const),
  packages: ['postgresql-17'],
});

/** The plan of a line with steps of its change: after the packages, and at the end. */
function planOf(line: '15' | '17', ...steps: readonly PlanStep[]): ApplicationPlan {
  const plan = postgresqlPlan(verifier, { line });
  const [after, ...rest] = steps;
  const withChange = plan.steps.flatMap(step => (step.type === 'package' && after ? [step, after] : [step]));
  return { ...plan, steps: [...withChange, ...rest] };
}

const changing = (uid: string, withinSeconds = 30): ApplicationPlan =>
  planOf(
    '17',
    { type: 'lineChange', name: 'line-change', ...change(uid), ports: [5432] },
    { type: 'lineOpen', name: 'line-open', ...change(uid), ports: [5432], withinSeconds },
  );
const checking = (uid: string): ApplicationPlan =>
  planOf('15', { type: 'lineCheck', name: 'line-check', ...change(uid) });
const retiring = (uid: string): ApplicationPlan =>
  planOf('17', { type: 'lineRetire', name: 'line-retire', ...change(uid), packages: ['postgresql-15'] });

const lineOf = async (plan: ApplicationPlan) => (await guest.look(plan)).applications[0]?.line;
const sql = (text: string) =>
  guest.sh(
    `printf %s ${shellWord(text)} | setpriv --reuid=postgres --regid=postgres --init-groups psql -X -A -t -q -d shop`,
  );
const clusters = () => guest.sh("pg_lsclusters -h | awk '{ print $1, $3, $4 }'");
const lets = async () => (await guest.run(`${LOGIN} -c 'select 1'`)).exitCode === 0;
/** The script, which dies where it has run that text: nothing of it comes after. */
const cutAfter = (script: string, text: string) =>
  script.replace(text, found => `${found}; sh -c 'kill -9 $PPID'`).replace(/^heal_in shop-open .*$/m, 'exit 9');

describe('PostgreSQL 15 that is to be 17', { timeout: 300_000 }, () => {
  it('GE-11: is told what stands against it, and nothing where nothing does', async () => {
    expect((await guest.heal(planOf('15'))).exitCode).toBe(0);
    await sql(
      'create table orders as select g as id, md5(g::text) as what from generate_series(1, 5000) g; create table "o\'dd ""name" (x int); insert into "o\'dd ""name" values (1)',
    );
    // What a customer can have: a check that would make him administrator, were it run by one.
    await guest.sh(`${LOGIN} <<'END'
create function climb(int) returns boolean language plpgsql as $f$
begin if current_user <> 'shop' then create role climbed superuser; end if; return true;
exception when duplicate_object then return true; end $f$;
create table guarded (x int check (climb(x)));
insert into guarded values (1);
END`);
    expect(await lineOf(checking('1'))).toEqual({ checks: '' });
    await sql("begin; select 1; prepare transaction 'left'").catch(() => undefined);
    await sql("select pg_create_physical_replication_slot('kept')");
    expect((await lineOf(checking('1')))?.checks).toContain('1 replication slots are in use');
    await sql("select pg_drop_replication_slot('kept')");
  });

  it('GE-11: is not begun, and nobody is shut out, where the new line lacks an extension', async () => {
    await guest.sh(
      "echo \"default_version = '1.0'\" > /usr/share/postgresql/15/extension/mine.control; echo 'select 1' > /usr/share/postgresql/15/extension/mine--1.0.sql",
    );
    await sql('create extension mine');
    const { exitCode, stderr } = await guest.heal(changing('2'));
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('not begun: line 17 has no extension mine');
    expect(await lets()).toBe(true);
    expect(await clusters()).toBe('15 5432 online\n');
    await sql('drop extension mine');
  });

  it('GE-11: whose new line does not serve is the old one again, with every acknowledged write; this change does not try again', async () => {
    const plan = changing('3', 1);
    const broken = {
      ...plan,
      probes: [...plan.probes, { type: 'tcp', name: 'never', port: 1, timeoutSeconds: 1 } as const],
    };
    const { exitCode, stderr } = await guest.run(
      (await guest.scriptOfHeal(broken)).replace('within 60 judged', 'true'),
    );
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain('line 17 did not serve within 1 seconds; line 15 serves again');
    expect(await lineOf(broken)).toMatchObject({ phase: 'Failed', checks: 'line 17 did not serve within 1 seconds' });
    expect(await clusters()).toBe('15 5432 online\n');
    expect(await sql('select count(*) from orders')).toBe('5000\n');
    expect(await lets()).toBe(true);
    expect((await guest.look(plan)).differing['app:shop:line-change']).toMatch(
      /^Failed .*has failed, and line 15 serves/,
    );
  });

  it.each([
    ['while the data are copied', 'noted begun'],
    ['before clients are let in', 'noted changed'],
  ])('GE-11: cut off %s, it lets nobody in and is brought to its end by the next', async (_, text) => {
    const plan = changing(text === 'noted begun' ? '4' : '5');
    const script = await guest.scriptOfHeal(plan);
    expect(script).toContain(`  ${text}\n`);
    await guest.run(cutAfter(script, `  ${text}`));
    if (text === 'noted changed') {
      expect(await lets()).toBe(false);
      expect((await guest.look(plan)).differing['app:shop:line-open']).toContain('its interface is closed');
    }
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await lineOf(plan)).toMatchObject({ phase: 'Done' });
    expect(await lets()).toBe(true);
    if (text === 'noted begun') await turnBack();
  });

  it('AP-9: gives nobody rights by the code that a customer’s tables carry', async () => {
    expect(await sql("select count(*) from pg_roles where rolname = 'climbed'")).toBe('0\n');
    expect(await sql('select count(*) from guarded')).toBe('1\n');
  });

  it('GE-11: has all its data in the new line, which is as planned; the old instance stays, stopped', async () => {
    const plan = changing('5');
    expect((await guest.look(plan)).differing).toEqual({});
    expect(await sql('select count(*), sum(id) from orders; select x from "o\'dd ""name"')).toBe('5000|12502500\n1\n');
    expect(await sql('show server_version_num')).toMatch(/^17/);
    expect(await clusters()).toBe('15 5433 down\n17 5432 online\n');
    const { exitCode } = await guest.healAll(plan);
    expect(exitCode).toBe(0);
    expect(await clusters()).toBe('15 5433 down\n17 5432 online\n');
  });

  it('GE-13: loses its old instance when the customer has accepted, and not by another change', async () => {
    expect((await guest.heal(retiring('6'))).exitCode).not.toBe(0);
    expect(await clusters()).toBe('15 5433 down\n17 5432 online\n');
    expect((await guest.heal(retiring('5'))).exitCode).toBe(0);
    expect(await clusters()).toBe('17 5432 online\n');
    expect(await guest.sh('dpkg -s postgresql-15 2>&1 || true')).not.toContain('ok installed');
    expect(await lineOf(retiring('5'))).toMatchObject({ phase: 'Retired' });
    expect(await sql('select count(*) from orders')).toBe('5000\n');
  });
});

/** As it was before the change: for the next one. */
async function turnBack(): Promise<void> {
  await guest.sh(
    `pg_dropcluster --stop 17 main && pg_conftool 15 main set port 5432 && echo auto > /etc/postgresql/15/main/start.conf && systemctl start postgresql@15-main.service && rm -f ${NOTE}`,
  );
}
