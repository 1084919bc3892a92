import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProductSpec } from '../../api/product.ts';
import { readParameters } from './parameters.ts';
import { application, product, VERIFIERS } from './product.fixtures.ts';
import { faultsOf } from './productcheck.ts';
import { planOf } from './render.ts';

const UNIT = 'postgresql@{{ line }}-main.service';
const packages = { name: 'packages', package: { names: ['postgresql-{{ line }}'] } };
const login = { name: 'login', database: { engine: 'PostgreSQL', role: 'app' } };
const data = { name: 'data', database: { engine: 'PostgreSQL', database: { name: 'app', owner: 'app' } } };
const server = { name: 'server', unit: { name: UNIT } };
const face = { port: 5432, type: 'postgresql', database: 'app', username: 'app' };
const loginFace = { port: 6379, type: 'redis', username: 'app' };

const file = (content: string, more: object = {}) => ({
  name: 'settings',
  file: { path: '/etc/a.conf', format: 'PostgreSQL', content, unit: UNIT, onChange: 'Restart', ...more },
});
const parameter = (more: object = {}) => ({ name: 'size', type: 'Integer', default: '100', apply: 'Restart', ...more });
const text = (more: object = {}) => parameter({ type: 'Text', pattern: '[a-z]*', default: 'a', ...more });
const using = (each: { name: string }, content = `a = {{ parameters.${each.name} }}`, more: object = {}) => ({
  parameters: [each],
  steps: [packages, file(content, more), server],
});
const command = (run: string[], more: object = {}) => ({
  steps: [packages, { name: 'once', command: { run, unless: ['/bin/true'] } }],
  ...more,
});

const check = (spec: object = {}) => faultsOf(product(spec));

describe('AP-1: a Product that is in order', () => {
  it('has no fault', () => {
    expect(check()).toEqual([]);
    expect(
      check({
        parameters: [parameter()],
        modules: [{ name: 'pgcrypto' }],
        interface: face,
        steps: [
          packages,
          file('port = {{ interface.port }}\nsize = {{ parameters.size }}\nlibraries = {{ modules.preload }}\n'),
          ...[server, login, data, { name: 'works', waitFor: { probe: 'transaction' } }],
        ],
      }),
    ).toEqual([]);
  });
});

describe('AP-10: a login whose password the server reads as a hash in its file', () => {
  it('needs no step of a database', () => {
    const settings = file('user app #{{ binding.sha256 }}', { mode: '0640' });
    expect(check({ interface: loginFace, steps: [packages, settings] })).toEqual([]);
  });
});

