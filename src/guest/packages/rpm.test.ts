import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dnf } from './dnf.ts';
import { MARK } from './prelude.ts';
import {
  DNF_SCAN,
  DNF_SCRIPT_FAILED,
  DNF5_SCAN,
  DNF5_SCRIPT_FAILED,
  RPM_OTHERS,
  RPM_PREFLIGHT,
  ZYPPER_SCAN,
  zypperEnded,
} from './rpm.fixtures.ts';
import { zypper } from './zypper.ts';

const AT = new Date('2026-11-29T03:00:00Z');
const FAMILIES = [
  ['dnf 4', dnf, DNF_SCAN],
  ['dnf 5', dnf, DNF5_SCAN],
  ['zypper', zypper, ZYPPER_SCAN],
] as const;

describe.each(FAMILIES)('%s', (_, family, scan) => {
  const read = (text: string) => family.readScan(text, AT);

  it('MO-10: is read as it answered: for security, how grave, and held', () => {
    const found = read(scan);
    expect(found).toMatchObject({ at: AT, complete: true, rebootPending: false });
    expect(found?.updates.map(each => [each.package, each.to, each.security, each.severity, each.hindrance])).toEqual([
      ['bad', '2-1', false, 'Unknown', undefined],
      ['boot', '2-1', true, 'Critical', undefined],
      ['held', '2-1', false, 'Unknown', 'Held'],
      ['plain', '2-1', false, 'Unknown', undefined],
      ['urgent', '3-1', true, 'Important', undefined],
    ]);
    expect(found?.updates[1]?.advisories).toEqual([
      { id: 'ADV-3', severity: 'Critical', issued: '2026-11-02T00:00:00Z' },
    ]);
  });

  it('MO-10: of a repository without advisories it is not known what is for security', () => {
    const without = scan.replace(/tells \S+/, 'tells other');
    expect(read(without)?.updates.map(each => each.security)).toEqual([undefined, true, undefined, false, true]);
  });

  it.each([
    ['a source failed', 'sources 0 0', 'sources 1 1'],
    ['a repository was left out', 'sources 0 0', 'sources 106 0'],
    ['not all are told', 'more 0', 'more 2'],
    ['it found no answer', 'reboot no', 'unsolved'],
    ['the database could not be read', 'reboot no', 'unread'],
  ])('is not complete where %s', (_why, from, to) => {
    expect(read(scan.replace(from, to))?.complete).toBe(false);
  });

  it.each([
    ['a part of it', scan.slice(0, -3)],
    ['with an update of too many words', scan.replace('2-1 updates', '2-1 updates more')],
    ['without a system', scan.replace(/system .*/, 'other')],
  ])('says nothing where it is %s', (_why, text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    ['sources 0 0', 'sources 4 1', 'Not all package sources could be read (1 failed).'],
    ['space /var 8382424', 'space /var 1024', '/var has 1 MiB free, and 201 MiB are needed.'],
    ['reboot no', 'state half.noarch', 'The package database is broken: half.noarch stands in it twice.'],
    ['reboot no', 'unread', 'The package database cannot be read.'],
    ['reboot no', 'lock /var/lib/rpm/.rpm.lock 17 cnBt', 'The package manager is in use by process 17 (rpm).'],
    ['reboot no', 'updater os-update.timer', "The guest's own updater is on: os-update.timer."],
  ])('GE-9: %s, changed into %s, stands in the way', (from, to, why) => {
    expect(family.readPreflight(RPM_PREFLIGHT)?.blockers).toEqual([]);
    expect(family.readPreflight(RPM_PREFLIGHT.replace(from, to))?.blockers).toEqual([why]);
  });

  it('MO-11: an install that would change something else is refused, and says what', () => {
    expect(family.readInstall(RPM_OTHERS, 0)).toEqual({
      failure: 'packages would change that are not approved: along 1-1',
      reasons: new Map([
        ['plain', 'the sources do not have this version any more'],
        ['never', 'it is not installed, and only updates are'],
      ]),
      newer: new Set(),
      brought: new Map(),
      repaired: undefined,
      kept: [],
    });
    expect(family.readInstall(RPM_OTHERS, 73)).toBeUndefined();
    expect(family.readBack(RPM_OTHERS)).toMatchObject({
      ...{ installed: new Map([['boot', '1-1']]), healthy: true, rebootPending: false },
    });
  });

  it.each(['-o', 'a;reboot', 'a b', '__proto__', '$(reboot)', '', '*'])(
    'a package named %j is never asked for',
    name => {
      expect(() => family.installScript([{ package: name, version: '1-1' }])).toThrow(RangeError);
    },
  );

  it.each(['1', '1-', '-1', '1-1;reboot', '1 1', '*-1'])('a version %j is never asked for', version => {
    expect(() => family.readBackScript([{ package: 'name', version }])).toThrow(RangeError);
  });

  const kinds = [
    'update',
    'advisory',
    'affects',
    'tells',
    'held',
    'hindered',
    'installed',
    'pin',
    'extra',
    'error',
    'space',
    'lock',
    'state',
    'releasever',
    'exit',
    'refused',
  ];
  const line = fc.oneof(
    fc.constantFrom(...[scan, RPM_PREFLIGHT, RPM_OTHERS].flatMap(text => text.trimEnd().split('\n').slice(0, -1))),
    fc.tuple(fc.constantFrom(...kinds), fc.string()).map(words => `${MARK} ${words.join(' ')}`),
    fc.constantFrom(`${MARK} update __proto__ noarch 1-1 2-1 updates`, `${MARK} installed constructor 1-1`),
  );
  it('whatever it says, no reader throws, and nothing it gives on is unbounded or has a character that no line has', () => {
    const plain = (words: string) => expect(words).toMatch(/^[^\p{Cc}\p{Cf}]{0,1000}$/u);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), lines => {
        const text = [...lines, `${MARK} end ${lines.length}`].join('\n');
        for (const { package: name, to, origins } of read(text)?.updates ?? []) [name, to, ...origins].forEach(plain);
        family.readPreflight(text)?.blockers.forEach(plain);
        const install = family.readInstall(text, 0);
        [install?.failure ?? '', ...(install?.reasons.values() ?? []), ...(install?.kept ?? [])].forEach(plain);
        family.readBack(text)?.installed.forEach(plain);
      }),
    );
  });
});

