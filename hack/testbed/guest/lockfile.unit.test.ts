import { expect, test } from 'vitest';
import { mirrorOf } from './debianmirror.ts';
import { formatLock, type Lock, parseLock } from './lockfile.ts';

const lock: Lock = {
  written: new Date('2026-11-23T12:00:00Z'),
  packages: [
    { archive: 'debian', path: 'pool/main/a/adduser/adduser_3.152_all.deb', sha256: 'ff'.repeat(32) },
    { archive: 'security', path: 'pool/updates/main/o/openssl/libssl3_3_amd64.deb', sha256: '00'.repeat(32) },
  ],
};

test('a lock file says what was written into it, in one order', () => {
  expect(parseLock(formatLock(lock))).toEqual(lock);
  expect(formatLock({ ...lock, packages: lock.packages.toReversed() })).toBe(formatLock(lock));
});

test.each(['', '# no date\n', `${formatLock(lock)}not a package\n`])(
  'a lock file with a broken line is refused',
  text => {
    expect(() => parseLock(text)).toThrow(/lock file/);
  },
);

test("the mirror is the one of apt's own sources, whatever else is among them", () => {
  const targets = [
    'https://a.example/nodesource/ nodistro main',
    'http://b.example/debian/ bookworm contrib',
    'http://b.example/debian/ bookworm main',
    'http://b.example/debian/ bookworm-updates main',
    'http://c.example/security/ bookworm-security main',
  ];
  expect(mirrorOf(targets.join('\n'))).toEqual({
    debian: 'http://b.example/debian/',
    security: 'http://c.example/security/',
  });
  expect(() => mirrorOf(targets.slice(0, 1).join('\n'))).toThrow(/no mirror of Debian/);
});