describe('AP-1: a Product that is wrong names field and rule:', () => {
  it.each<[string, object, string]>([
    [
      'a conflict with itself',
      { conflicts: ['postgresql'] },
      'spec.conflicts: a Product does not conflict with itself.',
    ],
    [
      'support by a distribution without its dates',
      { supportedBy: 'Distribution' },
      'spec.lines.17.operatingSystems.debian-13: supportedBy Distribution needs its endOfSupport.',
    ],
    [
      'a minimum over its maximum',
      using(parameter({ minimum: 2, maximum: 1 })),
      'spec.parameters.size: its minimum of 2 is more than its maximum of 1.',
    ],
    [
      'a default that it would refuse',
      using(parameter({ maximum: 99 })),
      'spec.parameters.size: its default cannot be taken, because 100 is more than the maximum of 99.',
    ],
    [
      'a pattern that repeats twice',
      using(text({ pattern: '(a+)+' })),
      'spec.parameters.size: its pattern (a+)+ repeats a group in which something is repeated already.',
    ],
    [
      'a value of oneOf with a line feed',
      using(text({ pattern: undefined, oneOf: ['a', 'b\nc'] })),
      'spec.parameters.size: a value of oneOf cannot be taken, because "b\\nc" has a character in it that is not printed, such as a line feed or NUL.',
    ],
    [
      'a parameter that changes nothing',
      { parameters: [parameter()] },
      'spec.parameters.size: no file has a placeholder for it, so that it would change nothing.',
    ],
    [
      'a parameter that needs a restart in a file that only reloads',
      using(parameter(), undefined, { onChange: 'Reload' }),
      'spec.parameters.size: apply Restart needs a file whose onChange is Restart, and that of step settings is Reload.',
    ],
    [
      'a login that nobody makes',
      { interface: { ...face, database: undefined } },
      'spec.interface.username: no step of type database makes role app, and no file has its {{ binding.sha256 }}.',
    ],
    [
      'a database that nobody makes',
      { interface: { ...face, username: undefined } },
      'spec.interface.database: no step of type database makes database app.',
    ],
    [
      'modules without a database',
      { modules: [{ name: 'pgcrypto' }] },
      'spec.modules: modules are extensions of PostgreSQL, and no step of it makes interface.database.',
    ],
    [
      'no package',
      { steps: [{ name: 'port', firewallPort: { port: 1 } }] },
      'spec.steps: no step of type package says whose version is that of the application.',
    ],
    [
      'a step that is called like one of a module',
      { steps: [packages, { ...server, name: 'module-x' }] },
      'spec.steps.module-x: names that begin with module- are those of the steps of modules.',
    ],
    [
      'a step that is called like that of the probes',
      { steps: [packages, { ...server, name: 'probes' }] },
      'spec.steps.probes: probes is the name under which all probes are looked at.',
    ],
    [
      'two modules whose steps would have one name',
      { modules: [{ name: 'pg_trgm' }, { name: 'pg-trgm' }], interface: face, steps: [packages, login, data] },
      'spec.modules.pg-trgm: another module differs from it in _ and - only, and their steps would have one name.',
    ],
    [
      'the role of the engine',
      {
        interface: { ...face, username: 'postgres' },
        steps: [packages, { name: 'login', database: { engine: 'PostgreSQL', role: 'postgres' } }],
      },
      'spec.steps.login: postgres is a name of PostgreSQL’s own, or of the provider.',
    ],
    [
      'the database of the probes',
      {
        interface: { ...face, database: 'steward' },
        steps: [
          packages,
          login,
          { name: 'data', database: { engine: 'PostgreSQL', database: { name: 'steward', owner: 'app' } } },
        ],
      },
      'spec.steps.data: steward is a name of PostgreSQL’s own, or of the provider.',
    ],
    [
      'a file whose unit is not there',
      { steps: [file('a'), packages] },
      `spec.steps.settings: unit ${UNIT} is neither a step nor of a package of an earlier step.`,
    ],
    [
      'a unit before its package',
      { steps: [server, packages] },
      `spec.steps.server: no earlier step brings unit ${UNIT}.`,
    ],
    [
      'a database before its engine',
      { interface: { ...face, database: undefined }, steps: [login, packages] },
      'spec.steps.login: no earlier step installs a package, so that there is no PostgreSQL to ask.',
    ],
    [
      'a role that has no password',
      { steps: [packages, login] },
      'spec.steps.login: role app is not interface.username, and only that login has a password.',
    ],
    [
      'a database before its owner',
      { interface: face, steps: [packages, data, login] },
      'spec.steps.data: no earlier step makes role app, which owns database app.',
    ],
    [
      'an extension before its database',
      {
        steps: [
          packages,
          { name: 'x', database: { engine: 'PostgreSQL', extension: { name: 'a', database: 'shop' } } },
        ],
      },
      'spec.steps.x: no earlier step makes database shop.',
    ],
    [
      'a wait for a probe that is not there',
      { steps: [packages, { name: 'works', waitFor: { probe: 'x' } }] },
      'spec.steps.works: there is no probe x.',
    ],
    [
      'a placeholder that nobody knows',
      { steps: [packages, file('{{ constructor }}')] },
      'spec.steps.settings.file.content: {{ constructor }} stands for nothing; known are line, parameters.NAME, modules.preload, interface.port, binding.username, binding.database and binding.sha256.',
    ],
    [
      'the hash of a password that others than its group read',
      { interface: loginFace, steps: [packages, file('#{{ binding.sha256 }}', { mode: '0644' })] },
      'spec.steps.settings.file.content: {{ binding.sha256 }} needs a mode of 0640 or stricter, and 0644 lets others at it.',
    ],
    [
      'the hash of a password that its group may write',
      { interface: loginFace, steps: [packages, file('#{{ binding.sha256 }}', { mode: '0660' })] },
      'spec.steps.settings.file.content: {{ binding.sha256 }} needs a mode of 0640 or stricter, and 0660 lets others at it.',
    ],
    [
      'the hash of a password without a login',
      { steps: [packages, file('#{{ binding.sha256 }}', { mode: '0600' })] },
      'spec.steps.settings.file.content: {{ binding.sha256 }} stands for nothing, because the Product has no interface.',
    ],
    [
      'the hash of a password as an argument',
      command(['/bin/x', '{{ binding.sha256 }}'], { interface: loginFace }),
      'spec.steps.once.command.run: {{ binding.sha256 }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'a parameter that is not there',
      { steps: [packages, file('a = {{ parameters.a }}')] },
      'spec.steps.settings.file.content: {{ parameters.a }} names a parameter that the Product does not have.',
    ],
    [
      'a binding without an interface',
      { steps: [packages, file('{{ binding.username }}')] },
      'spec.steps.settings.file.content: {{ binding.username }} stands for nothing, because the Product has no interface.',
    ],
    [
      'the new file in its own content',
      { steps: [packages, file('{{ file }}')] },
      'spec.steps.settings.file.content: {{ file }} stands for something in validate only.',
    ],
    [
      'a placeholder that is written otherwise',
      { steps: [packages, file('{{line}}')] },
      'spec.steps.settings.file.content: it has {{ in it that begins no placeholder; one is written like {{ line }}.',
    ],
    [
      'NUL in a file',
      { steps: [packages, file('a\0')] },
      'spec.steps.settings.file.content: it has a character in it that is not printed.',
    ],
    [
      'a Text of any character in a Plain file',
      using(text({ pattern: '[ -~]*' }), undefined, { format: 'Plain' }),
      'spec.steps.settings.file.content: {{ parameters.size }} may have other characters than a Plain file takes: letters, digits and . _ : / % @ + -.',
    ],
    [
      'modules in a Plain file',
      { steps: [packages, file('a = {{ modules.preload }}', { format: 'Plain' })] },
      'spec.steps.settings.file.content: {{ modules.preload }} may have other characters than a Plain file takes: letters, digits and . _ : / % @ + -.',
    ],
    [
      'a variable of nginx',
      using(text({ pattern: '[ -~]*' }), 'a {{ parameters.size }};', { format: 'Nginx' }),
      'spec.steps.settings.file.content: {{ parameters.size }} may have a $, where nginx would put a variable.',
    ],
    [
      'a Text between quotation marks of the provider',
      using(text(), "a = '{{ parameters.size }}'"),
      'spec.steps.settings.file.content: {{ parameters.size }} must be all that stands behind the = of its line, because it is quoted.',
    ],
    [
      'a Text within quotation marks of the provider',
      using(text(), 'a "x {{ parameters.size }} y";', { format: 'Nginx' }),
      'spec.steps.settings.file.content: {{ parameters.size }} must stand between blanks, or before a ;, in a line without quotation marks and comments, because it is quoted.',
    ],
    [
      'two of a Text on one line of Ini',
      using(text(), 'a = {{ parameters.size }} {{ parameters.size }}', { format: 'Ini' }),
      'spec.steps.settings.file.content: {{ parameters.size }} must be all that stands behind the = of its line, because it is quoted.',
    ],
    [
      'a change that nobody is told of',
      { steps: [packages, file('a', { unit: undefined })] },
      'spec.steps.settings.file.onChange: it is Restart, and no unit is named that would be told.',
    ],
    [
      'a unit that is never told',
      { steps: [packages, file('a', { onChange: 'Nothing' })] },
      `spec.steps.settings.file.onChange: it is Nothing, so that unit ${UNIT} is never told.`,
    ],
    [
      'modules that are loaded by a reload',
      { steps: [packages, file('a = {{ modules.preload }}', { onChange: 'Reload' })] },
      'spec.steps.settings.file.onChange: it must be Restart, because modules are loaded when the engine starts.',
    ],
    [
      "a customer's value among arguments",
      command(['/bin/a', '--size={{ parameters.size }}']),
      'spec.steps.once.command.run: {{ parameters.size }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'the login among arguments',
      command(['/bin/a', '{{ binding.username }}'], { interface: { port: 1, type: 'a' } }),
      'spec.steps.once.command.run: {{ binding.username }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'the new file in another command',
      command(['/bin/a', '{{ file }}']),
      'spec.steps.once.command.run: {{ file }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'a check that does not look at the new file',
      { steps: [packages, file('a', { validate: ['/bin/true'] })] },
      'spec.steps.settings.file.validate: without {{ file }} it looks at nothing of the new file.',
    ],
    [
      'a value in the command of a probe',
      { probes: [{ name: 'p', command: { run: ['/bin/a', '{{ binding.database }}'] } }] },
      'spec.probes.p.command.run: {{ binding.database }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'a value in the name of an extension',
      {
        steps: [
          packages,
          {
            name: 'x',
            database: { engine: 'PostgreSQL', extension: { name: '{{ parameters.a }}', database: 'postgres' } },
          },
        ],
      },
      'spec.steps.x.database.extension.name: {{ parameters.a }} may not be an argument; there may be {{ line }}, {{ interface.port }}.',
    ],
    [
      'a path that leads elsewhere',
      { steps: [packages, file('a', { path: '/srv/../etc/shadow' })] },
      'spec.steps.settings.file.path: /srv/../etc/shadow leads elsewhere than it seems.',
    ],
    [
      'two steps with one path',
      { steps: [packages, file('a'), { name: 'again', directory: { path: '/etc/a.conf' } }] },
      'spec.steps.again.directory.path: /etc/a.conf is what step settings makes already.',
    ],
    [
      'a file that everybody may write',
      { steps: [packages, file('a', { mode: '0666' })] },
      'spec.steps.settings.file.path: mode 0666 lets everybody write what the provider answers for.',
    ],
    [
      "an account of the provider's",
      { steps: [packages, { name: 'user', systemUser: { name: 'root' } }] },
      'spec.steps.user.systemUser.name: root is an account of the system or of the provider.',
    ],
    [
      'a unit of Steward',
      { steps: [packages, { name: 'own', unit: { name: 'steward-runner.service' } }] },
      'spec.steps.own: unit steward-runner.service is Steward’s own.',
    ],
    [
      'nothing but an open port',
      { probes: [{ name: 'open', tcp: { port: 5432 } }] },
      'spec.probes: an open port does not say that the application works; one of them must be of type sql, keyValue, http or command.',
    ],
  ])('%s', (_, spec, fault) => {
    expect(check(spec)).toContain(fault);
  });

  it.each([
    '/etc/steward/node-exporter',
    '/var/lib/steward/keys',
    '/etc/sudoers',
    '/etc/sudoers.d/90-app',
    '/etc/passwd',
    '/etc/shadow',
    '/root/.bashrc',
    '/home/app/.ssh/authorized_keys',
    '/srv/authorized_keys2',
    '/etc/ssh/sshd_config.d/app.conf',
    '/etc/pam.d/sshd',
    '/etc/ld.so.preload',
    '/etc/systemd/system/steward-exporter.service',
  ])('AP-9: the file %s, by which others come in', path => {
    const steps = [packages, file('a', { path })];
    expect(check({ steps })).toEqual([`spec.steps.settings.file.path: ${path} is not an application’s to write.`]);
  });

  it.each([
    [['/srv/a', '/srv/a/b'], 'spec.backup.folders: /srv/a/b is in /srv/a, and would be dumped twice.'],
    [['/srv/../etc'], 'spec.backup.folders: /srv/../etc has . or .. in it.'],
    ...['/var', '/var/lib/steward/dumps', '/home/app', '/proc'].map((folder): [string[], string] => [
      [folder],
      `spec.backup.folders: ${folder} is, is in or holds a folder whose contents are not dumped: one of /proc, /sys, /dev, /run, /var/run, /tmp, /var/tmp, /home, /root, /var/lib/steward, /var/lib/steward-prove.`,
    ]),
  ])('AP-13: the folders %j', (folders, fault) => {
    expect(check({ backup: { engine: 'Files', folders } })).toEqual([fault]);
    expect(check({ backup: { engine: 'Files', folders: ['/srv/a', '/srv/ab', '/var/www'] } })).toEqual([]);
  });

  it('two faults at once', () => {
    expect(check({ conflicts: ['postgresql'], modules: [{ name: 'a' }] })).toHaveLength(2);
  });
});

