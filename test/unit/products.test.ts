import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { OperatingSystemSpec } from '../../src/api/operatingsystem.ts';
import { type Product, ProductSpec } from '../../src/api/product.ts';
import { checkFiles } from '../../src/controllers/product/checkfile.ts';
import { readParameters } from '../../src/domain/application/parameters.ts';
import { application } from '../../src/domain/application/product.fixtures.ts';
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

describe('AP-1: an order of PostgreSQL', () => {
  const product = entry('postgresql.yaml');

  function stepsOf(order: object): readonly PlanStep[] {
    const ordered = application(order);
    const { parameters, refusals } = readParameters(product.spec, ordered.spec.parameters);
    expect(refusals).toBeUndefined();
    const { plan, problems } = planOf({
      product,
      application: ordered,
      parameters: parameters ?? new Map(),
      verifier: 'v',
    });
    expect(problems).toBeUndefined();
    expect(plan?.versionOf).toBe(`postgresql-${ordered.spec.line}`);
    return plan?.steps ?? [];
  }
  const fileOf = (steps: readonly PlanStep[], end: string) =>
    steps.find(step => step.type === 'file' && step.path.endsWith(end)) as PlanStep & { readonly type: 'file' };
  const at = (steps: readonly PlanStep[], holds: (step: PlanStep) => boolean) => {
    const index = steps.findIndex(holds);
    expect(index).not.toBe(-1);
    return index;
  };

  it('asks for checksums before the package makes the cluster, where conf.d goes on being read', () => {
    const steps = stepsOf({});
    const checksums = fileOf(steps, '/createcluster.d/steward.conf');
    expect(checksums.content).toBe("initdb_options = '--data-checksums'\n");
    expect(steps.indexOf(checksums)).toBeLessThan(at(steps, ({ type }) => type === 'package'));
  });

  it('sets what takes a restart apart from what takes a reload, and leaves the package its own file', () => {
    const parameters = { max_connections: 200, shared_buffers: '1Gi', work_mem: '8Mi', log_statement: 'ddl' };
    const steps = stepsOf({ parameters, modules: ['pg_stat_statements', 'pg_trgm'] });
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

  it('lets in the login of the binding over TLS, the provider by the socket, and nobody else', () => {
    const { content, mode } = fileOf(stepsOf({}), '/pg_hba.conf');
    const rules = content.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    expect(rules.map(rule => rule.split(/\s+/))).toEqual([
      ['local', 'all', 'postgres', 'peer'],
      ['hostssl', '"app"', '"app"', 'all', 'scram-sha-256'],
    ]);
    expect(mode).toBe('0640');
  });

  it('makes login, database and modules in the cluster that runs, and is there when a transaction has worked', () => {
    const steps = stepsOf({ line: '15', modules: ['uuid-ossp'] });
    const order = [
      at(steps, step => step.type === 'unit' && step.unit === 'postgresql@15-main.service'),
      at(steps, step => step.type === 'role' && step.role === 'app' && step.verifier === 'v'),
      at(steps, step => step.type === 'database' && step.database === 'app' && step.owner === 'app'),
      at(steps, step => step.type === 'extension' && step.extension === 'uuid-ossp' && step.database === 'app'),
      at(steps, step => step.type === 'waitFor' && step.probe.type === 'sql' && step.probe.transaction),
    ];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.at(-1)).toBe(steps.length - 1);
  });
});
