/** Updates inside the version line by the scripts of guests (AP-2), on Debian's own PostgreSQL 17: its package under higher versions, one of which is broken. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureDebs } from '../../hack/testbed/guest/debs.ts';
import { writeFlatRepository } from '../../hack/testbed/guest/localrepository.ts';
import { readLock } from '../../hack/testbed/guest/lockfile.ts';
import { makeDeb } from '../../hack/testbed/guest/madepackages.ts';
import { repackedDeb, versionOf } from '../../hack/testbed/guest/repackeddeb.ts';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { postgresqlPlan } from './postgresqlplan.ts';

const verifier = scramVerifier('pencil', Buffer.alloc(16, 7));
const NOTES = '/var/lib/steward/applications/shop';

let guest: ApplicationGuest;
let debian: { readonly file: string; readonly version: string };
beforeAll(async () => {
  guest = await ApplicationGuest.start('own');
  const { packages } = await readLock('trixie.applications');
  const locked = packages.filter(({ path }) => path.includes('/postgresql-17_'));
  const [deb] = await ensureDebs(locked);
  if (deb === undefined) throw new Error('There is no postgresql-17 in the lock');
  debian = { file: deb.file, version: await versionOf(deb.file) };
  await guest.sh('DEBIAN_FRONTEND=noninteractive apt-get -q -y install iproute2 nftables');
  await guest.sh("echo 'deb [trusted=yes] file:/build/updates ./' >> /etc/apt/sources.list");
}, 600_000);
afterAll(() => guest.stop());

/** From now on the guest can have these besides what Debian has. */
async function publish(files: readonly { readonly file: string; readonly path: string; readonly sha256: string }[]) {
  await writeFlatRepository(join(guest.root.folder, 'updates'), 'trixie', files);
  await guest.sh('apt-get -q update');
}

/** Debian's package under a higher version, changed by commands in its unpacked folder. */
const repacked = (version: string, change?: string) => repackedDeb(guest.root.folder, debian.file, version, change);

/** The plan with this version designated. */
function designated(version: string, withinSeconds = 30): ApplicationPlan {
  const plan = postgresqlPlan(verifier);
  const steps = plan.steps.map(step =>
    step.type === 'package' ? { ...step, update: { version, ports: [5432], withinSeconds } } : step,
  );
  return { ...plan, steps };
}

/** The script, which dies where it has run that text. */
function cutAfter(script: string, text: string): string {
  if (!script.includes(text)) throw new Error(`The heal has no ${text}`);
  return script.replace(text, found => `${found.trimEnd()}\n  sh -c 'kill -9 $PPID'\n`);
}

const updateOf = async (plan: ApplicationPlan) => (await guest.look(plan)).applications[0]?.update;
const isClosed = async () => (await guest.run('nft list table inet steward_closed_shop')).exitCode === 0;
/** Root comes through for its probes, a client does not. */
const LOGIN =
  'PGPASSWORD=pencil PGCONNECT_TIMEOUT=2 setpriv --reuid=65534 --regid=65534 --clear-groups psql -X -A -t -q -h 127.0.0.1 -U shop -d shop';

