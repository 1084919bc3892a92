/** Restores of the catalogue's Valkey from a dump in its guest, by the scripts of guests (AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { ApplicationGuest } from './applicationguest.ts';
import { PASSWORD, planOfEntry } from './entryplan.ts';
import {
  cutAfter,
  cutInProgram,
  dumped,
  found,
  heals,
  inProgram,
  kept,
  neverServing,
  plannedGuest,
  restoring,
  retiring,
  SEALED_AGAIN,
  scriptInHaste,
} from './restoreplan.ts';

let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  plan = await planOfEntry('valkey.yaml', [6379, 6379], { line: '8.1', parameters: { maxmemory: '16Mi' } });
  guest = await plannedGuest(plan);
}, 600_000);
afterAll(() => guest.stop());

const DATA = '/var/lib/valkey';
/** Root comes through for its probes, a client does not. */
const CLIENT = `REDISCLI_AUTH=${PASSWORD} setpriv --reuid=65534 --regid=65534 --clear-groups valkey-cli --tls --insecure -h 127.0.0.1 --user app`;
const customer = (commands: string) => guest.sh(`{ ${commands}; } | ${CLIENT}`);
const lets = async () => (await guest.run(`${CLIENT} ping`)).stdout === 'PONG\n';
/** Keys of its first database. */
const keys = async () => (await customer('echo dbsize')).trim();
const restoringFrom = (restore: string, of: Date, withinSeconds = 30) =>
  restoring(plan, { engine: 'Valkey', restore, line: '8.1', of, ports: [6379], withinSeconds });

/** A thousand keys, one that expires, and a list in another database. */
beforeEach(async () => {
  await customer(
    'echo flushall; for i in $(seq 1000); do echo "set key$i value$i"; done; echo "set gone x ex 10000"; echo "select 3"; echo "rpush list a b c"',
  );
});

