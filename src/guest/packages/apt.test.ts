import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { STEP_OUTPUT_BYTES } from '../run/scripts.ts';
import { DISK_FULL, HELD, OTHERS, PREFLIGHT, REPAIRED, SCAN, SCRIPT_FAILED } from './apt.fixtures.ts';
import { apt, readUpdate } from './apt.ts';
import { LINE_BYTES, MARK, MOST_NAMES, MOST_UPDATES } from './prelude.ts';

const AT = new Date('2026-11-29T03:00:00Z');
const scan = (text: string) => apt.readScan(text, AT);
const replaced = (from: string, to: string) => SCAN.replace(from, to);

describe('what apt says of an update', () => {
  it.each([
    ['amd64 libssl3t64 [3.5.1-1] (3.5.4-1~deb13u1 Debian:13.2/stable, Debian-Security:13/stable-security)', true],
    ['amd64 libssl3 [3.0.16-1] (3.0.17-1~deb12u2 Debian-Security:12/oldstable-security)', true],
    ['amd64 tzdata [2026a-0] (2026b-0+deb12u1 Debian:12.15/oldstable)', false],
    ['amd64 libc6 [2.39-0ubuntu8.5] (2.39-0ubuntu8.6 Ubuntu:24.04/noble-updates, Ubuntu:24.04/noble-security)', true],
    ['amd64 vim [2:8.2-1] (2:8.2-1esm1 UbuntuESM:22.04/jammy-infra-security)', true],
    ['amd64 docker-ce [5:28.0] (5:28.1 Docker CE:noble)', false],
  ])('MO-10: %s is for security: %s', (line, security) => {
    expect(readUpdate(line, true)?.security).toBe(security);
    expect(readUpdate(line, false)?.security).toBeUndefined();
  });

  it('is read in all its parts, also of another architecture and of what comes along as new', () => {
    expect(readUpdate('i386 libc6:i386 [2.41-12] (2.41-13 Debian:13.2/stable)', true)).toEqual({
      ...{ package: 'libc6', architecture: 'i386', from: '2.41-12', to: '2.41-13', origins: ['Debian:13.2/stable'] },
      ...{ security: false, severity: 'Unknown', advisories: [] },
    });
    expect(readUpdate('amd64 linux-image-6.12.58 (6.12.58-1 Debian:13.2/stable)', true)?.from).toBeUndefined();
  });

  it('is not known to be for no security where its origins were cut off', () => {
    expect(readUpdate('amd64 a1 [1] (2 Debian:13.2/stable, Deb', true)?.security).toBeUndefined();
    expect(readUpdate('amd64 a1 [1] (2 Debian-Security:13/stable-security, Deb', true)?.security).toBe(true);
  });
});

describe('a scan', () => {
  it('is read as Debian gave it', () => {
    expect(scan(SCAN)).toMatchObject({
      at: AT,
      system: { id: 'debian', version: '13', codename: 'trixie' },
      updates: [{ hindrance: 'Held' }, { hindrance: 'Removes' }, { hindrance: 'Phased' }],
      rebootPending: undefined,
      complete: true,
    });
  });

  it.each([
    ['a source failed', replaced('sources 0 0', 'sources 100 1')],
    ['apt ended with another status', replaced('sources 0 0', 'sources 100 0')],
    ['apt found no solution', replaced('more 0', 'unsolved').replace('reboot -', 'more 0')],
    ['not all are told', replaced('more 0', 'more 3')],
  ])('is not complete where %s', (_, text) => {
    expect(scan(text)?.complete).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['a part of it', SCAN.slice(0, -2)],
    ['without its first line', SCAN.slice(SCAN.indexOf('\n') + 1)],
    ['with a line that is no update', replaced('[1] (2', '[1] 2')],
    ['with a control character', replaced('held [1]', 'h\u001b[31meld [1]')],
    ['with a line that is too long', replaced('Debian:trixie', 'D'.repeat(700))],
    ['of two systems', SCAN.replace('more 0', 'system debian 13 trixie')],
  ])('says nothing where it is %s', (_, text) => {
    expect(scan(text)).toBeUndefined();
  });

  it('of the most and longest that a guest can say fits into what a step may say', () => {
    const [update, name] = [LINE_BYTES + MARK.length + 9, 72 + MARK.length + 10];
    expect(MOST_UPDATES * update + 3 * MOST_NAMES * name + 64 * 100).toBeLessThan(STEP_OUTPUT_BYTES);
  });
});

describe('before anything is installed', () => {
  const blockers = (text: string) => apt.readPreflight(text)?.blockers;

  it('a disk without room and a lock stand in the way; an interrupted dpkg, which the install repairs, does not', () => {
    expect(blockers(PREFLIGHT)).toEqual([
      '/var/cache/apt/archives has 0 MiB free, and 201 MiB are needed.',
      'The package manager is in use by process 179 (apt-get).',
    ]);
  });

  const ready = PREFLIGHT.replace('/archives 0 64', '/archives 999999 9999999').replace(/lock .*/, 'other');
  it.each([
    ['journal 2', 'updater on', /own updater is on/],
    ['state iF |slow', 'state iHR|half', /^The package database is broken: half must be reinstalled or removed\.$/],
    ['sources 0 0', 'sources 100 2', /^Not all package sources could be read \(2 failed\)\.$/],
    ['trixie|trixie|trixie|Debian|Debian', 'stable|trixie|stable|Debian|Debian', /names stable, which is trixie now/],
    [
      'trixie|trixie|trixie|Debian|Debian',
      'forky|forky|testing|Debian|Debian',
      /has release forky, and the guest is trixie/,
    ],
    ['trixie|trixie|trixie|Debian|Debian', 'forky-updates|forky-updates|x|Debian|Debian', /has release forky/],
    ['/boot 8383416', '/boot 1024', /^\/boot has 1 MiB free, and 100 MiB are needed\.$/],
    ['download 542', 'download 9000000000', /^\/ has \d+ MiB free, and \d+ MiB are needed\.$/],
  ])('GE-9, GE-11: %s, changed into %s, stands in the way', (from, to, why) => {
    expect(blockers(ready)).toEqual([]);
    expect(blockers(ready.replace(from, to))?.[0]).toMatch(why);
  });

  it.each([
    'grafana|stable|stable|Grafana|Grafana',
    'stable|stable|stable|Google LLC|Google',
    'trixie-backports|trixie-backports|stable-backports|Debian Backports|Debian Backports',
    'noble|noble|noble|Ubuntu|Ubuntu',
  ])('GE-11: the source %s of others does not', source => {
    expect(blockers(ready.replace('trixie|trixie|trixie|Debian|Debian', source))).toEqual([]);
  });
});

