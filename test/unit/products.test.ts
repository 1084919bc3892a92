import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { OperatingSystemSpec } from '../../src/api/operatingsystem.ts';
import { type Product, ProductSpec } from '../../src/api/product.ts';
import { RemediationAlert } from '../../src/api/productremediation.ts';
import { checkFiles } from '../../src/controllers/product/checkfile.ts';
import { readParameters } from '../../src/domain/application/parameters.ts';
import { application, VERIFIERS } from '../../src/domain/application/product.fixtures.ts';
import { planOf } from '../../src/domain/application/render.ts';
import type { PlanStep } from '../../src/domain/contract/applicationplan.ts';

const config = join(import.meta.dirname, '../../config');
const folder = join(config, 'products');
const files = readdirSync(folder).filter(file => file !== 'kustomization.yaml');

function entry(file: string): Product {
  const read = parse(readFileSync(join(folder, file), 'utf8'));
  return { ...read, spec: ProductSpec.parse(read.spec) };
}

describe('the catalogue of applications', () => {
  test('is taken by kustomize as a whole', () => {
    expect(parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8')).resources.toSorted()).toEqual(files.sort());
  });

  it.each(files)('AP-1: %s can be carried out', file => {
    expect(checkFiles([join(folder, file)])).toMatchObject({ exitCode: 0 });
  });

  it.each(files)('AP-6, AP-13: %s has its data dumped, and each dump proven, whatever the level', file => {
    const { spec } = entry(file);
    const { parameters } = readParameters(spec, {});
    const [line] = spec.lines;
    for (const serviceLevel of spec.levels) {
      const order = application({ line: line?.name, serviceLevel });
      const { plan } = planOf({
        ...{ product: entry(file), application: order, parameters: parameters ?? new Map(), verifiers: VERIFIERS },
      });
      expect(plan?.backup).toMatchObject({ everyHours: 24, proveEveryDays: 7, keep: 2 });
    }
  });

  it.each(files)('AP-3: %s has a ladder of remedies for each of its probes, that ends with a person', file => {
    const { remediation = [], probes } = entry(file).spec;
    expect(remediation.at(-1)).toMatchObject({ action: 'Human', trigger: { probes: probes.map(({ name }) => name) } });
    expect(remediation.map(({ action }) => action)).toEqual(expect.arrayContaining(['RestartUnit', 'RestartVM']));
  });

  it.each(files)('AP-14: %s says that it was tested by commands that there are', file => {
    for (const { command } of entry(file).spec.tested ?? []) {
      const [, way = '', name = ''] = /^npm run e2e -- --(applications|packages)(?: ([a-z]+))?$/.exec(command) ?? [];
      const tests = way === 'packages' ? 'test/packages' : `test/e2e/applications/${name}.test.ts`;
      expect([way, existsSync(join(config, '..', tests))]).toEqual([expect.stringMatching(/./), true]);
    }
  });

  it.each(files)('AP-5: %s says by the runbook of its alert what to do about each of its indicators', file => {
    const { displayName, monitoring } = entry(file).spec;
    const page = readFileSync(join(config, '../docs/runbooks/ManagedApplicationIndicator.md'), 'utf8');
    const [, part = ''] = new RegExp(`\n### ${displayName}\n([^#]*)`).exec(page) ?? [];
    const missing = (monitoring?.indicators ?? []).filter(({ name }) => !part.includes(`\`${name}\``));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });

  it.each(RemediationAlert.options)(
    'AP-3: %s, for which a rung may be taken, is an alert that Steward tells',
    alert => {
      expect(existsSync(join(config, '../docs/runbooks', `${alert}.md`))).toBe(true);
    },
  );

  it.each(files)('AP-14: %s names for every line where its dates come from, and systems of the catalogue', file => {
    const systems = parseAllDocuments(readFileSync(join(config, 'samples/operatingsystems.yaml'), 'utf8')).map(
      document => document.toJS() as { metadata: { name: string }; spec: OperatingSystemSpec },
    );
    for (const line of entry(file).spec.lines) {
      expect(line.source).toMatch(/^https:/);
      for (const { name, endOfSupport } of line.operatingSystems) {
        const system = systems.find(({ metadata }) => metadata.name === name);
        expect(endOfSupport).toBe(system?.spec.lifeCycle.endOfSupport);
      }
    }
  });
});

/** The steps of an order's plan, of which the first package says the version. */
function stepsOf(product: Product, order: object, versionOf: string): readonly PlanStep[] {
  const ordered = application(order);
  const { parameters, refusals } = readParameters(product.spec, ordered.spec.parameters);
  expect(refusals).toBeUndefined();
  const planned = planOf({ product, application: ordered, parameters: parameters ?? new Map(), verifiers: VERIFIERS });
  expect(planned.problems).toBeUndefined();
  expect(planned.plan?.versionOf).toBe(versionOf);
  return planned.plan?.steps ?? [];
}

function fileOf(steps: readonly PlanStep[], end: string): PlanStep & { readonly type: 'file' } {
  const [found] = steps.flatMap(step => (step.type === 'file' && step.path.endsWith(end) ? [step] : []));
  if (found === undefined) throw new Error(`no step writes a file that ends with ${end}`);
  return found;
}

function at(steps: readonly PlanStep[], holds: (step: PlanStep) => boolean): number {
  const index = steps.findIndex(holds);
  expect(index).not.toBe(-1);
  return index;
}

describe('AP-1: an order of PostgreSQL', () => {
  const product = entry('postgresql.yaml');
  const planned = (order: object, line = '17') => stepsOf(product, { line, ...order }, `postgresql-${line}`);

  it('asks for checksums before the package makes the cluster, where conf.d goes on being read', () => {
    const steps = planned({});
    const checksums = fileOf(steps, '/createcluster.d/steward.conf');
    expect(checksums.content).toBe("initdb_options = '--data-checksums'\n");
    expect(steps.indexOf(checksums)).toBeLessThan(at(steps, ({ type }) => type === 'package'));
  });

  it('sets what takes a restart apart from what takes a reload, and leaves the package its own file', () => {
    const parameters = { max_connections: 200, shared_buffers: '1Gi', work_mem: '8Mi', log_statement: 'ddl' };
    const steps = planned({ parameters, modules: ['pg_stat_statements', 'pg_trgm'] });
    const [start, settings] = [fileOf(steps, '90-steward-start.conf'), fileOf(steps, '91-steward.conf')];
    expect(start.change).toEqual({ unit: 'postgresql@17-main.service', how: 'Restart' });
    expect(start.content.split('\n').slice(1, -1)).toEqual([
      "listen_addresses = '*'",
      'port = 5432',
      'max_connections = 200',
      'shared_buffers = 1048576kB',
      "shared_preload_libraries = 'pg_stat_statements'",
    ]);
    expect(settings.change?.how).toBe('Reload');
    expect(settings.content).toContain('\nwork_mem = 8192kB\n');
    expect(settings.content).toContain("\nlog_statement = 'ddl'\n");
    expect(settings.content).toContain("\npassword_encryption = 'scram-sha-256'\n");
    expect(steps.some(step => step.type === 'file' && step.path.endsWith('/postgresql.conf'))).toBe(false);
    for (const { validate } of [start, settings])
      expect(validate).toEqual([
        ...['/usr/lib/postgresql/17/bin/postgres', '-C', 'data_directory', '-D', '/etc/postgresql/17/main'],
        ...['-c', 'config_file={{ file }}'],
      ]);
  });

  it('lets in the login of the binding over TLS, the provider and his exporter by the socket, and nobody else', () => {
    const { content, mode } = fileOf(planned({}), '/pg_hba.conf');
    const rules = content.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    expect(rules.map(rule => rule.split(/\s+/))).toEqual([
      ['local', 'all', 'postgres', 'peer'],
      ['local', 'postgres', 'prometheus', 'peer'],
      ['hostssl', '"app"', '"app"', 'all', 'scram-sha-256'],
    ]);
    expect(mode).toBe('0640');
  });

  it('makes login, database and modules in the cluster that runs, and is there when a transaction has worked', () => {
    const steps = planned({ modules: ['uuid-ossp'] }, '15');
    const order = [
      at(steps, step => step.type === 'unit' && step.unit === 'postgresql@15-main.service'),
      at(steps, step => step.type === 'role' && step.role === 'app' && step.verifier === VERIFIERS.PostgreSQL),
      at(steps, step => step.type === 'database' && step.database === 'app' && step.owner === 'app'),
      at(steps, step => step.type === 'extension' && step.extension === 'uuid-ossp' && step.database === 'app'),
      at(steps, step => step.type === 'waitFor' && step.probe.type === 'sql' && step.probe.transaction),
    ];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.at(-1)).toBe(steps.length - 1);
  });
});

