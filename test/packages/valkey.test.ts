/** Valkey of the catalogue, on Debian's own. `systemctl.sh` stands in for systemd; all else is real. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { PASSWORD, planOfEntry } from './entryplan.ts';

const UNIT = 'valkey-server.service';
const SOCKET = '/run/valkey/valkey-server.sock';
const DATA = '/var/lib/valkey';

let guest: ApplicationGuest;
let port: number;
let plan: ApplicationPlan;
const ordered = (parameters: object) => planOfEntry('valkey.yaml', [6379, port], { line: '8.1', parameters });
beforeAll(async () => {
  port = await ApplicationGuest.freePort();
  plan = await ordered({ maxmemory: '16Mi' });
  guest = await ApplicationGuest.start();
  // A disk of its own for the data, small enough to be filled.
  await guest.sh(`mkdir -p ${DATA} && mount -t tmpfs -o size=64m tmpfs ${DATA}`);
}, 600_000);
afterAll(() => guest.stop());

/** The plan with another content of the server's file. */
const withSettings = (change: (content: string) => string): ApplicationPlan => ({
  ...plan,
  steps: plan.steps.map(step =>
    step.type === 'file' && step.name === 'settings' ? { ...step, content: change(step.content) } : step,
  ),
});

/** By the login of the binding, over the network. */
const ask = async (command: string, options = '--tls --insecure', password = PASSWORD) => {
  const ran = await guest.run(
    `REDISCLI_AUTH=${password} valkey-cli ${options} -h 127.0.0.1 -p ${port} --user app ${command} 2>&1`,
  );
  return ran.stdout.trim();
};
/** By the provider's, as root has it. */
const provider = (command: string) =>
  guest.sh(`REDISCLI_AUTH=$(cat /etc/valkey.d/provider.secret) valkey-cli -s ${SOCKET} --user steward ${command}`);
const differing = async () => (await guest.look(plan)).differing;
async function probe(): Promise<string | undefined> {
  await guest.sh('systemctl start steward-probe-shop.service');
  const text = await guest.sh('cat /run/steward-probe-shop/metrics');
  return new RegExp(`^${PROBE_METRICS.success}[{]application="shop",probe="transaction"[}] ([01])$`, 'm').exec(
    text,
  )?.[1];
}

describe('Valkey of the catalogue', { timeout: 300_000 }, () => {
  it('AP-1: is made by one heal, found as planned with its exact version, and changed by no second heal', async () => {
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    expect(await guest.look(plan)).toEqual({
      applications: [{ name: 'shop', version: expect.stringMatching(/^8[.]1[.]/), failing: [] }],
      differing: {},
    });
    const names = [...plan.steps.map(({ name }) => name), 'probes', 'backup'];
    expect((await guest.healAll(plan)).stdout.trimEnd().split('\n')).toEqual(
      names.map(name => `app:shop:${name}: as it was`),
    );
    expect(await guest.sh('cat /etc/sysctl.d/90-steward-valkey.conf')).toContain('vm.overcommit_memory = 1');
  });

  it('AP-10: lets its customer in by TLS and the password of which it has only the hash, to the data alone', async () => {
    expect([await ask('set a 7'), await ask('get a'), await ask('ping', '')]).toEqual([
      'OK',
      '7',
      expect.stringMatching(/reset|closed/),
    ]);
    expect(await ask('get a', '--tls --insecure', 'wrong')).toMatch(/WRONGPASS/);
    for (const command of ['config get dir', 'acl list', 'shutdown nosave', 'save', 'replicaof 127.0.0.1 1'])
      expect(await ask(command), command).toMatch(/NOPERM/);
    expect(await guest.sh(`stat -c '%U:%G %a' /etc/valkey.d/access.conf /etc/valkey.d/provider.secret`)).toBe(
      'root:valkey 640\nroot:root 600\n',
    );
  });

  it('AP-1: works on where a change is refused, and is not told of it later; and keeps its data through the restart that one takes', async () => {
    const started = () => provider('info server | grep run_id');
    const before = await started();
    const { stderr } = await guest.heal(withSettings(content => `${content}maxmemory many\n`));
    expect(stderr).toMatch(/what checks .*valkey[.]conf refuses the new one/);
    expect([await differing(), await started()]).toEqual([{}, before]);
    const changed = await guest.heal(
      withSettings(content => content.replace('maxmemory 16777216', 'maxmemory 25165824')),
    );
    expect(changed.stdout).toMatch(/valkey-server[.]service started anew/);
    await expect.poll(() => provider('info memory')).toContain('maxmemory:25165824');
    expect(await ask('get a')).toBe('7');
    await guest.heal(plan);
    expect(await differing()).toEqual({});
  });
});