describe('a Valkey whose data were damaged', { timeout: 300_000 }, () => {
  it('AP-13: has the keys of its dump again, as many as dumped, and those of before beside them', async () => {
    const of = await dumped(guest, plan);
    await customer('echo "set key7 damaged"; echo "del key8"; echo "set later x"');
    const wanted = restoringFrom('a1', of);
    await heals(guest, wanted);
    expect(
      await customer(
        'echo "get key7"; echo "get key8"; echo "get later"; echo "get gone"; echo "select 3"; echo "lrange list 0 -1"',
      ),
    ).toBe('value7\nvalue8\n\nx\nOK\na\nb\nc\n');
    expect(await found(guest, wanted)).toMatchObject({ order: 'a1', phase: 'Done', tables: 1, rows: 1001 });
    expect((await guest.look(wanted)).differing).toEqual({});
    expect(await lets()).toBe(true);
    expect(await guest.sh('ls -d /var/lib/before-restore-a1/appendonlydir')).toContain('appendonlydir');
    // What is written from then on is in its append-only file.
    await customer('echo "set afterwards x"');
    await guest.sh('systemctl restart valkey-server.service');
    await expect.poll(() => customer('echo "get afterwards"; echo "get key7"')).toBe('x\nvalue7\n');
  });

  it('GE-13: keeps the data of before until their restore is accepted, and tells how large they are', async () => {
    const of = await dumped(guest, plan);
    const under = restoringFrom('ab', of);
    await guest.run(cutAfter(await guest.scriptOfHeal(under), 'noted_restore filled'));
    // They are all that there is, should it not come to its end.
    const early = (await guest.scriptOfHeal(retiring(under, 'ab'))).replace(
      /^heal_in \S+ (?!app:shop:data-retire).*$/gm,
      '',
    );
    expect((await guest.run(early)).stderr).toContain('the restore has not come to its end');
    expect(await guest.sh('ls -d /var/lib/before-restore-ab')).toContain('ab');
    await heals(guest, plan);
    expect((await kept(guest, plan)).map(({ restore }) => restore)).not.toContain('ab');
    await heals(guest, restoringFrom('ac', of));
    const all = await kept(guest, plan);
    expect(all.map(({ restore }) => restore)).toEqual(expect.arrayContaining(['ac']));
    expect(all.find(({ restore }) => restore === 'ac')?.bytes).toBeGreaterThan(10_000);
    await heals(guest, plan);
    const wanted = retiring(plan, 'ac');
    expect((await guest.look(wanted)).differing['app:shop:data-retire']).toContain('are still there');
    await heals(guest, wanted);
    expect((await guest.look(wanted)).differing['app:shop:data-retire']).toBeUndefined();
    expect((await kept(guest, plan)).map(({ restore }) => restore)).not.toContain('ac');
    expect(await guest.sh('ls /var/lib | grep before-restore-ac || :')).toBe('');
    expect(await keys()).toBe('1001');
  });

  it.each([
    ['of another restore', '/var/lib/before-restore-ae'],
    ['of no restore', '/etc'],
    ['elsewhere than it says', '/var/lib/x/../before-restore-ad'],
  ])('GE-13: removes nothing where its note names a folder %s', async (_, folder) => {
    const note = '/var/lib/steward/applications/shop/kept-ad';
    await guest.sh(
      `mkdir -p /var/lib/before-restore-ae /var/lib/before-restore-ad /var/lib/x; echo "1796026956 10 ${folder}" > ${note}`,
    );
    expect((await kept(guest, plan)).map(({ restore }) => restore)).not.toContain('ad');
    await heals(guest, retiring(plan, 'ad'));
    expect(
      await guest.sh(`ls -d /etc/passwd ${folder}; rm -f ${note}; rm -rf /var/lib/before-restore-a[de] /var/lib/x`),
    ).toContain(folder);
  });

  it('AP-13: a dump that is put into its place is not what is served, and nobody says so; ours is, or it has failed', async () => {
    const of = await dumped(guest, plan);
    await customer('echo "del key7"');
    const put = `systemctl stop valkey-server.service; cat /var/lib/steward/dumps/shop/dump-*/db-1.dump > ${DATA}/dump.rdb`;
    const serves = 'systemctl start valkey-server.service && systemctl is-active --quiet valkey-server.service';
    // Beside its append-only file: what was damaged is served.
    await guest.sh(`${put}; ${serves}`);
    await expect.poll(keys).toBe('1000');
    // Without: nothing is served, though the dump is whole and the unit runs.
    await guest.sh(`${put}; mv ${DATA}/appendonlydir /root/aof; ${serves}`);
    await expect.poll(keys).toBe('0');
    await guest.sh(
      `systemctl stop valkey-server.service; rm -rf ${DATA}/appendonlydir; mv /root/aof ${DATA}/appendonlydir; ${serves}`,
    );
    await expect.poll(keys).toBe('1000');
    // Our own without its append-only file is found out by what is counted in the server that serves.
    const lying = inProgram(
      await guest.scriptOfHeal(restoringFrom('a2', of)),
      '= yes ]; then write_log; fi',
      '= never ]; then :; fi',
    );
    const { stderr } = await guest.run(lying);
    expect(stderr).toMatch(/has 0 rows instead of 1001 ?; the data of before serve again/);
    expect(await keys()).toBe('1000');
    await heals(guest, restoringFrom('a3', of));
    expect(await keys()).toBe('1001');
  });

  it.each([
    ['while the server that is filled runs', 'b1', (script: string) => cutInProgram(script, '  asks=ask_own\n')],
    ['while its data are aside', 'b2', (script: string) => cutAfter(script, 'engine aside || restore_back "$said"')],
    ['before clients are let in', 'b3', (script: string) => cutAfter(script, 'noted_restore filled')],
  ])('AP-13: cut off %s, lets nobody in, and is brought to its end by the next', async (_, uid, cut) => {
    const of = await dumped(guest, plan);
    await customer('echo flushall');
    const wanted = restoringFrom(uid, of);
    await guest.run(cut(await guest.scriptOfHeal(wanted)));
    expect(await lets()).toBe(false);
    await heals(guest, wanted);
    expect(await found(guest, wanted)).toMatchObject({ phase: 'Done', rows: 1001 });
    expect(await keys()).toBe('1001');
  });

  it.each([
    ['cannot be reached with the restored data', 'c1', ':', 'did not serve within'],
    ['has a dump that is broken', 'c2', 'printf X | dd of=db-1.dump bs=1 seek=3000 conv=notrunc', 'cannot be restored'],
    [
      'has a dump with other keys',
      'c3',
      'sed -i "s/^table 1 \\(.*\\) 1001 /table 1 \\1 1002 /" MANIFEST',
      '1001 rows instead of 1002',
    ],
  ])('AP-13: that %s has the data of before again, with every acknowledged write', async (_, uid, spoils, why) => {
    const of = await dumped(guest, plan);
    await customer('echo "set acknowledged x"');
    await guest.sh(`cd /var/lib/steward/dumps/shop/dump-*; ${spoils} 2> /dev/null; ${SEALED_AGAIN}`);
    const restores = restoringFrom(uid, of, 1);
    const wanted = uid === 'c1' ? neverServing(restores) : restores;
    const { stderr } = await guest.run(await scriptInHaste(guest, wanted));
    expect(stderr).toContain('; the data of before serve again');
    expect(await found(guest, restores)).toMatchObject({ phase: 'Failed', why: expect.stringContaining(why) });
    await expect.poll(() => customer('echo "get acknowledged"')).toBe('x\n');
    expect(await guest.sh(`ls /var/lib | grep ${uid} || :`)).toBe('');
  });

  it('AP-13: that nobody wants any more has the data of before again', async () => {
    const of = await dumped(guest, plan);
    await customer('echo "set acknowledged x"');
    await guest.run(cutAfter(await guest.scriptOfHeal(restoringFrom('f1', of)), 'noted_restore filled'));
    await heals(guest, plan);
    await expect.poll(() => customer('echo "get acknowledged"')).toBe('x\n');
    expect(await lets()).toBe(true);
  });
});
