/** Dumps of the catalogue's Valkey and their proof in a second server, by the scripts of a guest (AP-6, AP-13). `systemctl.sh` stands in for systemd. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import type { BackupFound } from '../../src/domain/guest/backupfound.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { PASSWORD, planOfEntry } from './entryplan.ts';

const STORE = '/var/lib/steward/dumps/shop';
let guest: ApplicationGuest;
let plan: ApplicationPlan;
let port: number;
beforeAll(async () => {
  port = await ApplicationGuest.freePort();
  plan = await planOfEntry('valkey.yaml', [6379, port], {
    line: '8.1',
    parameters: { maxmemory: '16Mi', databases: 32 },
  });
  guest = await ApplicationGuest.start();
  const { exitCode, stdout, stderr } = await guest.heal(plan);
  expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
}, 600_000);
afterAll(() => guest.stop());

const customer = (commands: string) =>
  guest.sh(
    `{ ${commands}; } | REDISCLI_AUTH=${PASSWORD} valkey-cli --tls --insecure -h 127.0.0.1 -p ${port} --user app > /dev/null`,
  );

/** As if nothing had been dumped yet, of a thousand keys and ten that expire. */
beforeEach(async () => {
  await guest.sh(`rm -rf ${STORE}/* ${STORE}/.[!.]*`);
  await customer(
    'echo flushall; for i in $(seq 1000); do echo "set key$i value$i"; done; for i in $(seq 10); do echo "set gone$i x ex 100"; done; echo "select 3"; echo "rpush list a b c"',
  );
});

async function recordedBy(what: 'backup' | 'prove'): Promise<BackupFound> {
  await guest.run(`/usr/local/sbin/steward-${what}-shop`);
  const { applications } = await guest.look(plan);
  return applications[0]?.backup ?? {};
}

describe('a Valkey that is backed up', { timeout: 120_000 }, () => {
  it('AP-13: is dumped, and proven by a second server that has every key of it that does not expire', async () => {
    const { last, failed } = await recordedBy('backup');
    expect([last?.rows, failed]).toEqual([1001, undefined]);
    await customer('echo "del key1"');
    const { proven, unproven } = await recordedBy('prove');
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ of: last?.at, rows: 1001 });
    expect(await guest.sh('ls -A /var/lib/steward-prove')).toBe('');
  });

  it('AP-13: is proven with what lies in databases that a server has by order alone', async () => {
    await customer('echo "select 20"; echo "set far away"');
    await recordedBy('backup');
    const { proven, unproven } = await recordedBy('prove');
    expect(unproven).toBeUndefined();
    expect(proven).toMatchObject({ rows: 1002 });
  });

  it('AP-13: is proven where there is nothing yet', async () => {
    await customer('echo flushall');
    expect((await recordedBy('backup')).last).toMatchObject({ rows: 0 });
    expect((await recordedBy('prove')).proven).toMatchObject({ rows: 0 });
  });

  it('AP-13: has no dump where it cannot save, though BGSAVE is answered as begun', async () => {
    // A folder in the place of the file: the copy of the server cannot put its dump there.
    await guest.sh('rm -f /var/lib/valkey/dump.rdb; mkdir -p /var/lib/valkey/dump.rdb/x');
    const { last, failed } = await recordedBy('backup');
    await guest.sh('rm -rf /var/lib/valkey/dump.rdb');
    expect(last).toBeUndefined();
    expect(failed?.what).toBe('Valkey could not save: rdb_last_bgsave_status is err');
    expect((await guest.run(`rm ${STORE}/failed`)).exitCode).toBe(0);
    expect(await recordedBy('backup')).toMatchObject({ last: { rows: 1001 } });
  });

  it('AP-13: is not proven where another dump is in the place of its own, or it does not load', async () => {
    await recordedBy('backup');
    const dump = `$(echo ${STORE}/dump-*)`;
    const sealed = `sed -i "s/^file db-1.dump .*/file db-1.dump $(stat -c %s ${dump}/db-1.dump) $(sha256sum < ${dump}/db-1.dump | cut -c 1-64)/" ${dump}/MANIFEST; rm -f ${STORE}/unproven`;
    await guest.sh(`printf X | dd of=${dump}/db-1.dump bs=1 seek=3000 conv=notrunc 2> /dev/null`);
    expect((await recordedBy('prove')).unproven?.what).toBe('db-1.dump of the dump is not what was written');
    await guest.sh(sealed);
    expect((await recordedBy('prove')).unproven).toMatchObject({
      differs: false,
      what: expect.stringMatching(/^the dump cannot be restored: /),
    });
    await customer('echo "del key1 key2"');
    await guest.sh(
      `REDISCLI_AUTH=$(cat /etc/valkey.d/provider.secret) valkey-cli -s /run/valkey/valkey-server.sock --user steward bgsave > /dev/null`,
    );
    await expect
      .poll(() => guest.sh('valkey-check-rdb /var/lib/valkey/dump.rdb | grep -c "1009 keys read" || :'))
      .toBe('1\n');
    await guest.sh(`cat /var/lib/valkey/dump.rdb > ${dump}/db-1.dump`);
    await guest.sh(sealed);
    expect((await recordedBy('prove')).unproven).toMatchObject({
      ...{ differs: true, what: 'database all: table keys.persistent has 999 rows instead of 1001' },
    });
  });
});
