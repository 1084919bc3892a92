/** Hooks that freeze, by Debian's own qemu-guest-agent: what they say proves nothing of an application, and what its dumps record does (research 4.0). */
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebs } from '../../hack/testbed/guest/debs.ts';
import { readLock } from '../../hack/testbed/guest/lockfile.ts';
import type { ManagedVM } from '../../src/api/managedvm.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { backupCompliant } from '../../src/domain/policies/applicationbackup.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { planOfEntry } from './entryplan.ts';

const SYSTEMS = ['bookworm', 'trixie'] as const;
const AGENT = '/qemu-guest-agent_';
/** What a hook is there for: Valkey writes all that it has to its disk. */
const FLUSH = `#!/bin/sh
REDISCLI_AUTH=$(cat /etc/valkey.d/provider.secret) exec valkey-cli -e -s /run/valkey/valkey-server.sock --user steward save
`;

let guest: ApplicationGuest;
let plan: ApplicationPlan;
beforeAll(async () => {
  plan = await planOfEntry('valkey.yaml', [6379, await ApplicationGuest.freePort()], {
    ...{ line: '8.1', parameters: { maxmemory: '16Mi' } },
  });
  guest = await ApplicationGuest.start();
  const { exitCode, stdout, stderr } = await guest.heal(plan);
  expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
  for (const system of SYSTEMS) {
    const { packages } = await readLock(`${system}.mirror`);
    const [deb] = await ensureDebs(packages.filter(({ path }) => path.includes(AGENT)));
    if (deb === undefined) throw new Error(`There is no guest agent in the lock of ${system}`);
    await copyFile(deb.file, join(guest.root.folder, `${system}.deb`));
    await guest.sh(`mkdir -p /agent && dpkg-deb --extract /build/${system}.deb /agent/${system}`);
  }
  await writeFile(join(guest.root.folder, 'flush'), FLUSH, { mode: 0o755 });
}, 600_000);
afterAll(() => guest.stop());

/** A folder in the place of its file: the server cannot save. */
const breakSaving = () => guest.sh('rm -f /var/lib/valkey/dump.rdb; mkdir -p /var/lib/valkey/dump.rdb/x');
const mendSaving = () => guest.sh('rm -rf /var/lib/valkey/dump.rdb');

async function dumped() {
  await guest.run('/usr/local/sbin/steward-backup-shop');
  return (await guest.look(plan)).applications[0]?.backup ?? {};
}

describe.each(SYSTEMS)('the guest agent of %s, whose hook is to make backups consistent', system => {
  const hook = `/agent/${system}/etc/qemu/fsfreeze-hook`;
  /** The hook with that one script. */
  const freeze = async (script: string) => {
    await guest.sh(`install -m 0755 ${script} ${hook}.d/flush; : > /var/log/qga-fsfreeze-hook.log`);
    return guest.run(`${hook} freeze`);
  };

  it('AP-13: is started by its package without a hook, so that no script of one is ever run', async () => {
    const unit = await guest.sh(`cat $(find /agent/${system} -name qemu-guest-agent.service)`);
    expect(unit).toContain('\nExecStart=-/usr/sbin/qemu-ga\n');
    expect(await guest.sh(`find /agent/${system}/etc -name '*.conf'`)).toBe('');
  });

  it('AP-13: ends with 0 whatever its scripts return, and only a line of its log knows', async () => {
    await guest.sh("printf '#!/bin/sh\nexit 7\n' > /build/fails");
    expect(await freeze('/build/fails')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(await guest.sh('cat /var/log/qga-fsfreeze-hook.log')).toMatch(/finished with status=7/);
  });

  it('AP-13: says that all is well where Valkey could not save, and the record of our dump says that it failed', async () => {
    await guest.run('rm -rf /var/lib/steward/dumps/shop/*');
    await breakSaving();
    expect(await guest.run('/build/flush')).toMatchObject({ exitCode: 1 });
    expect(await freeze('/build/flush')).toMatchObject({ exitCode: 0, stderr: '' });
    const found = await dumped();
    expect(found.last).toBeUndefined();
    expect(found.failed?.what).toMatch(/^Valkey could not save/);
    await mendSaving();
    await guest.sh('rm /var/lib/steward/dumps/shop/failed');
    expect(await freeze('/build/flush')).toMatchObject({ exitCode: 0 });
    expect((await dumped()).last).toMatchObject({ databases: expect.any(Number) });
  });
});

describe('the promise of an application', () => {
  it('AP-13: is broken by a dump that failed, though the backups of its VM, whose hook said that all is well, are compliant', async () => {
    await guest.run('rm -rf /var/lib/steward/dumps/shop/*');
    await breakSaving();
    const { failed } = await dumped();
    await mendSaving();
    if (plan.backup === undefined || failed === undefined) throw new Error('nothing was recorded');
    const compliant = { type: 'BackupCompliant', status: 'True', reason: 'Compliant', message: 'All is well.' };
    const managedVM = {
      ...{ metadata: { name: 'shop-db' }, spec: { backupPolicyRef: { name: 'nightly' } } },
      status: { conditions: [compliant] },
    } as unknown as ManagedVM;
    const found = { failed: { at: failed.at.toISOString(), what: failed.what } };
    const day = 86_400_000;
    const facts = { plan: plan.backup, found, managedVM, since: new Date(Date.now() - 2 * day), now: new Date() };
    expect(backupCompliant(facts)).toMatchObject({ status: 'False', reason: 'DumpFailed' });
  });
});
