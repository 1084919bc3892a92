/** Specs of the kinds of applications, as {@link specs} has them of all kinds. */
import fc from 'fast-check';
import { day, label, mostly, named } from './drawn.ts';
import { monitoring, performance } from './monitoringcorpus.ts';
import { remediation } from './remediationcorpus.ts';

const line = mostly(fc.constantFrom('17', '11.8', '8'), '17.', 'v17', '', '1'.repeat(17), '17-1');
const designated = fc.record({
  version: mostly(fc.constantFrom('17.12-0+deb13u1', '1:11.8.9+ds~a'), '', 'v17', '17 12', '-o', '1'.repeat(65)),
  since: day(2021, 2040),
});
/** A change of the line. */
const way = (change: object = {}) => ({ from: '15', to: '17', engine: 'PostgreSQL', expectedMinutes: 20, ...change });
const licence = mostly<object>(
  fc.constantFrom<object>(
    { spdx: 'PostgreSQL' },
    { spdx: 'GPL-2.0-only WITH Classpath-exception-2.0' },
    { commercial: { metric: 'PerVCPU' } },
    { commercial: { metric: 'PerVM', billed: false } },
  ),
  {},
  { spdx: '' },
  { spdx: 'GPL 2' },
  { spdx: 'MIT', commercial: { metric: 'PerVM' } },
  { commercial: { metric: 'PerSocket' } },
);
const applicationLevels = mostly(
  fc.shuffledSubarray(['Basic', 'Advanced', 'Expert'], { minLength: 1 }),
  [],
  ['Basic', 'Basic'],
  ['Gold'],
);
const program = mostly(
  fc.array(fc.constantFrom('/bin/true', '{{ line }}', '-c'), { minLength: 1, maxLength: 4 }),
  [],
  [''],
);
const unitName = mostly(
  fc.constantFrom('a.service', 'postgresql@{{ line }}-main.service', 'b.timer'),
  ...['a', 'a b.service', '{{line}}.service', 'a.mount', ''],
);
const guestPath = mostly(
  fc.constantFrom('/etc/a', '/etc/{{ line }}/b.conf', '/srv/a-b_c@d+e'),
  ...['etc', '/', '/a/', '//a', '/a b', '/{{ file }}', '/a\n', ''],
);
const account = mostly(fc.constantFrom('root', 'postgres', '_apt'), 'Root', '0a', '', 'a'.repeat(33));
const fileMode = mostly(fc.constantFrom('0640', '0644', '0755'), '640', '4755', '0899', '');
const databaseName = mostly(fc.constantFrom('app', '_a1'), 'App', '1a', 'a-b', '');
const portNumber = mostly(fc.integer({ min: 1, max: 65535 }), 0, 65536);
const seconds = (most: number) => mostly(fc.integer({ min: 1, max: most }), 0, most + 1);
const stepTypes = [
  fc.record({
    package: fc.record({
      names: mostly<string[]>(
        fc.constantFrom(['a', 'b'], ['postgresql-{{ line }}']),
        [],
        ['a', 'a'],
        ['A'],
        ['{{line}}'],
      ),
    }),
  }),
  fc.record({
    file: fc.record(
      {
        ...{ path: guestPath, owner: account, group: account, mode: fileMode },
        format: mostly(fc.constantFrom('PostgreSQL', 'Ini', 'Nginx', 'Valkey', 'Plain'), 'YAML'),
        content: mostly(fc.constantFrom('', 'a = {{ parameters.a }}\n'), 'a'.repeat(16385)),
        validate: program,
        unit: unitName,
        onChange: mostly(fc.constantFrom('Reload', 'Restart', 'Nothing'), 'Stop'),
      },
      { requiredKeys: ['path', 'content'] },
    ),
  }),
  fc.record({ directory: fc.record({ path: guestPath, owner: account, mode: fileMode }, { requiredKeys: ['path'] }) }),
  fc.record({ systemUser: fc.record({ name: account, home: guestPath }, { requiredKeys: ['name'] }) }),
  fc.record({ unit: fc.record({ name: unitName }) }),
  fc
    .tuple(
      mostly(fc.constantFrom('PostgreSQL', 'MariaDB', 'Valkey'), 'Oracle'),
      mostly(
        fc.oneof(
          fc.record({ role: databaseName }),
          fc.record({ database: fc.record({ name: databaseName, owner: databaseName }) }),
          fc.record({ extension: fc.record({ name: fc.constantFrom('uuid-ossp'), database: databaseName }) }),
        ) as fc.Arbitrary<object>,
        {},
        { role: 'a', database: { name: 'a', owner: 'a' } },
      ),
    )
    .map(([engine, what]) => ({ database: { engine, ...what } })),
  fc.record({
    command: fc.record(
      { run: program, unless: program, runAs: account, timeoutSeconds: seconds(3600), safeToRepeat: fc.boolean() },
      { requiredKeys: ['run', 'unless'] },
    ),
  }),
  fc.record({ firewallPort: fc.record({ port: portNumber }) }),
  fc.record({
    waitFor: fc.record(
      { probe: mostly(fc.constant('a'), 'A'), timeoutSeconds: seconds(900) },
      { requiredKeys: ['probe'] },
    ),
  }),
] as readonly fc.Arbitrary<object>[];
const stepName = mostly(fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/), 'A', 'a-', 'a'.repeat(25), '');
const probeTypes = [
  fc.record({
    sql: fc.record(
      { engine: mostly(fc.constant('MariaDB'), 'x'), transaction: fc.boolean() },
      { requiredKeys: ['engine'] },
    ),
  }),
  fc.record({
    keyValue: fc.record({
      socket: mostly(fc.constant('/run/a/b.sock'), 'run/a', '/run/a b', ''),
      username: mostly(fc.constant('steward'), 'A', ''),
      passwordFile: mostly(fc.constant('/etc/a/secret'), '/etc/$(id)', '/'),
    }),
  }),
  fc.record({ tcp: fc.record({ port: portNumber }) }),
  fc.record({
    http: fc.record(
      {
        port: portNumber,
        path: mostly(fc.constantFrom('/', '/a?b=c'), '', 'a', '/a b'),
        status: mostly(fc.integer({ min: 100, max: 599 }), 99, 600),
      },
      { requiredKeys: ['port'] },
    ),
  }),
  fc.record({
    command: fc.record(
      { run: program, output: mostly(fc.constant('PONG'), '', 'a'.repeat(257)) },
      { requiredKeys: ['run'] },
    ),
  }),
] as readonly fc.Arbitrary<object>[];
/** Of one type, nearly always. */
const typed = (name: fc.Arbitrary<string>, types: readonly fc.Arbitrary<object>[]) =>
  fc
    .tuple(name, fc.oneof(...types), mostly(fc.constant(0), 1, 2), fc.oneof(...types))
    .map(([called, type, kind, other]) => {
      return kind === 0
        ? { name: called, ...type }
        : kind === 1
          ? { name: called }
          : { name: called, ...type, ...other };
    });
