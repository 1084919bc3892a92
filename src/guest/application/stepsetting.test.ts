import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApplicationPlan, PlanProbe, PlanStep, PlanUpdate } from '../../domain/contract/applicationplan.ts';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { healScript } from '../settings/healscript.ts';
import { lookScript } from '../settings/lookscript.ts';
import { desired } from '../settings/settings.fixtures.ts';
import { settingsOf } from '../settings/settings.ts';
import { settingsOfPlan, settingsOfPlans } from './stepsetting.ts';

const PROBE = { type: 'sql', name: 'transaction', engine: 'PostgreSQL', transaction: true, timeoutSeconds: 5 } as const;

/** One step of each type. */
const STEPS: readonly PlanStep[] = [
  { type: 'systemUser', name: 'user', login: 'shop', home: '/srv/shop' },
  { type: 'directory', name: 'folder', path: '/srv/shop', owner: 'shop', group: 'shop', mode: '0750' },
  {
    ...{ type: 'package', name: 'packages', packages: ['postgresql-17', 'libpq5'] },
    update: { version: '17.12-0+deb13u1', ports: [5432], withinSeconds: 120, notAfter: '2026-12-01T05:00:00Z' },
  },
  {
    ...{ type: 'file', name: 'settings', path: '/etc/shop/shop.conf', owner: 'root', group: 'shop', mode: '0640' },
    ...{
      content: 'port = 1\n',
      validate: ['check', '--file={{ file }}'],
      change: { unit: 'shop.service', how: 'Reload' },
    },
  },
  { type: 'unit', name: 'server', unit: 'shop@17-main.service' },
  { type: 'waitFor', name: 'answers', probe: PROBE, timeoutSeconds: 60 },
  { type: 'role', name: 'login', engine: 'PostgreSQL', role: 'shop', verifier: 'SCRAM-SHA-256$4096:a$b:c' },
  { type: 'database', name: 'database', engine: 'PostgreSQL', database: 'shop', owner: 'shop' },
  { type: 'extension', name: 'module', engine: 'PostgreSQL', database: 'shop', extension: 'pg_trgm' },
  {
    ...{ type: 'command', name: 'once', run: ['make', 'it so'], unless: ['is', 'it so?'], runAs: 'shop' },
    ...{ timeoutSeconds: 60, safeToRepeat: false },
  },
  { type: 'firewallPort', name: 'port', port: 5432 },
];
const KEYS: PlanProbe = {
  ...{ type: 'keyValue', name: 'keys', socket: '/run/x.sock', username: 'steward', passwordFile: '/etc/x/secret' },
  timeoutSeconds: 5,
};
const PLAN: ApplicationPlan = {
  ...{ application: 'shop-db', uid: 'uid', present: true, steps: [...STEPS], versionOf: 'postgresql-17' },
  probes: [
    PROBE,
    { type: 'tcp', name: 'port', port: 5432, timeoutSeconds: 5 },
    KEYS,
    { type: 'http', name: 'page', port: 80, path: '/', status: 200, timeoutSeconds: 5 },
    { type: 'command', name: 'ping', run: ['cli', 'ping'], output: 'PONG', timeoutSeconds: 5 },
  ],
};

const waiting = (change: object): PlanStep => ({
  ...{ type: 'waitFor', name: 'works', timeoutSeconds: 5 },
  probe: { ...KEYS, ...change } as PlanProbe,
});
const updated = (change: Partial<PlanUpdate>): PlanStep => ({
  ...{ type: 'package', name: 'a', packages: ['a'] },
  update: { version: '1', ports: [1], withinSeconds: 1, ...change },
});
const withPlans = (...applications: readonly ApplicationPlan[]): DesiredGuest => ({ ...desired, applications });
const withStep = (step: PlanStep): ApplicationPlan => ({ ...PLAN, steps: [step] });
const namesOf = (plan: ApplicationPlan) => settingsOfPlan(plan).map(({ name }) => name);

