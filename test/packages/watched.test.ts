/** Applications as Prometheus watches them (AP-5, AP-11): asked from outside of their guests, and by dashboards. Debian's own servers and exporters; watchedworld.ts says what is real. */
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { queriesOf } from '../../hack/generate/dashboardqueries.ts';
import { generateDashboards } from '../../hack/generate/dashboards.ts';
import { checkModules } from '../../hack/testbed/upstream/blackboxexporter.ts';
import { BACKUP_METRICS } from '../../src/domain/application/backupmetrics.ts';
import { CLOSED_METRIC, PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import { ApplicationGuest } from './applicationguest.ts';
import { exporterPortOf, PASSWORD, planOfEntry } from './entryplan.ts';
import { asked, WatchedWorld } from './watchedworld.ts';

const MODULES = join(import.meta.dirname, '../../config/blackbox/blackbox.yml');
const entries = {
  postgresql: { own: 5432, line: '17', unit: 'postgresql@17-main.service' },
  mariadb: { own: 3306, line: '11.8', unit: 'mariadb.service' },
  valkey: { own: 6379, line: '8.1', unit: 'valkey-server.service' },
  nginx: { own: 80, line: '1.26', unit: 'nginx.service' },
} as const;
type Name = keyof typeof entries;
const NAMES = Object.keys(entries) as readonly Name[];
/** Those of whose protocols the modules have one that makes the server speak. */
const SPEAKING = NAMES.filter(name => name !== 'nginx');

const guests = new Map<Name, { readonly guest: ApplicationGuest; readonly port: number; readonly exporter: number }>();
let proxy: Server;
let world: WatchedWorld;

beforeAll(async () => {
  for (const name of NAMES) {
    const port = await ApplicationGuest.freePort();
    const { own, line } = entries[name];
    const guest = await ApplicationGuest.start();
    const plan = await planOfEntry(`${name}.yaml`, [own, port], { line });
    guests.set(name, { guest, port, exporter: exporterPortOf(plan) });
    const { exitCode, stdout, stderr } = await guest.heal(plan);
    expect(exitCode, `${stdout}${stderr}`.slice(-3000)).toBe(0);
  }
  const accepting = await ApplicationGuest.freePort();
  proxy = createServer().listen(accepting, '127.0.0.1');
  await once(proxy, 'listening');
  const entry = async (name: Name) =>
    parse(await readFile(join(import.meta.dirname, '../../config/products', `${name}.yaml`), 'utf8')).spec;
  const speaks = (name: Name) => ({ protocol: 'TCP', module: `steward_${name}` });
  world = await WatchedWorld.start({
    modules: MODULES,
    exporters: new Map([...guests].map(([name, { exporter }]) => [name, exporter])),
    orders: [
      ...(await Promise.all(NAMES.map(async name => asked(name, await entry(name), portOf(name))))),
      ...(await Promise.all(
        SPEAKING.flatMap(name => [
          entry(name).then(spec => asked(`${name}-speaks`, spec, portOf(name), speaks(name))),
          entry(name).then(spec => asked(`${name}-proxied`, spec, accepting, speaks(name))),
        ]),
      )),
      asked('proxied', await entry('postgresql'), accepting),
      asked('unknown', await entry('postgresql'), portOf('postgresql'), { protocol: 'TCP', module: 'no_such_module' }),
    ],
  });
}, 1_800_000);

afterAll(async () => {
  await world?.stop();
  proxy?.close();
  await Promise.all([...guests.values()].map(({ guest }) => guest.stop()));
});

function of(name: Name) {
  const found = guests.get(name);
  if (found === undefined) throw new Error(`There is no guest with ${name}`);
  return found;
}

const portOf = (name: Name): number => of(name).port;
const all = (names: readonly string[], said: string) => Object.fromEntries(names.map(name => [name, said]));
/** Until the conditions read so. */
const reads = (expected: Readonly<Record<string, string>>) =>
  expect.poll(() => world.reachable(), { timeout: 180_000, interval: 2_000 }).toMatchObject(expected);

const SPOKEN = SPEAKING.map(name => `${name}-speaks`);
const WITH_SERVER = [...NAMES, ...SPOKEN];
const PROXIED = SPEAKING.map(name => `${name}-proxied`);

describe('the modules of config/blackbox', () => {
  it("AP-11: are taken by the exporter's own check, which refuses a field that it does not know, and takes a prober that there is not", async () => {
    await checkModules(MODULES, console.log);
    const changed = async (from: string, to: string) => {
      const file = join(of('nginx').guest.root.folder, 'changed.yml');
      await writeFile(file, (await readFile(MODULES, 'utf8')).replace(from, to));
      return checkModules(file, console.log);
    };
    await expect(changed('follow_redirects', 'follow_redirect')).rejects.toThrow(/follow_redirect/);
    await changed('prober: http', 'prober: htp');
  }, 300_000);
});

/** What guests write for their own node_exporter, which does not run here. */
const WRITTEN_IN_GUESTS = [...Object.values(PROBE_METRICS), ...Object.values(BACKUP_METRICS), CLOSED_METRIC];

describe.each(NAMES)('the dashboard of %s', name => {
  it('AP-5: has an answer to each of its queries, but to those for what guests write', async () => {
    const file = generateDashboards().get(`charts/steward/files/dashboards/product-${name}.json`) ?? '';
    const queries = queriesOf(file).map(query =>
      query.replaceAll(/[$](managed_vm|application)/g, name).replaceAll('$namespace', 'acme'),
    );
    const asked = queries.filter(query => !WRITTEN_IN_GUESTS.some(metric => query.includes(metric)));
    expect(asked.length).toBeGreaterThanOrEqual(5);
    const silent = async () => {
      const answers = await Promise.all(asked.map(async query => [query, await world.samples(query)] as const));
      return answers.flatMap(([query, samples]) => (samples === 0 ? [query] : []));
    };
    await expect.poll(silent, { timeout: 120_000, interval: 3_000 }).toEqual([]);
  }, 300_000);
});

describe('an application that is asked from outside', { timeout: 600_000 }, () => {
  it('AP-11: is reached where its server is, by the modules of the chart and by those that make it speak', async () => {
    await reads(all(WITH_SERVER, 'True/Reached'));
    expect(await world.query('probe_success{application!=""}')).toMatchObject(
      Object.fromEntries(WITH_SERVER.map(name => [name, 1])),
    );
    expect(world.messageOf('nginx')).toBe(
      `From outside of the guest it was reached at port ${portOf('nginx')} of Service nginx.`,
    );
  });

  it('AP-11: is said to be reached where a proxy accepts for nobody, unless its module makes the server speak', async () => {
    await reads({ proxied: 'True/Reached', ...all(PROXIED, 'False/NotReached') });
  });

  it('AP-11: is never said to be reached by a module that the exporter does not have: it answers 400, and nothing is known', async () => {
    await reads({ unknown: 'Unknown/NotMeasured' });
    expect(await world.query('probe_success{application="unknown"}')).toEqual({});
    await expect
      .poll(() => world.query('ALERTS{alertname="ManagedApplicationOutsideSilent"}'), { timeout: 60_000 })
      .toEqual({ unknown: 1 });
  });

  it('AP-11: is not reached where its server is stopped, with what its probes inside say, and reached again', async () => {
    for (const name of NAMES) await of(name).guest.sh(`systemctl stop ${entries[name].unit}`);
    await reads(all(WITH_SERVER, 'False/NotReached'));
    expect(world.messageOf('valkey')).toMatch(
      /^From outside of the guest nobody has reached it at port \d+ of Service /,
    );
    for (const name of NAMES) await of(name).guest.sh(`systemctl start ${entries[name].unit}`);
    await reads(all(WITH_SERVER, 'True/Reached'));
  });

  it('AP-11: is not known to be reached where the blackbox exporter is dead, whatever was before', async () => {
    await world.stopExporter();
    await reads(all([...WITH_SERVER, ...PROXIED, 'proxied', 'unknown'], 'Unknown/NotMeasured'));
    await world.startExporter();
    await reads(all(WITH_SERVER, 'True/Reached'));
  });

  it('AP-11: of MariaDB shuts nobody out, though who asks breaks off each time', async () => {
    const { guest, port } = of('mariadb');
    await guest.sh("mariadb --no-defaults --execute 'set global max_connect_errors = 1'");
    const counted = async () =>
      Number(
        (await guest.sh('mariadb --no-defaults -NBe \'show global status like "Aborted_connects%"\' | head -1')).split(
          /\s/,
        )[1],
      );
    const before = await counted();
    await expect.poll(counted, { timeout: 60_000 }).toBeGreaterThan(before + 3);
    const login = `MYSQL_PWD=${PASSWORD} mariadb --no-defaults -h 127.0.0.1 -P ${port} -u app -NBe 'select 1'`;
    expect(await guest.sh(login)).toBe('1\n');
  });
});