describe('AP-1: an order of MariaDB', () => {
  const planned = (order: object, line = '11.8') =>
    stepsOf(entry('mariadb.yaml'), { line, ...order }, 'mariadb-server');

  it('quotes what the customer sets, takes a restart for all of it, and has the server look at it first', () => {
    const parameters = {
      sql_mode: 'ANSI_QUOTES',
      default_time_zone: '-03:30',
      slow_query_log: 'on',
      tmp_table_size: '1Gi',
    };
    const { content, change, validate } = fileOf(planned({ parameters }), '/90-steward.cnf');
    expect(content.split('\n')).toEqual(
      expect.arrayContaining([
        ...['sql_mode = "ANSI_QUOTES"', 'default_time_zone = "-03:30"', 'slow_query_log = on'],
        ...['max_heap_table_size = 1073741824', 'require_secure_transport = on'],
      ]),
    );
    expect(change).toEqual({ unit: 'mariadb.service', how: 'Restart' });
    expect(validate?.join(' ')).toContain('--verbose');
  });

  it('lets the server read the key of its certificate before it is told of it, and is there when a transaction has worked', () => {
    const steps = planned({}, '10.11');
    const order = [
      at(steps, ({ name }) => name === 'key'),
      at(steps, ({ name }) => name === 'settings'),
      at(steps, step => step.type === 'role' && step.verifier === VERIFIERS.MariaDB),
      at(steps, step => step.type === 'database' && step.owner === 'app'),
      at(steps, step => step.type === 'waitFor' && step.probe.type === 'sql' && step.probe.transaction),
    ];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
  });
});