describe('what an exit status means', () => {
  it.each([
    [0, undefined],
    [7, 'the package manager was in use (status 7)'],
    [8, 'zypper did not install all of it (status 8)'],
    [100, 'zypper ended with status 100'],
    [101, 'zypper ended with status 101'],
    [102, undefined],
    [103, undefined],
    [104, 'zypper found a package or version not there (status 104)'],
    [105, 'zypper was ended by a signal (status 105)'],
    [106, 'zypper left out a repository that it could not read (status 106)'],
    [107, "a package's script failed (status 107)"],
  ])('of zypper: %d', (status, failure) => {
    expect(zypper.readInstall(zypperEnded(status), 0)).toMatchObject({ failure, reasons: new Map() });
  });

  it('of dnf is not believed where a script failed: rpm counts the package as installed', () => {
    expect(dnf.readInstall(DNF_SCRIPT_FAILED, 0)?.failure).toBe(
      "a package's script failed: warning: %post(bad-2-1.noarch) scriptlet failed, exit status 7",
    );
    expect(dnf.readInstall(DNF5_SCRIPT_FAILED, 0)?.failure).toBe(
      "dnf ended with status 1: a package's script failed: >>> [RPM] %post(bad-2-1.noarch) scriptlet failed, exit status 7",
    );
    expect(dnf.readInstall(zypperEnded(1), 0)?.failure).toBe('dnf ended with status 1');
    expect(dnf.readInstall(zypperEnded(200), 0)?.failure).toBe('the package manager was in use (status 200)');
  });

  it.each(['dnf -', 'other', 'dnf 4\nsteward-packages dnf 5'])(
    'of a dnf that nobody has met is read nothing: %j',
    said => {
      const answer = (text: string) =>
        text.replace('dnf 4', said).replace(/end \d+/, `end ${text.replace('dnf 4', said).split('\n').length - 2}`);
      expect(dnf.readScan(answer(DNF_SCAN), AT)).toMatchObject({ complete: false });
      expect(dnf.readPreflight(answer(RPM_PREFLIGHT))?.blockers).toEqual([
        'The guest has neither dnf 4 nor dnf 5: Steward patches by no other.',
      ]);
    },
  );

  it('of advisories of dnf 5 each is told, and what it leaves out is not known', () => {
    const told = DNF5_SCAN.replace('Important 1793577600', '- -').replace('ADV-2 bugfix', 'ADV-2 -');
    const updates = dnf.readScan(told, AT)?.updates ?? [];
    expect(updates.find(each => each.package === 'urgent')).toMatchObject({
      ...{ security: true, severity: 'Unknown', advisories: [{ id: 'ADV-1', severity: 'Unknown' }] },
    });
    expect(updates.find(each => each.package === 'plain')).toMatchObject({ security: false });
  });

  it('GE-11: dnf with the release of another system stands in the way; the minor one may differ', () => {
    const blockers = (release: string) =>
      dnf.readPreflight(RPM_PREFLIGHT.replace('releasever 9', `releasever ${release}`))?.blockers;
    expect([blockers('9'), blockers('9.5')]).toEqual([[], []]);
    expect(blockers('10')?.[0]).toMatch(/^dnf takes packages of release 10, and the guest is 9\.4: .*\(GE-11\)\.$/);
  });
});