describe('the data of Valkey', { timeout: 120_000 }, () => {
  /** What a server of nobody's says that has its data in a folder, and is stopped again. */
  const own = (folder: string, options: string, commands: string) =>
    guest.sh(`valkey-server --port 0 --unixsocket /tmp/own --dir ${folder} --save '' ${options} > /dev/null 2>&1 &
      until [ "$(valkey-cli -s /tmp/own ping 2> /dev/null)" = PONG ]; do sleep 0.1; done
      printf '${commands}\\n' | valkey-cli -s /tmp/own
      valkey-cli -s /tmp/own shutdown nosave; wait`);

  it('AP-1: are lost by a server that has them in a dump and is told by its file alone to append; by the plan they are not (research 4.3)', async () => {
    await guest.sh('mkdir /tmp/data');
    await own('/tmp/data', '', 'set kept 7\\nsave');
    await guest.sh('cp /tmp/data/dump.rdb /tmp/dump.rdb');
    expect(await own('/tmp/data', '--appendonly yes', 'exists kept')).toBe('0\n');
    expect(await guest.heal({ ...plan, present: false })).toMatchObject({ exitCode: 0 });
    await guest.sh(`rm -rf ${DATA}/*; install -o valkey -g valkey -m 0640 /tmp/dump.rdb ${DATA}/dump.rdb`);
    const { exitCode, stdout } = await guest.heal(plan);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/app:shop:keep-data: it ran, and ended with 0/)]);
    expect([await ask('get kept'), await differing()]).toEqual(['7', {}]);
  });

  it('AP-1: are all in the file again where somebody has switched it off meanwhile', async () => {
    await provider('config set appendonly no');
    await ask('set later 8');
    expect(await differing()).toEqual({ 'app:shop:keep-data': 'Differs its check says that it is not so' });
    await guest.heal(plan);
    expect(await differing()).toEqual({});
    await guest.sh(`systemctl restart ${UNIT}`);
    await expect.poll(() => ask('get later')).toBe('8');
  });

  it('AP-9: are left where it is taken out, and there again where it is ordered again', async () => {
    expect(await guest.heal({ ...plan, present: false })).toMatchObject({ exitCode: 0 });
    expect((await guest.look({ ...plan, present: false })).differing).toEqual({});
    expect(await guest.heal(plan)).toMatchObject({ exitCode: 0 });
    expect([await ask('get kept'), await differing()]).toEqual(['7', {}]);
  });
});

/** Named as in research 4.0: what says that all is well, and is not. */
describe('the probe of Valkey, where other checks lie', { timeout: 120_000 }, () => {
  it('AP-11: succeeds where the server does what it is for, and leaves nothing', async () => {
    expect(await probe()).toBe('1');
    expect(await ask('keys steward*')).toBe('');
  });

  it('AP-11: fails where its user is not let in, of which valkey-cli ping says NOAUTH and ends with 0', async () => {
    const ping = (options = '') => guest.run(`valkey-cli ${options} -s ${SOCKET} ping`);
    expect(await ping()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^NOAUTH/) });
    expect(await ping('-e')).toMatchObject({ exitCode: 1 });
    // With commands by its standard input even that ends with 0.
    expect(await guest.run(`echo ping | valkey-cli -e -s ${SOCKET}`)).toMatchObject({ exitCode: 0 });
    await guest.sh('cp -a /etc/valkey.d/provider.secret /run/secret; printf wrong > /etc/valkey.d/provider.secret');
    expect(await probe()).toBe('0');
    await guest.sh('cp -a /run/secret /etc/valkey.d/provider.secret');
    expect(await probe()).toBe('1');
  });

  it('AP-11: asks by another password where the one of before came to be without the server being told', async () => {
    const before = await guest.sh('cat /etc/valkey.d/provider.secret; : > /etc/valkey.d/provider.untold');
    await guest.sh('printf other > /etc/valkey.d/provider.secret');
    expect(await differing()).toMatchObject({ 'app:shop:provider-login': 'Differs its check says that it is not so' });
    await guest.heal(plan);
    expect([await differing(), await probe()]).toEqual([{}, '1']);
    expect(await guest.sh('cat /etc/valkey.d/provider.secret')).not.toBe(before);
  });

  it('AP-11: fails where the memory is full and nothing more is taken, though ping says PONG', async () => {
    await ask(`eval "for i = 1, 40 do redis.call('set', 'fill' .. i, string.rep('x', 524288)) end" 0`);
    expect([await ask('ping'), await probe()]).toEqual(['PONG', '0']);
    await ask(`eval "for i = 1, 40 do redis.call('del', 'fill' .. i) end" 0`);
    await expect.poll(probe).toBe('1');
  });

  it('AP-11: fails where the disk is full, though ping says PONG', async () => {
    await guest.run(`head -c 1G /dev/zero > ${DATA}/fill`);
    // Within a second of the first change that finds no place nothing more is taken.
    await ask('set a 8');
    await expect.poll(probe, { timeout: 10_000 }).toBe('0');
    expect(await ask('ping')).toMatch(/PONG|MISCONF/);
    await guest.sh(`rm ${DATA}/fill`);
    await expect.poll(probe, { timeout: 10_000 }).toBe('1');
  });

  it('AP-11: fails where the server hangs, though its unit is active and its port open', async () => {
    await guest.sh(`kill -STOP $(cat /run/valkey/valkey-server.pid); systemctl is-active ${UNIT}`);
    expect(await guest.run(`bash -c 'exec 3<> /dev/tcp/127.0.0.1/${port}'`)).toMatchObject({ exitCode: 0 });
    expect(await probe()).toBe('0');
    await guest.sh('kill -CONT $(cat /run/valkey/valkey-server.pid)');
    expect(await probe()).toBe('1');
  });
});