describe('an application with a designated version', { timeout: 300_000 }, () => {
  it('AP-2: is installed in it, and its packages are left out of the patches of the system', async () => {
    const plan = designated(debian.version);
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    const found = await guest.look(plan);
    expect(found).toMatchObject({ applications: [{ version: debian.version, failing: [] }], differing: {} });
    expect(found.applications[0]).not.toHaveProperty('update');
    expect(await guest.sh('apt-mark showhold')).toBe('postgresql-17\n');
    expect(await guest.sh(`ls ${NOTES}/packages/kept`)).toMatch(/^libpq5_.*\npostgresql-17_.*\npostgresql-client-17_/);
  });

  it('AP-2: is updated with its interface closed, and one that is cut off meanwhile lets no client in, nor after a boot, and root for its probes', async () => {
    const version = `${debian.version}+good`;
    await publish([await repacked(version)]);
    await guest.sh(`${LOGIN} -c 'select pg_sleep(600)' > /dev/null 2>&1 < /dev/null &`);
    const sessions = 'ss -H -t -n state established "( sport = :5432 )" | wc -l';
    await expect.poll(() => guest.sh(sessions)).toBe('1\n');
    const plan = designated(version);
    expect((await guest.look(plan)).differing).toEqual({
      'app:shop:packages': `Differs postgresql-17 is ${debian.version}, and ${version} is designated`,
    });
    await guest.run(cutAfter(await guest.scriptOfHeal(plan), '  close_for_update\n'));
    expect(await guest.sh(sessions)).toBe('0\n');
    const nobodyButRoot = async () => {
      expect((await guest.run(`${LOGIN} -c 'select 7'`)).stderr).toMatch(/Connection refused/);
      await guest.sh("bash -c 'exec 3<> /dev/tcp/127.0.0.1/5432'");
    };
    await nobodyButRoot();
    expect((await guest.look(plan)).differing['app:shop:packages']).toMatch(
      /^Differs the update of postgresql-17 from .* has not come to its end .begun.; its interface is closed since 20/,
    );
    expect(await guest.sh('cat /var/lib/prometheus/node-exporter/steward-closed-shop.prom')).toMatch(
      /^steward_application_closed_since_timestamp_seconds[{]application="shop"[}] [0-9]{10}$/m,
    );
    await guest.sh('nft flush ruleset; systemctl start steward-closed-shop.service');
    await nobodyButRoot();
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toMatchObject({ applications: [{ version }], differing: {} });
    expect(await updateOf(plan)).toEqual({
      ...{ from: debian.version, to: version, outcome: 'Updated' },
      at: expect.any(Date),
    });
    expect(await isClosed()).toBe(false);
    expect(await guest.sh(`${LOGIN} -c 'select 7'; ls /var/lib/prometheus/node-exporter; apt-mark showhold`)).toBe(
      '7\nsteward-probe-shop.prom\npostgresql-17\n',
    );
  });

  it('AP-2: a broken update is taken back, and a client that writes all the time loses no write that it was told of', async () => {
    const from = `${debian.version}+good`;
    const version = `${debian.version}+later`;
    const broken = 'printf "#!/bin/sh\\nexit 1\\n" > usr/lib/postgresql/17/bin/postgres';
    await publish([await repacked(version, broken)]);
    await guest.sh(`${LOGIN} -c 'create table written (id bigint primary key)'`);
    await guest.sh(
      `(i=0; while [ ! -e /run/enough ]; do i=$((i + 1)); if ${LOGIN} -c "insert into written values ($i)" 2> /dev/null; then echo $i >> /run/told; else echo $i >> /run/refused; fi; done; touch /run/done) > /dev/null 2>&1 < /dev/null &`,
    );
    const plan = designated(version, 5);
    const { stdout, stderr } = await guest.heal(plan);
    expect(stdout, stderr.slice(-3000)).toContain(`postgresql-17 is ${from} again`);
    await guest.sh('sleep 1; touch /run/enough; while [ ! -e /run/done ]; do sleep 0.1; done');
    expect(await updateOf(plan)).toMatchObject({ from, to: version, outcome: 'RolledBack' });
    expect((await guest.look(plan)).differing).toEqual({});
    for (const each of ['told', 'refused']) expect(await guest.sh(`wc -l < /run/${each}`)).not.toBe('0\n');
    const lost = `${LOGIN} -c 'select id from written' | sort > /run/there; sort /run/told | comm -23 - /run/there`;
    expect(await guest.sh(lost)).toBe('');
    expect(await isClosed()).toBe(false);
  });

  it('AP-2: a version that was taken back is not tried again', async () => {
    const plan = designated(`${debian.version}+later`);
    const { stdout } = await guest.healAll(plan);
    expect(stdout).toMatch(/^app:shop:packages: as it was$/m);
  });
});

