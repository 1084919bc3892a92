/** The exporters of the catalogue's entries, on Debian's own servers and exporters (AP-5). `systemctl.sh` stands in for systemd. PostgreSQL's is in catalogue.test.ts. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ApplicationPlan } from '../../src/domain/contract/applicationplan.ts';
import { shellWord } from '../../src/guest/shellword.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { exporterPortOf, PASSWORD, planOfEntry } from './entryplan.ts';

const entries = {
  mariadb: { own: 3306, line: '11.8', unit: 'mariadb.service', exporter: 'prometheus-mysqld-exporter' },
  valkey: { own: 6379, line: '8.1', unit: 'valkey-server.service', exporter: 'prometheus-redis-exporter' },
  nginx: { own: 80, line: '1.26', unit: 'nginx.service', exporter: 'prometheus-nginx-exporter' },
} as const;

/** A guest with an entry as it is ordered, and what Prometheus reads of its exporter. */
class Measured {
  readonly guest: ApplicationGuest;
  readonly plan: ApplicationPlan;
  readonly port: number;
  readonly metrics: readonly string[];

  private constructor(guest: ApplicationGuest, plan: ApplicationPlan, port: number, metrics: readonly string[]) {
    this.guest = guest;
    this.plan = plan;
    this.port = port;
    this.metrics = metrics;
  }

  static async start(name: keyof typeof entries): Promise<Measured> {
    const { own, line } = entries[name];
    const port = await ApplicationGuest.freePort();
    const plan = await planOfEntry(`${name}.yaml`, [own, port], { line });
    const text = await readFile(join(import.meta.dirname, '../../config/products', `${name}.yaml`), 'utf8');
    const guest = await ApplicationGuest.start();
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
    return new Measured(guest, plan, port, parse(text).spec.monitoring.exporter.metrics);
  }

  /** Whether it answers as Prometheus' `up` has it, and what it says. */
  async scrape() {
    const answer = await fetch(`http://127.0.0.1:${exporterPortOf(this.plan)}/metrics`);
    return { up: answer.ok, lines: (await answer.text()).split('\n') };
  }

  /** Of the metrics that must be there, those that are not. */
  async missing(): Promise<readonly string[]> {
    const { up, lines } = await this.scrape();
    if (!up) throw new Error('The exporter does not answer');
    const told = new Set(lines.map(line => /^[a-z0-9_]+/.exec(line)?.[0]));
    return this.metrics.filter(metric => !told.has(metric));
  }

  async differing(): Promise<Readonly<Record<string, string>>> {
    return (await this.guest.look(this.plan)).differing;
  }
}

type Name = keyof typeof entries;
const NAMES = Object.keys(entries) as readonly Name[];
const guests = new Map<Name, Measured>();
beforeAll(async () => {
  for (const name of NAMES) guests.set(name, await Measured.start(name));
}, 900_000);
afterAll(() => Promise.all([...guests.values()].map(({ guest }) => guest.stop())));

function of(name: Name): Measured {
  const measured = guests.get(name);
  if (measured === undefined) throw new Error(`There is no guest with ${name}`);
  return measured;
}

describe.each(NAMES)('the exporter of %s', { timeout: 300_000 }, name => {
  let measured: Measured;
  const { unit, exporter } = entries[name];
  beforeAll(() => {
    measured = of(name);
  });

  it('AP-5: tells every metric that must be there, runs as a user of its own, and a second heal changes nothing', async () => {
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
    expect(await measured.differing()).toEqual({});
    const { stdout } = await measured.guest.healAll(measured.plan);
    expect(stdout.split('\n').filter(line => line !== '' && !line.endsWith(': as it was'))).toEqual([]);
    const pid = (await measured.guest.sh(`cat /run/${exporter}.pid`)).trim();
    expect(await measured.guest.sh(`stat -c %U /proc/${pid}`)).toBe('prometheus\n');
    expect(await measured.guest.sh(`grep ^User= /usr/lib/systemd/system/${exporter}.service`)).toBe(
      'User=prometheus\n',
    );
  });

  it('AP-5: has no secret in its arguments and its environment', async () => {
    const secrets = await measured.guest.sh(
      `cat /etc/valkey-exporter.d/password.json /etc/valkey.d/provider.secret 2> /dev/null | grep -o '[0-9a-f]\\{64\\}' || :`,
    );
    const pid = (await measured.guest.sh(`cat /run/${exporter}.pid`)).trim();
    const shown = await measured.guest.sh(`tr '\\0' ' ' < /proc/${pid}/cmdline; tr '\\0' ' ' < /proc/${pid}/environ`);
    for (const secret of [PASSWORD, ...secrets.split('\n').filter(Boolean)]) expect(shown).not.toContain(secret);
  });

  it('AP-5: answers with 200 where its server is stopped, and what must be there is gone', async () => {
    await measured.guest.sh(`systemctl stop ${unit}`);
    expect((await measured.scrape()).up).toBe(true);
    expect(await measured.missing()).toEqual(measured.metrics);
    await measured.guest.heal(measured.plan);
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
  });
});