/** Texts that look like parts of a Product, and like what would break out of one. */
const hostile = fc.oneof(
  fc.constantFrom(
    '{{ line }}',
    '{{ parameters.a }}',
    '{{ file }}',
    '{{',
    '/etc/../a',
    '(a+)+',
    '[',
    "'",
    '$(x)',
    '__proto__',
  ),
  fc.constantFrom('app', 'a', 'postgres', 'x.service', '0666', 'PostgreSQL', 'Plain', 'Text', 'Bytes', '-1', '9Pi'),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

describe('AP-1: a hostile Product', () => {
  it('is refused by its schema, told its faults in sentences of one line, or has a plan, whatever it says', () => {
    const mostly = <T>(right: T, wrong: fc.Arbitrary<T>) =>
      fc.oneof({ weight: 4, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
    const name = mostly('a', fc.constantFrom('b', 'constructor'));
    const parameters = fc.array(
      fc.oneof(
        fc.record({ name, type: fc.constant('Text'), default: hostile, pattern: mostly('[a-z]*', hostile) }),
        fc.record({
          name,
          type: fc.constantFrom('Integer', 'Switch', 'Bytes'),
          default: fc.oneof(hostile, fc.constantFrom('1', 'on')),
        }),
      ),
      { maxLength: 1 },
    );
    const content = fc.oneof(hostile, fc.constantFrom('a = {{ parameters.a }}\n', 'port = {{ interface.port }}\n'));
    const files = fc.record({
      path: mostly('/a', hostile),
      content,
      format: fc.constantFrom('PostgreSQL', 'Plain'),
      unit: fc.constant(UNIT),
      onChange: mostly('Restart', fc.constant('Reload')),
    });
    const step = fc.oneof(
      fc.record({ name, file: files }),
      fc.record({ name, file: files }),
      fc.record({ name, command: fc.record({ run: fc.array(hostile), unless: fc.array(hostile) }) }),
      fc.record({ name, waitFor: fc.record({ probe: name }) }),
    );
    const anything = fc.record({
      parameters: parameters.map(each => each.map(one => ({ ...one, apply: 'Restart' }))),
      modules: mostly<object[]>([], fc.constant([{ name: 'a' }])),
      interface: fc.constant(face),
      steps: fc.array(step, { maxLength: 3 }).map(each => [packages, server, login, data, ...each]),
    });
    let [read, carriedOut] = [0, 0];
    fc.assert(
      fc.property(anything, spec => {
        const { data: known } = ProductSpec.safeParse({ ...product().spec, ...spec });
        if (known === undefined) return;
        read += 1;
        const entry = { ...product(), spec: known };
        const faults = faultsOf(entry);
        for (const fault of faults) expect(fault).toMatch(/^spec\.[^\n\0]*[.…]$/);
        const { parameters } = readParameters(known, undefined);
        if (parameters === undefined) return;
        const { problems = [] } = planOf({
          product: entry,
          application: application(),
          parameters,
          verifiers: VERIFIERS,
        });
        if (faults.length > 0) return;
        carriedOut += 1;
        expect(problems).toEqual([]);
      }),
      { numRuns: 600 },
    );
    expect(read).toBeGreaterThan(30);
    expect(carriedOut).toBeGreaterThan(1);
  });
});