/** A package of the test's own, small enough to be updated many times: a program that works, or does not. */
describe('an update that is cut off', { timeout: 300_000 }, () => {
  const PLAN: ApplicationPlan = {
    ...{ application: 'shop', uid: 'uid', present: true, versionOf: 'shop', steps: [] },
    probes: [{ type: 'command', name: 'works', run: ['/usr/bin/shop'], timeoutSeconds: 5 }],
  };
  const shopAt = (version: string, notAfter?: string): ApplicationPlan => {
    const update = { version, ports: [7777], withinSeconds: 1, ...(notAfter !== undefined && { notAfter }) };
    return { ...PLAN, steps: [{ type: 'package', name: 'shop', packages: ['shop'], update }] };
  };
  const shop = (version: string, works = 'exit 0', postinst = ':') =>
    makeDeb(join(guest.root.folder, 'made'), {
      ...{ name: 'shop', version, files: { '/usr/bin/shop': `#!/bin/sh\n${works}\n` } },
      scripts: { postinst: `chmod 0755 /usr/bin/shop; ${postinst}` },
    });
  const installed = () => guest.sh(`dpkg-query -W -f '\${Version} \${db:Status-Status}' shop`);
  const begin = async (postinst?: string) => {
    await guest.run(`apt-get -q -y --allow-change-held-packages purge shop; rm -rf ${NOTES} /run/cut`);
    await publish([await shop('1')]);
    await guest.heal(shopAt('1'));
    await publish([await shop('1'), await shop('2', 'exit 0', postinst), await shop('3', 'exit 1', postinst)]);
  };
  /** As it was before an update. */
  const reset = () =>
    guest.sh(
      `apt-get -q -y --allow-downgrades --allow-change-held-packages install shop=1 && apt-mark hold shop && rm -f ${NOTES}/shop.outcome`,
    );
  const ended = async (plan: ApplicationPlan, to: string, version: string, outcome: string) => {
    expect((await updateOf(plan))?.outcome).toBe('Running');
    await guest.heal(plan);
    expect(await guest.look(plan)).toMatchObject({
      applications: [{ version, update: { from: '1', to, outcome } }],
      differing: {},
    });
    expect([await installed(), await isClosed()]).toEqual([`${version} installed`, false]);
  };

  it.each([
    ['when it is noted', '2', 'begun $begun_at -"\n', false],
    ['once its sessions are ended', '2', '  close_for_update\n', true],
    ['before anything is installed', '2', '  phase_is "$1"\n', true],
    ['when what works is installed', '2', 'changed "the package manager ended with an error"\n', true],
    ['when what does not work is installed', '3', 'changed "the package manager ended with an error"\n', true],
    ['before it is taken back', '3', '  phase_is back\n', true],
    ['when it is taken back', '3', '< /dev/null ) || :\n', true],
    ['when its success is noted', '2', '$outcome $at -"\n', true],
    ['when its failure is noted', '3', '$outcome $at -"\n', true],
    ['when it is opened', '2', '|| version=\n  open_interface\n', false],
  ])('AP-2: %s is brought to its end by the next', async (_, to, text, closed) => {
    if ((await guest.run('dpkg-query -W shop')).exitCode !== 0) await begin();
    await reset();
    const plan = shopAt(to);
    await guest.run(cutAfter(await guest.scriptOfHeal(plan), text));
    expect(await isClosed()).toBe(closed);
    await ended(plan, to, to === '2' ? '2' : '1', to === '2' ? 'Updated' : 'RolledBack');
  });

  it('AP-2: amid the work of the package manager is brought to its end by the next', async () => {
    await begin('if [ -e /run/cut ]; then kill -9 $(cat /run/cut) $PPID; fi');
    for (const [to, version, outcome] of [
      ['2', '2', 'Updated'],
      ['3', '1', 'RolledBack'],
    ] as const) {
      await reset();
      const plan = shopAt(to);
      const script = await guest.scriptOfHeal(plan);
      await guest.run(script.replace('forward() {\n', "forward() {\n  sh -c 'echo $PPID' > /run/cut\n"));
      expect([await installed(), await isClosed()]).toEqual([`${to} half-configured`, true]);
      await guest.sh('rm /run/cut');
      await ended(plan, to, version, outcome);
    }
  });

  it('AP-2: is not begun without a way back, nor after its window, and says so', async () => {
    await begin();
    await publish([await shop('2')]);
    await guest.sh(`rm ${NOTES}/packages/kept/shop_1_all.deb`);
    const plan = shopAt('2');
    expect((await guest.heal(plan)).stderr).toContain(
      'not begun: there is no way back: shop 1 is not to be had any more',
    );
    expect((await guest.look(plan)).differing['app:shop:shop']).toBe(
      'Differs shop is 1, and 2 is designated; not begun: there is no way back: shop 1 is not to be had any more',
    );
    expect([await installed(), await isClosed()]).toEqual(['1 installed', false]);
    const late = shopAt('2', '2026-01-01T00:00:00Z');
    expect((await guest.look(late)).differing).not.toHaveProperty('app:shop:shop');
    await guest.healAll(late);
    expect(await installed()).toBe('1 installed');
  });

  it('AP-2: is not begun where its interface cannot be closed, and says so', async () => {
    await begin();
    await guest.sh('mv /usr/sbin/nft /usr/sbin/nft.away');
    const plan = shopAt('2');
    const { stderr } = await guest.heal(plan);
    await guest.sh('mv /usr/sbin/nft.away /usr/sbin/nft');
    const why = 'its interface cannot be closed, for the package nftables is not to be had';
    expect(stderr).toContain(`not begun: ${why}`);
    expect((await guest.look(plan)).differing['app:shop:shop']).toContain(`; not begun: ${why}`);
    expect(await installed()).toBe('1 installed');
  });

  it('AP-2: that works neither way stays closed, says so, and is opened once it works', async () => {
    await begin();
    await publish([await shop('1'), await shop('3', '[ -e /run/mended ]')]);
    await guest.sh(
      `cd /build/made && rm -rf broken && dpkg-deb -R $(ls shop-*.deb | head -n 1) broken && printf '#!/bin/sh\n[ -e /run/mended ]\n' > broken/usr/bin/shop && sed -i 's/^Version.*/Version: 1/' broken/DEBIAN/control && dpkg-deb -b broken ${NOTES}/packages/kept/shop_1_all.deb`,
    );
    const plan = shopAt('3');
    expect((await guest.heal(plan)).stderr).toContain('shop works neither as 3 nor as 1: its interface stays closed');
    expect(await updateOf(plan)).toEqual({
      ...{ from: '1', to: '3', outcome: 'Failed' },
      at: expect.any(Date),
      closedSince: expect.any(Date),
    });
    expect(await isClosed()).toBe(true);
    await guest.sh('touch /run/mended');
    await guest.heal(plan);
    expect(await updateOf(plan)).toMatchObject({ outcome: 'RolledBack' });
    expect(await isClosed()).toBe(false);
  });

  it('AP-2: packages are the system’s to patch again where no version is designated any more', async () => {
    await begin();
    expect(await guest.sh('apt-mark showhold')).toMatch(/^shop$/m);
    const plan = { ...PLAN, steps: [{ type: 'package' as const, name: 'shop', packages: ['shop'] }] };
    expect((await guest.look(plan)).differing['app:shop:shop']).toMatch(/left out of the patches/);
    await guest.heal(plan);
    expect(await guest.sh('apt-mark showhold')).not.toMatch(/^shop$/m);
  });
});
