/**
 * Every type of step (src/api/productsteps.ts) on an installed Debian: looked at, put right, looked at again; tampered with; and cut off between each thing
 * that it does and the record of it. `systemctl.sh` stands in for systemd and `firewall-cmd.sh` for firewalld; all else is real.
 */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeFlatRepository } from '../../hack/testbed/guest/localrepository.ts';
import { makeDeb } from '../../hack/testbed/guest/madepackages.ts';
import { scramVerifier } from '../../src/domain/application/scram.ts';
import type { ApplicationPlan, PlanStep } from '../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { postgresqlPlan } from './postgresqlplan.ts';
import { EXPORTER, FOLDER, STEP_ROWS } from './steprows.ts';

let guest: ApplicationGuest;
let plan: ApplicationPlan;
let port: number;
beforeAll(async () => {
  port = await ApplicationGuest.freePort();
  plan = withMore(postgresqlPlan(scramVerifier('pencil', Buffer.alloc(16, 7)), { port }));
  guest = await ApplicationGuest.start();
  const made = join(guest.root.folder, 'made');
  const files = { '/usr/bin/shop-tool': '#!/bin/sh\n' };
  const deb = await makeDeb(made, { name: 'shop-tool', version: '1', files });
  await writeFlatRepository(join(guest.root.folder, 'more'), 'trixie', [deb]);
  await guest.sh("echo 'deb [trusted=yes] file:/build/more ./' >> /etc/apt/sources.list && apt-get -q update");
  await copyFile(join(import.meta.dirname, 'firewall-cmd.sh'), join(guest.root.folder, 'firewall-cmd'));
  await guest.sh(
    'install -m 0755 /build/firewall-cmd /usr/bin/firewall-cmd; echo "[Service]" > /etc/systemd/system/firewalld.service; systemctl enable firewalld.service; systemctl start firewalld.service',
  );
}, 600_000);
afterAll(() => guest.stop());

/** The plan of PostgreSQL, with the types of steps that it does without. */
function withMore({ steps, ...rest }: ApplicationPlan): ApplicationPlan {
  const more: readonly PlanStep[] = [
    { type: 'systemUser', name: 'account', login: EXPORTER, home: '/nonexistent' },
    { type: 'directory', name: 'folder', path: FOLDER, owner: 'postgres', group: 'postgres', mode: '0750' },
    { type: 'package', name: 'tool', packages: ['shop-tool'] },
  ];
  return { ...rest, steps: [...steps, ...more] };
}

const differing = async () => (await guest.look(plan)).differing;

/** Until a look finds all as planned, as a worker goes on: a server that has just been started may answer a probe too late. */
async function healed(): Promise<void> {
  for (let heals = 0; heals < 3; heals++) {
    await guest.heal(plan);
    if (Object.keys(await differing()).length === 0) return;
  }
  expect(await differing()).toEqual({});
}

async function asPlanned(): Promise<void> {
  const { exitCode, stdout } = await guest.healAll(plan);
  expect(stdout.split('\n').filter(line => line !== '' && !line.endsWith(': as it was'))).toEqual([]);
  expect(exitCode).toBe(0);
}

/** The script, which is killed as a whole when it has done so many things: nothing is recorded of the last of them. */
function dyingAfter(script: string, deeds: number): string {
  const told = `changed() { did="\${did:+$did, }$1"; }`;
  if (!script.includes(told)) throw new Error('The heal does not tell what it has changed');
  const dies = `changed() { deeds=$((\${deeds:-0} + 1)); did="\${did:+$did, }$1"; [ "$deeds" -lt ${deeds} ] || sh -c 'kill -9 $0 $PPID' $$; }`;
  return script.replace(told, dies);
}

const rows = Object.entries(STEP_ROWS).flatMap(([type, row]) =>
  'step' in row
    ? row.tamperings.map(([what, commands, found], index) => ({
        type,
        what,
        step: row.step,
        commands,
        found,
        isFirst: index === 0,
      }))
    : [],
);

describe('steps of every type', { timeout: 600_000 }, () => {
  it('AP-1: are looked at, made so by one heal, found so by the second look, and changed by no second heal', async () => {
    expect(Object.keys(await differing()).toSorted()).toEqual(
      [...plan.steps, { name: 'probes' }].map(({ name }) => `app:shop:${name}`).toSorted(),
    );
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-2000)).toBe(0);
    expect(await differing()).toEqual({});
    await asPlanned();
    const effects = `pg_ctlcluster 17 main status > /dev/null; getent passwd ${EXPORTER} | cut -d : -f 7; stat -c '%U %a' ${FOLDER}; ls /usr/bin/shop-tool; ls /run/firewall/*; ls /var/lib/postgresql/once`;
    expect(await guest.sh(effects)).toBe(
      `/usr/sbin/nologin\npostgres 750\n/usr/bin/shop-tool\n/run/firewall/permanent:\n${port}\n\n/run/firewall/running:\n${port}\n/var/lib/postgresql/once\n`,
    );
  });

  it.each(rows)('GE-10: $type that $what is found, and as planned again', async ({ step, commands, found }) => {
    await guest.sh(commands.replaceAll('PORT', `${port}`));
    expect((await differing())[`app:shop:${step}`]).toMatch(found);
    await healed();
  });

  it.each(rows.filter(({ isFirst }) => isFirst))(
    'AP-1: $type that $what, cut off after each deed and before its record, comes to its end',
    async ({ commands }) => {
      for (let deeds = 1, isCut = true; isCut; deeds++) {
        await guest.sh(commands.replaceAll('PORT', `${port}`));
        const { exitCode } = await guest.run(dyingAfter(await guest.scriptOfHeal(plan), deeds));
        isCut = exitCode !== 0;
        await healed();
      }
    },
  );

  it('AP-1: are changed by no heal after all that', asPlanned);
});
