import { describe, expect, it } from 'vitest';
import { ApplicationPlan } from '../contract/applicationplan.ts';
import { moduleStepName } from './modules.ts';
import { readParameters } from './parameters.ts';
import { application, product, VERIFIERS } from './product.fixtures.ts';
import { planOf } from './render.ts';
import type { Verifiers } from './verifiers.ts';

const SPEC = {
  parameters: [
    { name: 'max_connections', type: 'Integer', default: '100', apply: 'Restart' },
    { name: 'greeting', type: 'Text', default: '', pattern: '[ -~]*', apply: 'Reload' },
  ],
  modules: [
    { name: 'pg_stat_statements', preload: true },
    { name: 'auto_explain', preload: true },
    { name: 'pg_trgm' },
    { name: 'postgis', supported: 'OnRequest' },
  ],
  interface: { port: 5432, type: 'postgresql', database: 'app', username: 'app' },
  steps: [
    { name: 'packages', package: { names: ['postgresql-{{ line }}', 'ssl-cert'] } },
    {
      name: 'settings',
      file: {
        ...{ path: '/etc/postgresql/{{ line }}/main/conf.d/90.conf', format: 'PostgreSQL', mode: '0640' },
        content:
          'port = {{ interface.port }}\nmax_connections = {{ parameters.max_connections }}\ngreeting = {{ parameters.greeting }}\nshared_preload_libraries = {{ modules.preload }}\n',
        validate: ['/usr/lib/postgresql/{{ line }}/bin/postgres', '-C', 'port', '-c', 'config_file={{ file }}'],
        ...{ unit: 'postgresql@{{ line }}-main.service', onChange: 'Restart' },
      },
    },
    {
      name: 'notes',
      file: { path: '/etc/notes', content: 'login {{ binding.username }} of {{ binding.database }}\n' },
    },
    { name: 'folder', directory: { path: '/srv/{{ line }}', owner: 'postgres' } },
    { name: 'account', systemUser: { name: 'exporter' } },
    { name: 'server', unit: { name: 'postgresql@{{ line }}-main.service' } },
    { name: 'login', database: { engine: 'PostgreSQL', role: 'app' } },
    { name: 'data', database: { engine: 'PostgreSQL', database: { name: 'app', owner: 'app' } } },
    { name: 'crypto', database: { engine: 'PostgreSQL', extension: { name: 'pgcrypto', database: 'app' } } },
    { name: 'once', command: { run: ['/bin/do', '{{ line }}'], unless: ['/bin/done', '{{ interface.port }}'] } },
    { name: 'port', firewallPort: { port: 5432 } },
    { name: 'works', waitFor: { probe: 'transaction' } },
  ],
  probes: [
    { name: 'transaction', sql: { engine: 'PostgreSQL' } },
    { name: 'ready', command: { run: ['pg_isready', '-p', '{{ interface.port }}'], output: 'accepting' } },
  ],
};

function planned(spec: object = {}, order: object = {}, verifiers: Verifiers | undefined = VERIFIERS) {
  const entry = product({ ...SPEC, ...spec });
  const ordered = application(order);
  const { parameters = new Map() } = readParameters(entry.spec, ordered.spec.parameters);
  return planOf({ product: entry, application: ordered, parameters, verifiers });
}