const parameter = fc
  .tuple(
    fc.record(
      {
        name: mostly(fc.constantFrom('a', 'max_size', 'c1'), 'A', '1a', 'a-b', ''),
        default: mostly(fc.constantFrom('', '1', 'on'), 'a'.repeat(257)),
        who: mostly(fc.constantFrom('Customer', 'Provider'), 'Vendor'),
        apply: mostly(fc.constantFrom('Reload', 'Restart', 'FirstInstall'), 'Never'),
        description: mostly(fc.constant('What it does'), '', 'a\nb'),
      },
      { requiredKeys: ['name', 'default', 'apply'] },
    ),
    mostly(
      fc.oneof(
        fc.record({ type: fc.constantFrom('Integer', 'Bytes'), minimum: fc.nat() }, { requiredKeys: ['type'] }),
        fc.record({ type: fc.constant('Switch') }),
        fc.record({
          type: fc.constant('Text'),
          oneOf: mostly<string[]>(fc.constant(['a', 'b']), [], ['a', 'a'], ['']),
        }),
        fc.record({ type: fc.constant('Text'), pattern: mostly(fc.constant('[a-z]*'), 'a'.repeat(129)) }),
      ) as fc.Arbitrary<object>,
      { type: 'Text' },
      { type: 'Switch', minimum: 1 },
      { type: 'Integer', pattern: 'a' },
      { type: 'Float' },
    ),
  )
  .map(([what, type]) => ({ ...what, ...type }));
const folders = mostly<string[]>(
  fc.constantFrom(['/etc/nginx', '/var/www'], ['/srv/a_b@c+d-1.2']),
  ...[[], ['srv'], ['/'], ['/srv/'], ['/a b'], ['/$(reboot)'], ['/srv', '/srv']],
);
const often = {
  ...{ everyHours: seconds(168), proveEveryDays: seconds(31), keep: seconds(14) },
  ...{ dumpMinutes: seconds(1440), proofMinutes: seconds(1440) },
};
const dumpedBy = (engine: fc.Arbitrary<string>, more: fc.Arbitrary<object> = fc.constant({})) =>
  fc
    .tuple(fc.record({ engine }), fc.record(often, { requiredKeys: [] }), more)
    .map(([by, times, where]) => ({ ...by, ...times, ...where }));