/** Named as in research 4.0: what says that all is well, and is not. */
describe('the exporter of MariaDB, where other checks lie', { timeout: 120_000 }, () => {
  let measured: Measured;
  beforeAll(() => {
    measured = of('mariadb');
  });
  const sql = (text: string) => measured.guest.sh(`mariadb --no-defaults --execute ${shellWord(text)}`);
  const as = 'setpriv --reuid=prometheus --regid=prometheus --init-groups';
  const LOGIN = 'app:shop:exporter-login';

  it('AP-5: may log in and nothing else', async () => {
    const reads = (text: string) => measured.guest.run(`${as} mariadb --no-defaults --execute ${shellWord(text)}`);
    expect(await reads('select 1')).toMatchObject({ exitCode: 0 });
    expect((await reads('show databases')).stdout.split('\n').filter(Boolean)).toEqual([
      'Database',
      'information_schema',
    ]);
    expect(await reads('select * from mysql.global_priv')).toMatchObject({ exitCode: 1 });
  });

  it.each([
    ['a lock', 'alter user prometheus@localhost account lock'],
    ['a password', "alter user prometheus@localhost identified by 'x'"],
  ])(
    'AP-5: answers with 200 though its login was given %s, and all that must be there is gone until it is put back',
    async (_, change) => {
      await sql(change);
      expect((await measured.scrape()).up).toBe(true);
      expect(await measured.missing()).toEqual(measured.metrics);
      expect(await measured.differing()).toEqual({ [LOGIN]: 'Differs its check says that it is not so' });
      await measured.guest.heal(measured.plan);
      expect([await measured.missing(), await measured.differing()]).toEqual([[], {}]);
    },
  );

  it('AP-5: has no right after a heal that somebody gave its login', async () => {
    await sql('grant all on *.* to prometheus@localhost with grant option');
    expect(await measured.differing()).toEqual({ [LOGIN]: 'Differs its check says that it is not so' });
    await measured.guest.heal(measured.plan);
    expect(await measured.differing()).toEqual({});
  });

  it("AP-5: research 4.0: does not begin by DATA_SOURCE_NAME, which Debian's own file recommends", async () => {
    const { stdout, stderr } = await measured.guest.run(
      `cd / && DATA_SOURCE_NAME='prometheus@unix(/run/mysqld/mysqld.sock)/' timeout 10 ${as} prometheus-mysqld-exporter --web.listen-address=127.0.0.1:0`,
    );
    expect(`${stdout}${stderr}`).toMatch(/no user specified in section or parent/);
  });
});

