import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredGuest } from '../../domain/guest/desired.ts';
import { readLook } from './readlook.ts';
import { desired } from './settings.fixtures.ts';
import { settingsOf } from './settings.ts';

const boot = '8b0a7e7e-3f0c-4d7c-9a53-1f6a7c6f2b11';
const key = `SHA256:${'A'.repeat(43)}`;
const names = settingsOf(desired).map(({ name }) => name);
const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** What the script says: its lines without nonce and without the last. */
function said(changes: Readonly<Record<string, string>> = {}, more: readonly string[] = []): string[] {
  return [`boot ${boot}`, ...names.map(name => `set ${name} ${changes[name] ?? 'kept -'}`), ...more];
}

const output = (lines: readonly string[], nonce = 'n1'): string =>
  [...lines, `end ${lines.length}`].map(line => `${nonce} ${line}\n`).join('');
const read = (lines: readonly string[]) => readLook(output(lines), 'n1', desired);

describe('what a guest says of its settings', () => {
  it('is read whole, with what differs in words', () => {
    const look = read(
      said({ 'account:kim': `differs ${encoded('it has a password')}`, time: `failed ${encoded('late')}` }, [
        `login steward yes yes ${key}`,
        'login kim no no -',
        `foreign Account ${encoded('mallory')} ${encoded('uid 0')} 1700000000`,
        `foreign SudoRule ${encoded('/etc/sudoers.d/x')} - -`,
      ]),
    );
    expect(look?.bootId).toBe(boot);
    expect(look?.settings.map(({ setting }) => setting)).toEqual(names);
    expect(look?.settings.filter(({ standing }) => standing !== 'Kept')).toEqual([
      { setting: 'account:kim', standing: 'Differs', found: 'it has a password' },
      { setting: 'time', standing: 'Failed', found: 'late' },
    ]);
    expect(look?.access).toEqual([
      { name: 'steward', login: true, administrator: true, keys: [key] },
      { name: 'kim', login: false, administrator: false, keys: [] },
    ]);
    expect(look?.foreign).toEqual([
      { kind: 'Account', name: 'mallory', detail: 'uid 0', changed: new Date(1_700_000_000_000) },
      { kind: 'SudoRule', name: '/etc/sudoers.d/x', detail: '' },
    ]);
  });

  it('MO-12: tells lines of its log where they were asked for, and means nothing where it tells them unasked', () => {
    const lines = said({}, [`told 1700000000 oom_kill ${encoded('Killed process 12')}`]);
    const asked = { ...desired, lines: true };
    const found = [{ at: new Date(1_700_000_000_000), event: 'oom_kill', text: 'Killed process 12' }];
    expect(readLook(output(lines), 'n1', asked)?.lines).toEqual(found);
    expect(readLook(output(said()), 'n1', asked)?.lines).toEqual([]);
    expect(read(lines)).toBeUndefined();
  });

  it('names whom Steward noted once, and never the provider, the system, or one who is ordered or known', () => {
    const noted = ['ben', 'zoe', 'steward', 'root', 'daemon', 'nobody', 'systemd-x', 'kim', 'old', 'zoe'];
    const look = read(
      said(
        {},
        noted.map(name => `noted ${name}`),
      ),
    );
    expect(look?.noted).toEqual(['zoe']);
  });

  it('is found amid whatever else a login shell says', () => {
    const noise = `Welcome\r\n\u001b[2J\nn1\nn12 boot x\n`;
    expect(readLook(`${noise}${output(said())}bye`, 'n1', desired)).toBeDefined();
  });

  const whole = said({}, [`login kim yes no ${key}`, `foreign Key ${encoded('a')} - 1`]);
  it.each<[string, readonly string[]]>([
    ['says nothing', []],
    ['leaves a setting out', whole.filter(line => !line.startsWith('set exporter '))],
    ['says a setting twice', [...whole.slice(0, 3), ...whole.slice(2)]],
    ['turns two settings round', [...whole.slice(0, 2), ...whole.slice(2, 4).toReversed(), ...whole.slice(4)]],
    ['has a setting of its own', whole.map(line => line.replace('set exporter', 'set __proto__'))],
    ['has a standing of its own', whole.map(line => line.replace('exporter kept', 'exporter toString'))],
    ['says a word too much', whole.map(line => line.replace('exporter kept -', 'exporter kept - -'))],
    ['says what is kept differs in words', whole.map(line => line.replace('exporter kept -', 'exporter kept AAAA'))],
    ['says that something differs, not what', whole.map(line => line.replace('exporter kept', 'exporter differs'))],
    ['speaks no base64', whole.map(line => line.replace('exporter kept -', 'exporter differs A$A='))],
    ['has a long word', said({ exporter: `differs ${'A'.repeat(400)}` })],
    ['has no boot', whole.map(line => line.replace(boot, 'x'))],
    ['names an account twice', [...whole.slice(0, -1), `login kim no no -`]],
    ['names an account with a slash', said({}, ['login ../kim no no -'])],
    ['names a key that is none', said({}, ['login kim yes no SHA256:short'])],
    ['names more keys than are told', said({}, [`login kim yes no ${Array(33).fill(key).join(',')}`])],
    [
      'names more accounts than are told',
      said(
        {},
        Array.from({ length: 65 }, (_, index) => `login a${index} no no -`),
      ),
    ],
    ['notes what is no name', said({}, ['noted ../ben'])],
    ['notes two at once', said({}, ['noted zoe max'])],
    ['notes more than are told', said({}, Array(33).fill('noted zoe'))],
    ['has a foreign thing of its own kind', said({}, [`foreign constructor ${encoded('a')} - -`])],
    ['has a foreign thing without a name', said({}, ['foreign Key - - -'])],
    ['has a time that is none', said({}, [`foreign Key ${encoded('a')} - 1e400`])],
    ['says a kind of line that there is not', said({}, ['eval x'])],
    ['says more lines than there are', said({}, Array(500).fill(`foreign Key ${encoded('a')} - -`))],
    ['has control characters', whole.map(line => line.replace('kept -', 'kept\t-'))],
    ['has a line of a megabyte', [...whole, `foreign Key ${encoded('x'.repeat(1_000_000))} - -`]],
  ])('is nothing where it %s', (_, lines) => {
    expect(read(whole)).toBeDefined();
    expect(read(lines)).toBeUndefined();
  });

  describe('with applications', () => {
    const probes = ['works', 'listens'].map(name => ({ type: 'tcp' as const, name, port: 1, timeoutSeconds: 1 }));
    const plan = { uid: 'uid', present: true, steps: [], probes, versionOf: 'a' };
    const two: DesiredGuest = {
      ...desired,
      applications: ['shop', 'wiki'].map(application => ({ ...plan, application })),
    };
    const readTwo = (...versions: readonly string[]) => {
      const settings = settingsOf(two).map(({ name }) => `set ${name} kept -`);
      return readLook(output([`boot ${boot}`, ...settings, ...versions, 'login kim yes no -']), 'n1', two);
    };

    it('AP-1, AP-11: tells which version of each is installed, and which probes fail', () => {
      const look = readTwo('application shop 1:17.12-0+deb13u1~a -', 'application wiki - works,listens');
      expect(look?.applications).toEqual([
        { name: 'shop', version: '1:17.12-0+deb13u1~a', failing: [] },
        { name: 'wiki', failing: ['works', 'listens'] },
      ]);
    });

    it('AP-13: tells what is recorded of the dumps of one that is dumped, and of no other', () => {
      const dumping = { engine: 'PostgreSQL' as const, everyHours: 24, proveEveryDays: 7, keep: 2 };
      const backup = { ...dumping, dumpMinutes: 60, proofMinutes: 60 };
      const [shop, wiki] = two.applications;
      const one = { ...two, applications: [{ ...shop, backup }, wiki] } as DesiredGuest;
      const settings = settingsOf(one).map(({ name }) => `set ${name} kept -`);
      const readOne = (...records: readonly string[]) =>
        readLook(
          output([`boot ${boot}`, ...settings, 'application shop 1 -', 'application wiki 1 -', ...records]),
          'n1',
          one,
        );
      const last = { at: new Date(1000), bytes: 2, tookSeconds: 3, databases: 4, tables: 5, rows: 6 };
      expect(readOne('backup shop last 1 2 3 4 5 6')?.applications).toEqual([
        { name: 'shop', version: '1', failing: [], backup: { last } },
        { name: 'wiki', version: '1', failing: [] },
      ]);
      expect(readOne()?.applications[0]).not.toHaveProperty('backup');
      expect(readOne('backup wiki last 1 2 3 4 5 6')).toBeUndefined();
      expect(readOne('backup shop last 1 2 3 4 5')).toBeUndefined();
      expect(readOne(`backup shop failed 1 ${encoded('a\u001bb')}`)?.applications[0]?.backup?.failed?.what).toBe('a b');
    });

    it.each([
      ['is said of one only', ['application shop 1 -']],
      ['is said the other way round', ['application wiki 1 -', 'application shop 1 -']],
      ['is said of one twice', ['application shop 1 -', 'application shop 1 -']],
      ['is said of a third', ['application shop 1 -', 'application wiki 1 -', 'application __proto__ 1 -']],
      ['has a word too much', ['application shop 1 - 2', 'application wiki 1 -']],
      ['has a quotation mark', ['application shop "1" -', 'application wiki 1 -']],
      ['has a probe that there is not', ['application shop 1 others', 'application wiki 1 -']],
      ['has no word of probes', ['application shop 1', 'application wiki 1 -']],
      ['is long', [`application shop ${'1'.repeat(65)} -`, 'application wiki 1 -']],
    ])('is nothing where a version %s', (_, lines) => {
      expect(readTwo('application shop 1 -', 'application wiki 1 -')).toBeDefined();
      expect(readTwo(...lines)).toBeUndefined();
    });
  });

  it('is nothing where it is cut off anywhere', () => {
    const text = output(whole);
    for (let length = 0; length < text.length - 1; length++)
      expect(readLook(text.slice(0, length), 'n1', desired)).toBeUndefined();
  });

  it('is nothing where it was said to somebody else, or of another order', () => {
    expect(readLook(output(whole, 'n2'), 'n1', desired)).toBeUndefined();
    expect(readLook(output(whole), 'n1', { ...desired, former: [...desired.former, 'mallory'] })).toBeUndefined();
  });

  it('is nothing where somebody says it twice', () => {
    expect(readLook(output(whole) + output(whole), 'n1', desired)).toBeUndefined();
  });

  it('carries no control character, no direction of writing, no password of a URL, whatever the guest writes', () => {
    const found = (text: string) =>
      read(said({ exporter: `differs ${encoded(text)}` }))?.settings.find(({ setting }) => setting === 'exporter')
        ?.found;
    expect(found('\u001b[31mred\u0000\u202E\n x')).toBe('[31mred x');
    expect(found('https://kim:hunter2@example.org/')).not.toContain('hunter2');
    expect(found('\u001b\u0000')).toBe('?');
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), text => {
        const words = found(text === '' ? 'x' : text) ?? '';
        expect(words).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(words.length).toBeLessThanOrEqual(256);
      }),
    );
  });

  it('never throws, whatever comes, and what is read fits into a GuestState', () => {
    const word = fc.oneof(
      fc.constantFrom('__proto__', 'constructor', '-', 'yes', 'kept', 'differs', key, encoded('x'), boot, 'steward'),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const line = fc.array(word, { maxLength: 6 }).map(words => words.join(' '));
    const hostile: DesiredGuest = { ...desired };
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.nat(40), (lines, at) => {
        const mixed = [...whole.slice(0, at), ...lines, ...whole.slice(at)];
        for (const text of [output(lines), output(mixed), lines.join('\n')]) {
          const look = readLook(text, 'n1', hostile);
          for (const { name, detail } of look?.foreign ?? []) {
            expect(name.length).toBeLessThanOrEqual(128);
            expect(detail.length).toBeLessThanOrEqual(256);
          }
        }
      }),
    );
  });
});