const REQUIRED = ['displayName', 'vendor', 'levels', 'supportedBy', 'lines', 'steps', 'probes'] as const;
const wholeProduct = fc.record(
  {
    displayName: mostly(fc.constant('PostgreSQL'), '', 'ä', 'a'.repeat(65)),
    vendor: mostly(fc.constant('Somebody'), ''),
    agreement: mostly(fc.constantFrom('Catalogue', 'ByAgreement'), 'None'),
    levels: applicationLevels,
    supportedBy: mostly(fc.constantFrom('Vendor', 'Distribution'), 'Nobody'),
    lines: named(
      fc.record(
        {
          name: line,
          released: day(2000, 2020),
          endOfSupport: day(2021, 2040),
          source: mostly(fc.constant('https://example.org/a'), 'ftp://a', 'https://'),
          checkedOn: day(2021, 2040),
          blocked: mostly(fc.constant('data loss'), ''),
          operatingSystems: named(
            fc.record({ name: label, endOfSupport: day(2021, 2040), designated }, { requiredKeys: ['name'] }),
            { minLength: 1, maxLength: 2 },
          ),
        },
        { requiredKeys: ['name', 'endOfSupport', 'operatingSystems'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    upgradePaths: mostly<object[]>(
      fc.constantFrom([way()], [way({ freeSpacePercent: 100, withinSeconds: 3600 }), way({ from: '16' })]),
      ...[[], [way(), way()], [way({ to: '15' })], [way({ engine: 'MariaDB' })], [way({ from: '' })]],
      ...[[way({ freeSpacePercent: 99 })], [way({ withinSeconds: 9 })], [way({ expectedMinutes: 0 })]],
    ),
    conflicts: mostly<string[]>(fc.constantFrom([], ['mariadb']), ['a', 'a'], ['A']),
    parameters: named(parameter, { maxLength: 2 }),
    modules: named(
      fc.record(
        {
          name: mostly(fc.constantFrom('pg_trgm', 'uuid-ossp'), 'A', ''),
          preload: fc.boolean(),
          supported: mostly(fc.constantFrom('Included', 'OnRequest'), 'No'),
        },
        { requiredKeys: ['name'] },
      ),
      { maxLength: 2 },
    ),
    steps: named(typed(stepName, stepTypes), { minLength: 1, maxLength: 3 }),
    probes: named(typed(stepName, probeTypes), { minLength: 1, maxLength: 2 }),
    backup: fc.oneof(
      dumpedBy(mostly(fc.constantFrom('PostgreSQL', 'MariaDB'), 'Oracle', '', 'Files')),
      dumpedBy(mostly(fc.constant('Files'), 'Valkey'), fc.record({ folders })),
    ),
    ...{ monitoring, performance, remediation, licence },
    notIncluded: mostly<string[]>(fc.constantFrom([], ['Replication.']), [''], ['a', 'a'], ['ä']),
    tested: fc.array(
      fc.record({
        ...{ line, operatingSystem: label, day: day(2021, 2040) },
        environment: mostly(fc.constantFrom('Guest', 'Chroot'), 'Laptop'),
        command: mostly(fc.constant('npm run e2e -- --packages'), '', 'a;b', 'a|b', 'a`b'),
      }),
      { maxLength: 1 },
    ),
    interface: fc.record(
      {
        port: portNumber,
        type: mostly(fc.constant('postgresql'), 'A'),
        database: databaseName,
        username: databaseName,
        uri: mostly(fc.constant('postgresql'), '', 'A:'),
      },
      { requiredKeys: ['port', 'type'] },
    ),
  },
  { requiredKeys: [...REQUIRED] },
);
/** Each part may be wrong: where there are few of them, both verdicts are common. */
const fewParts = fc.tuple(wholeProduct, fc.integer({ min: 0, max: 2 })).map(([whole, most]) => {
  const more = Object.keys(whole).filter(key => !REQUIRED.some(required => required === key));
  return Object.fromEntries(Object.entries(whole).filter(([key]) => !more.includes(key) || more.indexOf(key) < most));
});
export const product = fc.oneof({ weight: 2, arbitrary: wholeProduct }, { weight: 1, arbitrary: fewParts });

export const managedApplication = fc.record(
  {
    product: label,
    line,
    serviceLevel: mostly(fc.constantFrom('Basic', 'Advanced', 'Expert'), 'Admin', ''),
    managedVMs: mostly(fc.constant(['shop-db']), [], ['a', 'b'], ['A'], [5]) as fc.Arbitrary<unknown[]>,
    parameters: fc.dictionary(
      mostly(fc.constantFrom('max_size', 'constructor', 'a1'), 'A', 'a-b', ''),
      mostly<unknown>(
        fc.oneof(fc.integer(), fc.constantFrom('1Gi', 'on', '', "it's", 'a\nb')),
        ...[1.5, true, 'a'.repeat(257), [1]],
      ),
      { maxKeys: 3 },
    ),
    modules: mostly<string[]>(fc.constantFrom([], ['pg_trgm', 'uuid-ossp']), ['a', 'a'], ['A'], ['']),
    ...{ windowRef: label, nextLine: line },
  },
  { requiredKeys: ['product', 'line', 'serviceLevel', 'managedVMs'] },
);