describe('the exporter of Valkey, where other checks lie', { timeout: 120_000 }, () => {
  let measured: Measured;
  beforeAll(() => {
    measured = of('valkey');
  });
  const FOLDER = '/etc/valkey-exporter.d';
  const password = async () => /[0-9a-f]{64}/.exec(await measured.guest.sh(`cat ${FOLDER}/password.json`))?.[0] ?? '';
  const ask = async (command: string, secret: string) => {
    const { stdout } = await measured.guest.run(
      `REDISCLI_AUTH=${secret} valkey-cli --tls --insecure -h 127.0.0.1 -p ${measured.port} --user exporter ${command} 2>&1`,
    );
    return stdout.trim();
  };

  it('AP-5: is told numbers, and sees nothing that anybody has stored or asked', async () => {
    const secret = await password();
    expect(await ask('info server', secret)).toMatch(/valkey_version/);
    for (const command of [
      'get a',
      'keys "*"',
      'scan 0',
      'slowlog get',
      'client list',
      'config get requirepass',
      'acl list',
      'monitor',
    ])
      expect(await ask(command, secret), command).toMatch(/NOPERM/);
    expect(
      await measured.guest.sh(`stat -c '%U:%G %a' ${FOLDER} ${FOLDER}/password.json /etc/valkey.d/exporter.conf`),
    ).toBe('root:prometheus 750\nroot:prometheus 640\nroot:valkey 640\n');
  });

  it('AP-5: answers with 200 though its password is another, and all that must be there is gone until it is put back', async () => {
    const before = await password();
    await measured.guest.sh(
      `sed -i s/${before}/${'0'.repeat(64)}/ ${FOLDER}/password.json; systemctl restart prometheus-redis-exporter.service`,
    );
    await expect.poll(() => measured.missing().catch(() => []), { timeout: 30_000 }).toEqual(measured.metrics);
    expect(await measured.differing()).toEqual({
      'app:shop:exporter-login': 'Differs its check says that it is not so',
    });
    await measured.guest.heal(measured.plan);
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
    expect([await password(), await measured.differing()]).not.toEqual([before, {}]);
    expect(await measured.differing()).toEqual({});
  });

  it('AP-5: has another password where the one of the server is lost, and both know it at once', async () => {
    await measured.guest.sh('rm /etc/valkey.d/exporter.conf');
    await measured.guest.heal(measured.plan);
    await expect.poll(() => measured.missing().catch(() => ['it begins']), { timeout: 30_000 }).toEqual([]);
    expect(await measured.differing()).toEqual({});
  });

  it('AP-5: is told to a server that runs without it by the file that waits for the window, and interrupts nobody before', async () => {
    const before: ApplicationPlan = {
      ...measured.plan,
      steps: measured.plan.steps.flatMap(step => {
        if (step.type === 'file' && step.name === 'settings')
          return [{ ...step, content: step.content.replace('include /etc/valkey.d/exporter.conf\n', '') }];
        return step.name.startsWith('exporter') ? [] : [step];
      }),
    };
    await measured.guest.sh(
      `systemctl stop prometheus-redis-exporter.service; rm /etc/valkey.d/exporter.conf ${FOLDER}/password.json`,
    );
    await measured.guest.heal(before);
    const server = () => measured.guest.sh('cat /run/valkey/valkey-server.pid');
    const pid = await server();
    // All that does not wait: of the steps that there were, those that restart something stay as they were.
    const held = before.steps.find(({ name }) => name === 'settings');
    await measured.guest.heal({
      ...measured.plan,
      steps: measured.plan.steps.map(step => (step.name === 'settings' && held !== undefined ? held : step)),
    });
    expect(await server()).toBe(pid);
    await measured.guest.heal(measured.plan);
    expect(await server()).not.toBe(pid);
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
    expect(await measured.differing()).toEqual({});
  });
});

describe('the exporter of nginx, where other checks lie', { timeout: 120_000 }, () => {
  let measured: Measured;
  beforeAll(() => {
    measured = of('nginx');
  });

  it('AP-5: answers with 200 though nginx does not tell its numbers any more, and all that must be there is gone', async () => {
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
    await measured.guest.sh(
      "sed -i 's/ stub_status;/ return 403;/' /etc/nginx/nginx.conf; systemctl reload nginx.service",
    );
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual(measured.metrics);
    expect((await measured.scrape()).up).toBe(true);
    await measured.guest.heal(measured.plan);
    await expect.poll(() => measured.missing(), { timeout: 30_000 }).toEqual([]);
  });

  it('AP-5: is what alone is told of the server of its numbers, which nobody outside reaches', async () => {
    expect(await measured.guest.sh('grep -A1 "server {" /etc/nginx/nginx.conf')).toContain('listen 127.0.0.1:8085;');
  });
});