describe('the settings of an application', () => {
  const names = [...STEPS.map(({ name }) => name), 'probes', 'backup'].map(name => `app:shop-db:${name}`);

  it('AP-1: are one for each step, in order, one for the probes and one for the dumps', () => {
    expect(namesOf(PLAN)).toEqual(names);
  });

  it('AP-9: are the same the other way round where it is to go, and those that hold data do nothing', () => {
    expect(namesOf({ ...PLAN, present: false })).toEqual(names.toReversed());
    const idle = settingsOfPlan({ ...PLAN, present: false }).filter(({ heal }) => heal === ':');
    expect(idle.map(({ name }) => name.split(':')[2]).toSorted()).toEqual([
      'answers',
      'database',
      'folder',
      'login',
      'module',
      'once',
      'user',
    ]);
  });

  it('AP-9: leave to another application what it needs, and come after those that go', () => {
    const going = { ...PLAN, present: false };
    const staying = {
      ...PLAN,
      application: 'other',
      steps: STEPS.filter(({ type }) => type === 'package' || type === 'unit'),
    };
    const settings = settingsOfPlans([staying, going]);
    expect(settings[0]?.name).toBe('app:shop-db:backup');
    const heals = new Map(settings.map(({ name, heal }) => [name, heal]));
    expect(heals.get('app:shop-db:packages')).toBe(':');
    expect(heals.get('app:shop-db:server')).toBe(':');
    expect(heals.get('app:shop-db:settings')).toMatch(/^heal_no_owned/);
    const part: ApplicationPlan = { ...staying, steps: [{ type: 'package', name: 'packages', packages: ['libpq5'] }] };
    const rest = settingsOfPlans([part, going]).find(({ name }) => name === 'app:shop-db:packages');
    expect(rest?.heal).toMatch(/\nheal_no_packages postgresql-17$/);
  });

  it('purge nothing: data are the customer’s', () => {
    const going = withPlans({ ...PLAN, present: false });
    const heal = healScript(going, ['app:shop-db:packages']);
    expect(heal).toContain('AutomaticRemove=false remove "$@"');
    expect(heal.slice(heal.indexOf('heal_0()'))).not.toMatch(/purge|uninstall/);
  });

  it('have nothing pass for right that an engine does not have', () => {
    const step = { type: 'extension', name: 'module', engine: 'MariaDB', database: 'a', extension: 'b' } as const;
    const [setting] = settingsOfPlan(withStep(step));
    expect(setting).toMatchObject({ look: 'failed "MariaDB has no extensions of a database"' });
  });

  it.each<[string, Partial<ApplicationPlan>]>([
    ['a name with a space', { application: 'a b' }],
    ['a name of 41 characters', { application: 'a'.repeat(41) }],
    ['a name with a colon', { application: 'a:b' }],
    ['a step of 33 characters', { steps: [{ type: 'package', name: 'a'.repeat(33), packages: ['a'] }] }],
    ['two steps of one name', { steps: [...STEPS, ...STEPS.slice(0, 1)] }],
    ['a step that is called as the probes are', { steps: [{ type: 'package', name: 'probes', packages: ['a'] }] }],
    ['a package that is an option', { steps: [{ type: 'package', name: 'a', packages: ['--purge'] }] }],
    ['a version that is an option', { steps: [updated({ version: '-o=x' })] }],
    ['a version of two words', { steps: [updated({ version: '1 2' })] }],
    ['an instant that is none', { steps: [updated({ notAfter: '$(id)' })] }],
    ['a port to close that is none', { steps: [updated({ ports: [0] })] }],
    ['a path that climbs', { steps: [{ ...STEPS[1], path: '/srv/../etc' } as PlanStep] }],
    ['a path that is relative', { steps: [{ ...STEPS[1], path: 'srv' } as PlanStep] }],
    ['a path with a quote', { steps: [{ ...STEPS[1], path: "/srv/a'b" } as PlanStep] }],
    ['a unit that is a slice', { steps: [{ type: 'unit', name: 'a', unit: 'user.slice' }] }],
    ['an owner that is a command', { steps: [{ ...STEPS[1], owner: '$(id)' } as PlanStep] }],
    ['a mode with the s-bit', { steps: [{ ...STEPS[1], mode: '4755' } as PlanStep] }],
    ['a port that is none', { steps: [{ type: 'firewallPort', name: 'a', port: 65_536 }] }],
    ['the role of the administrator', { steps: [{ ...STEPS[6], role: 'postgres' } as PlanStep] }],
    ['the database of the probes', { steps: [{ ...STEPS[7], database: 'steward' } as PlanStep] }],
    ['a verifier that MariaDB does not know', { steps: [{ ...STEPS[6], engine: 'MariaDB' } as PlanStep] }],
    ['the administrator of MariaDB', { steps: [{ ...STEPS[7], engine: 'MariaDB', owner: 'root' } as PlanStep] }],
    ['a NUL in an argument', { steps: [{ ...STEPS[9], run: ['a\0b'] } as PlanStep] }],
    ['a NUL in a verifier', { steps: [{ ...STEPS[6], verifier: 'a\0b' } as PlanStep] }],
    ['a version of no package', { versionOf: '$(id)' }],
    ['a socket that is a command', { steps: [waiting({ socket: '/run/$(id)' })] }],
    ['a password of a command', { steps: [waiting({ passwordFile: '/etc/`id`' })] }],
    ['a user that is an option', { steps: [waiting({ username: '-h' })] }],
  ])('are not of a plan with %s', (_, change) => {
    const plans = [{ ...PLAN, ...change }];
    expect(() => lookScript(withPlans(...plans), 'n1', new Date(0))).toThrow(RangeError);
  });
});