describe('an install', () => {
  const install = (text: string) => apt.readInstall(text, 0);

  it.each([
    [
      SCRIPT_FAILED,
      "apt-get ended with status 100: a package's script failed: Sub-process /usr/bin/dpkg returned an error code (1)",
    ],
    [
      DISK_FULL,
      'apt-get ended with status 100: the disk is full: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?',
    ],
    [
      HELD,
      'the versions cannot be installed together: a held package would change: Held packages were changed and -y was used without --allow-change-held-packages',
    ],
    [OTHERS, 'packages would change that are not approved: three 1, ousted (would be removed)'],
    [REPAIRED, undefined],
  ])('says why it failed, by what apt said and not by its exit status alone', (text, failure) => {
    expect(install(text)?.failure).toBe(failure);
  });

  it('GE-8: says what it brought to its end first, and of single packages why they are not installed', () => {
    expect(install(REPAIRED)?.repaired).toMatch(/^dpkg had been interrupted with 1 packages not configured/);
    expect([...(install(OTHERS)?.reasons ?? [])]).toEqual([['gone', 'it is not installed, and only updates are']]);
    expect([...(install(SCRIPT_FAILED)?.reasons ?? [])]).toEqual([
      ['bad', 'it is unpacked and not configured: its script failed or was interrupted'],
    ]);
  });

  it('MO-16: what is not configured is not installed, whatever version it has', () => {
    expect(apt.readBack(SCRIPT_FAILED)).toMatchObject({
      installed: new Map([['good', '2']]),
      healthy: false,
      rebootPending: undefined,
    });
  });

  it.each([
    ['neither refused nor done', REPAIRED.replace('exit 0', 'other 0')],
    ['both', HELD.replace('journal 0', 'exit 0')],
    ['cut off', REPAIRED.slice(0, -4)],
  ])('that is %s is not understood', (_, text) => {
    expect(install(text)).toBeUndefined();
  });

  it('is not understood where the script ended otherwise than by its end', () => {
    expect(apt.readInstall(REPAIRED, 73)).toBeUndefined();
  });

  it.each(['-o', 'a;reboot', 'a b', '__proto__', '$(reboot)', 'a\nb', '', 'A1', 'a'.repeat(200)])(
    'of a package named %j is never asked for',
    name => {
      for (const script of [apt.installScript, apt.readBackScript])
        expect(() => script([{ package: name, version: '1' }])).toThrow(RangeError);
    },
  );

  it.each(['', '-1', '1 2', '1;reboot', '1-', '`x`', '1'.repeat(200)])(
    'of a version %j is never asked for',
    version => {
      expect(() => apt.installScript([{ package: 'name', version }])).toThrow(RangeError);
    },
  );
});

describe('whatever a guest says', () => {
  const lines = (text: string) => text.trimEnd().split('\n').slice(0, -1);
  const line = fc.oneof(
    fc.constantFrom(...[SCAN, PREFLIGHT, SCRIPT_FAILED, OTHERS].flatMap(lines)),
    fc.string({ maxLength: 300 }).map(text => `${MARK} update ${text}`),
    fc
      .tuple(
        fc.constantFrom('error', 'lock', 'space', 'state', 'pin', 'installed', 'kept', 'repaired', 'source', 'sources'),
        fc.string(),
      )
      .map(words => `${MARK} ${words.join(' ')}`),
    fc.string({ unit: 'binary' }),
    fc.constant(`${MARK} installed __proto__ ii 1`),
  );
  const said = fc.array(line, { maxLength: 40 }).map(each => {
    const ours = each
      .join('\n')
      .split('\n')
      .filter(text => text.startsWith(`${MARK} `)).length;
    return `${each.join('\n')}\n${MARK} end ${ours}\n`;
  });

  it('no reader throws, and nothing that it gives on has a character that no line has, or no bound', () => {
    const plain = (words: string) => expect(words).toMatch(/^[^\p{Cc}\p{Cf}]{0,1000}$/u);
    fc.assert(
      fc.property(said, text => {
        for (const { package: name, from = '', to, origins } of apt.readScan(text, AT)?.updates ?? [])
          [name, from, to, ...origins].forEach(plain);
        apt.readPreflight(text)?.blockers.forEach(plain);
        const read = apt.readInstall(text, 0);
        [read?.failure ?? '', read?.repaired ?? '', ...(read?.kept ?? []), ...(read?.reasons.values() ?? [])].forEach(
          plain,
        );
        for (const [name, version] of apt.readBack(text)?.installed ?? []) [name, version].forEach(plain);
      }),
      { numRuns: 300 },
    );
  });
});