describe('AP-1: an order of Valkey', () => {
  const planned = (order: object) => stepsOf(entry('valkey.yaml'), { line: '8.1', ...order }, 'valkey-server');

  it('has the hash of the password in one file alone, which nobody reads but the server', () => {
    const withHash = planned({}).filter(step => JSON.stringify(step).includes(VERIFIERS.sha256));
    expect(withHash).toMatchObject([{ type: 'file', path: '/etc/valkey.d/access.conf', mode: '0640', owner: 'root' }]);
  });

  it('keeps what a dump holds before the server is told of the file that replaces it (research 4.3)', () => {
    const steps = planned({
      parameters: { maxmemory: '1Gi', maxmemory_policy: 'allkeys-lru', notify_keyspace_events: 'K$' },
    });
    const { content } = fileOf(steps, '/valkey.conf');
    for (const line of [
      'appendonly yes',
      'maxmemory 1073741824',
      'maxmemory-policy "allkeys-lru"',
      'notify-keyspace-events "K$"',
    ])
      expect(content.split('\n')).toContain(line);
    expect(at(steps, ({ name }) => name === 'keep-data')).toBeLessThan(at(steps, ({ name }) => name === 'settings'));
  });

  it('is there when a key was set and read', () => {
    expect(planned({}).at(-1)).toMatchObject({ type: 'waitFor', probe: { type: 'keyValue', username: 'steward' } });
  });
});

describe('AP-1: an order of nginx', () => {
  const planned = (order: object) => stepsOf(entry('nginx.yaml'), { line: '1.26', ...order }, 'nginx');

  it('has the whole configuration, which nginx itself looks at before it takes its place, and reloads it', () => {
    const settings = fileOf(planned({}), '/etc/nginx/nginx.conf');
    expect(settings.validate).toEqual(['/usr/sbin/nginx', '-t', '-q', '-c', '{{ file }}']);
    expect(settings.change).toEqual({ unit: 'nginx.service', how: 'Reload' });
  });

  it('sends requests where the customer says, by his name and within his bounds', () => {
    const parameters = {
      upstream: 'http://127.0.0.1:3000',
      server_name: '*.shop.example',
      client_max_body_size: '5Mi',
      gzip: 'off',
    };
    const { content } = fileOf(planned({ parameters }), '/etc/nginx/nginx.conf');
    const lines = content.split('\n').map(line => line.trim());
    expect(lines).toEqual(
      expect.arrayContaining([
        ...['proxy_pass "http://127.0.0.1:3000";', 'server_name "*.shop.example";', 'client_max_body_size 5242880;'],
        ...['gzip off;', 'listen 80 default_server;', 'proxy_set_header Host $host;'],
      ]),
    );
  });

  it.each(['http://$host', 'http://a;b', 'http://a b', 'unix:/run/x', 'http://a:123456', ''])(
    'does not send requests to %j',
    upstream => {
      expect(readParameters(entry('nginx.yaml').spec, { upstream }).refusals).toHaveLength(1);
    },
  );

  it('is there when nginx has answered by itself', () => {
    expect(planned({}).at(-1)).toMatchObject({
      type: 'waitFor',
      probe: { type: 'http', path: '/.steward', status: 204 },
    });
  });
});

test('AP-1: the entry of the guide is in order, and with a wrong onChange says what the guide says', () => {
  const page = readFileSync(join(config, '../docs/products.md'), 'utf8');
  const parts = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  const folderOfGuide = mkdtempSync(join(tmpdir(), 'guide-'));
  const said = (text: string) => {
    writeFileSync(join(folderOfGuide, 'beanstalkd.yaml'), text);
    return checkFiles([join(folderOfGuide, 'beanstalkd.yaml')]).text.replace(`${folderOfGuide}/`, '');
  };
  const [right, wrong] = [said(parts.join('')), said(parts.join('').replace('onChange: Restart', 'onChange: Reload'))];
  rmSync(folderOfGuide, { recursive: true });
  expect(page).toContain(`$ steward product check beanstalkd.yaml\n${right}\`\`\``);
  expect(page).toContain(`$ steward product check beanstalkd.yaml\n${wrong}\`\`\``);
});