describe('the scripts of a guest', () => {
  it('AP-1: have nothing of applications in them where there is none', () => {
    const all = settingsOf(desired).map(({ name }) => name);
    for (const script of [lookScript(desired, 'n1', new Date(0)), healScript(desired, all)])
      expect(script).not.toMatch(/heal_in|look_owned|heal_owned|psql|tell_version|package_version/);
    const one = lookScript(withPlans(PLAN), 'n1', new Date(0));
    expect(one.length).toBeLessThan(lookScript(desired, 'n1', new Date(0)).length + 25_000);
  });

  it.each(['apt', 'dnf', 'zypper'] as const)(
    'AP-1: are sh for %s, where an application comes and where it goes',
    packageManager => {
      for (const present of [true, false]) {
        const guest = { ...withPlans({ ...PLAN, present }), packageManager };
        const names = settingsOf(guest).map(({ name }) => name);
        for (const script of [lookScript(guest, 'n1', new Date(0)), healScript(guest, names)])
          execFileSync('/bin/sh', ['-n'], { input: script });
      }
    },
  );
});

/** A shell in which every function of ours only says how it was called, one argument a line, in base64. */
function calls(body: string): readonly (readonly string[])[] {
  const names = ['heal_owned', 'heal_sql', 'heal_command', 'validate_called', 'limit', 'timeout'];
  const say = `{ printf '%s' "$NAME"; for each in "$@"; do printf ' '; printf %s "$each" | base64 -w0; printf .; done; echo; }`;
  const functions = names.map(name => `${name}() ${say.replace('$NAME', name)}`).join('\n');
  const out = execFileSync('/bin/sh', ['-s'], { input: `${functions}\n${body}\n`, encoding: 'utf8' });
  const decoded = (word: string) => Buffer.from(word.replace(/\.$/, ''), 'base64').toString('utf8');
  return out
    .trimEnd()
    .split('\n')
    .map(line => line.split(' '))
    .map(([name = '', ...words]) => [name, ...words.map(decoded)]);
}

/** What breaks out of a shell, of SQL, of base64, of a here-document, or of nothing. */
const hostile = fc
  .oneof(
    fc.constantFrom(
      "'",
      '"',
      '$(touch /tmp/pwned)',
      '`id`',
      '\n',
      '\\',
      "'; drop table a; --",
      '{{ file }}',
      'END',
      '%s',
      '\\gexec',
      ':x',
      '\u202E',
      '-n',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  )
  .chain(first =>
    fc.array(fc.constantFrom(first, "'", ' ', 'x'), { maxLength: 4 }).map(rest => [first, ...rest].join('')),
  )
  .filter(text => !text.includes('\0') && text.isWellFormed() && text !== '');

describe('hostile texts of a plan', () => {
  it('AP-1: come as the content of a file and change nothing else', () => {
    const healOf = (content: string) => settingsOfPlan(withStep({ ...STEPS[3], content } as PlanStep))[0]?.heal ?? '';
    const words = (content: string) => calls(healOf(content))[0] ?? [];
    const usual = words('usual');
    fc.assert(
      fc.property(hostile, content => {
        const said = words(content);
        expect(Buffer.from(said[9] ?? '', 'base64').toString('utf8')).toBe(content);
        const others = (each: readonly string[]) => each.filter((_, index) => index !== 2 && index !== 9);
        expect(others(said)).toEqual(others(usual));
      }),
      { numRuns: 25 },
    );
  });

  it('AP-1: come as arguments of a program, each whole and in its place', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, two) => {
        const [setting] = settingsOfPlan(
          withStep({ ...STEPS[9], runAs: 'root', run: ['make', one, two], unless: ['is', two] } as PlanStep),
        );
        const body = (setting?.heal ?? '').replace(/> \/dev\/null 2>&1/, '');
        const said = calls(`${body}\ncheck\nrun`);
        expect(said.at(-1)).toEqual(['timeout', '-k', '10', '60', 'make', one, two]);
        expect(said.at(-2)).toEqual(['limit', '10', 'is', two]);
      }),
      { numRuns: 25 },
    );
  });

  it('AP-1: come into SQL as one value: no quotation mark of theirs ends it', () => {
    fc.assert(
      fc.property(hostile, verifier => {
        const [setting] = settingsOfPlan(withStep({ ...STEPS[6], verifier } as PlanStep));
        const [name, engine, database, check = ''] = calls(setting?.heal ?? '')[0] ?? [];
        expect([name, engine, database]).toEqual(['heal_sql', 'PostgreSQL', 'postgres']);
        // Read as PostgreSQL reads E'…': what is left without its literals is the same for every value.
        const literals: string[] = [];
        const rest = check.replace(/E?'((?:[^'\\]|''|\\[\s\S])*)'/g, (_, inner: string) => `<${literals.push(inner)}>`);
        expect(rest).toMatch(/^select coalesce\(\(select case\s+when rolpassword is distinct from <1> then <2>/);
        expect(literals[0]?.replaceAll("''", "'").replaceAll('\\\\', '\\')).toBe(verifier);
      }),
      { numRuns: 50 },
    );
  });
});