describe('AP-1: the plan of an order', () => {
  it('says every step of the Product with the values of the order, in the order of the Product', () => {
    const { plan } = planned({}, { parameters: { max_connections: 200, greeting: "it's" }, modules: ['pg_trgm'] });
    expect(ApplicationPlan.parse(plan)).toEqual(plan);
    expect(plan).toEqual({
      ...{ application: 'shop-orders', uid: '7f3c', present: true, versionOf: 'postgresql-17' },
      steps: [
        { type: 'package', name: 'packages', packages: ['postgresql-17', 'ssl-cert'] },
        {
          ...{ type: 'file', name: 'settings', path: '/etc/postgresql/17/main/conf.d/90.conf' },
          ...{ owner: 'root', group: 'root', mode: '0640' },
          content: "port = 5432\nmax_connections = 200\ngreeting = 'it''s'\nshared_preload_libraries = ''\n",
          validate: ['/usr/lib/postgresql/17/bin/postgres', '-C', 'port', '-c', 'config_file={{ file }}'],
          change: { unit: 'postgresql@17-main.service', how: 'Restart' },
        },
        {
          ...{ type: 'file', name: 'notes', path: '/etc/notes', owner: 'root', group: 'root', mode: '0644' },
          content: 'login app of app\n',
        },
        { type: 'directory', name: 'folder', path: '/srv/17', owner: 'postgres', group: 'root', mode: '0755' },
        { type: 'systemUser', name: 'account', login: 'exporter', home: '/nonexistent' },
        { type: 'unit', name: 'server', unit: 'postgresql@17-main.service' },
        { type: 'role', name: 'login', engine: 'PostgreSQL', role: 'app', verifier: 'SCRAM-SHA-256$4096:x' },
        { type: 'database', name: 'data', engine: 'PostgreSQL', database: 'app', owner: 'app' },
        {
          ...{ type: 'extension', name: 'module-pg-trgm', engine: 'PostgreSQL' },
          ...{ database: 'app', extension: 'pg_trgm' },
        },
        { type: 'extension', name: 'crypto', engine: 'PostgreSQL', database: 'app', extension: 'pgcrypto' },
        {
          ...{ type: 'command', name: 'once', run: ['/bin/do', '17'], unless: ['/bin/done', '5432'] },
          ...{ runAs: 'root', timeoutSeconds: 300, safeToRepeat: false },
        },
        { type: 'firewallPort', name: 'port', port: 5432 },
        {
          ...{ type: 'waitFor', name: 'works', timeoutSeconds: 60 },
          probe: { type: 'sql', name: 'transaction', engine: 'PostgreSQL', transaction: true, timeoutSeconds: 5 },
        },
      ],
      probes: [
        { type: 'sql', name: 'transaction', engine: 'PostgreSQL', transaction: true, timeoutSeconds: 5 },
        {
          ...{ type: 'command', name: 'ready', timeoutSeconds: 5 },
          ...{ run: ['pg_isready', '-p', '5432'], output: 'accepting' },
        },
      ],
    });
  });

  it('GE-10: has modules in the order of the Product, and loads at the start those that must be', () => {
    const modules = ['pg_trgm', 'auto_explain', 'pg_stat_statements'];
    const { plan } = planned({}, { modules });
    expect(plan).toEqual(planned({}, { modules: modules.toReversed() }).plan);
    const extensions = plan?.steps.flatMap(step => (step.type === 'extension' ? step.name : []));
    expect(extensions).toEqual(['module-pg-stat-statements', 'module-auto-explain', 'module-pg-trgm', 'crypto']);
    const [settings] = plan?.steps.flatMap(step => (step.type === 'file' ? step.content : [])) ?? [];
    expect(settings).toContain("shared_preload_libraries = 'pg_stat_statements,auto_explain'\n");
  });

  it.each<[string, object, object, string]>([
    [
      'a placeholder that stands for nothing',
      {
        steps: [
          { name: 'packages', package: { names: ['a'] } },
          { name: 'f', file: { path: '/a', content: '{{ x }}' } },
        ],
      },
      {},
      'spec.steps.f: {{ x }} stands for nothing here.',
    ],
    [
      "a customer's value among arguments",
      {
        steps: [
          { name: 'packages', package: { names: ['a'] } },
          { name: 'c', command: { run: ['{{ parameters.greeting }}'], unless: ['/b'] } },
        ],
      },
      {},
      'spec.steps.c: {{ parameters.greeting }} stands for nothing here.',
    ],
    [
      'the new file in a command, which checks none',
      {
        steps: [
          { name: 'packages', package: { names: ['a'] } },
          { name: 'c', command: { run: ['{{ file }}'], unless: ['/b'] } },
        ],
      },
      {},
      'spec.steps.c: {{ file }} stands for nothing here.',
    ],
    [
      'a probe that is not there',
      {
        steps: [
          { name: 'packages', package: { names: ['a'] } },
          { name: 'w', waitFor: { probe: 'x' } },
        ],
      },
      {},
      'spec.steps.w.waitFor: there is no probe x.',
    ],
    [
      'no package',
      { steps: [{ name: 'port', firewallPort: { port: 1 } }] },
      {},
      'spec.steps: no step of type package says whose version is that of the application.',
    ],
  ])('is none for %s', (_, spec, order, problem) => {
    expect(planned(spec, order)).toEqual({ problems: [problem] });
  });

  it('gives an engine the password in the form that it keeps', () => {
    const login = { name: 'login', database: { engine: 'MariaDB', role: 'app' } };
    const { plan } = planned({
      modules: [],
      steps: [{ name: 'packages', package: { names: ['mariadb-server'] } }, login],
    });
    expect(plan?.steps.at(-1)).toMatchObject({ engine: 'MariaDB', verifier: VERIFIERS.MariaDB });
  });

  it('has the hash of the password in a file as it is, and not anywhere else (AP-10)', () => {
    const packages = { name: 'packages', package: { names: ['valkey-server'] } };
    const access = {
      name: 'access',
      file: { path: '/etc/a', mode: '0640', content: 'user app #{{ binding.sha256 }}\n' },
    };
    const { plan } = planned({ modules: [], steps: [packages, access] });
    expect(plan?.steps.at(-1)).toMatchObject({ content: `user app #${VERIFIERS.sha256}\n` });
    const once = { name: 'once', command: { run: ['/bin/x', '{{ binding.sha256 }}'], unless: ['/bin/y'] } };
    expect(planned({ modules: [], steps: [packages, once] }).problems).toEqual([
      'spec.steps.once: {{ binding.sha256 }} stands for nothing here.',
    ]);
  });

  it('is none without the verifier that the role of the binding needs', () => {
    const entry = product(SPEC);
    const { parameters = new Map() } = readParameters(entry.spec, undefined);
    expect(planOf({ product: entry, application: application(), parameters })).toEqual({
      problems: ['spec.steps.login: the credentials of the binding are not made yet.'],
    });
  });

  it('calls the step of a module by it, cut and told apart where it is long', () => {
    const [long, other] = [`${'m'.repeat(62)}a`, `${'m'.repeat(62)}b`].map(moduleStepName);
    expect(moduleStepName('pg_trgm')).toBe('module-pg-trgm');
    expect(moduleStepName('a_')).toMatch(/^module-a--[0-9a-f]{8}$/);
    expect([long?.length, other?.length]).toEqual([32, 32]);
    expect(long).not.toBe(other);
  });
});

describe('GE-11: the plan of a change of the line', () => {
  it('closes every port by which anybody may come, as an update does', () => {
    const entry = product({
      ...SPEC,
      monitoring: { exporter: { port: 9187, prefixes: ['pg_'], metrics: ['pg_up'] } },
      steps: [
        ...SPEC.steps,
        { name: 'pooler', firewallPort: { port: 6432 } },
        { name: 'metrics', firewallPort: { port: 9187 } },
      ],
    });
    const path = {
      ...({ from: '15', to: '17', engine: 'PostgreSQL', freeSpacePercent: 150 } as const),
      ...{ withinSeconds: 60, expectedMinutes: 5 },
    };
    const { parameters = new Map() } = readParameters(entry.spec, {});
    const { plan } = planOf({
      ...{ product: entry, application: application(), parameters, verifiers: VERIFIERS },
      lineChange: { act: 'Change', path, change: 'c1' },
    });
    const closing = plan?.steps.flatMap(step => ('ports' in step ? [[step.type, step.ports]] : []));
    expect(closing).toEqual([
      ['lineChange', [5432, 6432]],
      ['lineOpen', [5432, 6432]],
    ]);
  });
});
