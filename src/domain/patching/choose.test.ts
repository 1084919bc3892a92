import { describe, expect, it } from 'vitest';
import type { PatchRunSpec } from '../../api/patchrun.ts';
import { chosen } from './choose.ts';
import { at, runSpec } from './run.fixtures.ts';
import { recordedUpdates } from './seen.ts';
import type { Update } from './update.ts';

const update: Update = {
  ...{ package: 'openssl', architecture: 'amd64', from: '3.5.0-1', to: '3.5.0-2' },
  ...{ origins: ['Debian-Security:13/stable-security'], security: true, severity: 'Important', advisories: [] },
};
const scanOf = (change: Partial<Update> = {}, when = at('02:00')) => ({
  ...{ at: when, system: { id: 'debian', version: '13', codename: 'trixie' }, complete: true, rebootPending: false },
  updates: [{ ...update, ...change }],
});
type Terms = Partial<PatchRunSpec['terms']>;
const only = (change: Partial<Update>, terms: Terms = {}, proven?: PatchRunSpec['proven']) =>
  chosen(scanOf(change), undefined, { ...runSpec(terms), ...(proven && { proven }) }, at('02:00'))[0];

describe('what a run installs (MO-10, MO-11)', () => {
  it('is what the frozen terms approve, at the version that there is', () => {
    expect(only({})).toMatchObject({ package: 'openssl', from: '3.5.0-1', to: '3.5.0-2', state: 'Pending' });
  });

  it.each<[string, Partial<Update>, Terms, RegExp]>([
    ['mends no hole', { security: false }, { updates: 'Security' }, /security only/],
    ['is denied', {}, { deny: [{ pattern: 'open*', by: 'Customer' }] }, /denies/],
    ['is not allowed', {}, { allow: [['linux-image-*']] }, /does not allow/],
    [
      'is excluded',
      {},
      { exclude: [{ package: 'openssl', reason: 'CHG-4711', until: '2027-01-31T00:00:00Z', by: 'Customer' }] },
      /until 2027-01-31.*CHG-4711/,
    ],
    ['is too young', {}, { minimumAge: { Critical: '0s', Important: '72h', Other: '72h' } }, /from 2026-12-05/],
    ['is held in the guest', { hindrance: 'Held' }, {}, /held/],
  ])('is left as it is where it %s, with the reason', (_, change, terms, reason) => {
    expect(only(change, terms)).toMatchObject({ state: 'Left', reason: expect.stringMatching(reason) });
  });

  it('is as old as it was when it was first seen in the guest, not when the run asks', () => {
    const terms = { minimumAge: { Critical: '0s', Important: '1h', Other: '1h' } };
    const before = recordedUpdates(scanOf({}, at('00:30')), undefined);
    expect(chosen(scanOf(), before, runSpec(terms), at('02:00'))[0]?.state).toBe('Pending');
  });

  it('is exactly what a ring before has proven, although newer versions have appeared (MO-11)', () => {
    const proven = (name: string) => ({ ring: 'canary', packages: [{ package: name, version: '3.5.0-1a' }] });
    expect(only({}, {}, proven('openssl'))).toMatchObject({ to: '3.5.0-1a', state: 'Pending' });
    expect(only({}, {}, proven('curl'))).toMatchObject({ state: 'Left', reason: expect.stringContaining('canary') });
  });

  describe('in an emergency (GE-6)', () => {
    const young = { minimumAge: { Critical: '72h', Important: '72h', Other: '72h' } };
    const proven = { ring: 'canary', packages: [] };
    const urgently = (urgent: PatchRunSpec['urgent'], change: Partial<Update> = {}, terms: Terms = young) =>
      chosen(scanOf(change), undefined, { ...runSpec(terms), proven, ...(urgent && { urgent }) }, at('02:00'))[0];

    it.each<[string, PatchRunSpec['urgent']]>([
      ['every update for security', {}],
      ['the packages that it names', { packages: ['openssl'] }],
      ['what mends the holes that it names', { advisories: ['DSA-6012-1'] }],
    ])('is %s, at once and before rings have proven it', (_, urgent) => {
      const advisories = [{ id: 'DSA-6012-1', severity: 'Important' }] as const;
      expect(urgently(urgent, { advisories })).toMatchObject({ to: '3.5.0-2', state: 'Pending' });
      expect(urgently(undefined, { advisories })).toMatchObject({ state: 'Left' });
    });

    it.each<[string, PatchRunSpec['urgent'], Partial<Update>]>([
      ['another package', { packages: ['curl'] }, {}],
      ['another advisory', { advisories: ['DSA-1-1'] }, {}],
      ['no hole', {}, { security: false }],
      ['what nobody calls a hole', {}, { security: undefined }],
    ])('is nothing else: %s', (_, urgent, change) => {
      expect(urgently(urgent, change)).toMatchObject({ state: 'Left', reason: 'the emergency does not name it' });
    });

    it('is never what is denied or excluded, whoever has named it', () => {
      const exclude = [
        { package: 'openssl', reason: 'CHG-4711', until: '2027-01-31T00:00:00Z', by: 'Customer' as const },
      ];
      const deny = [{ pattern: 'openssl', by: 'Provider' as const }];
      for (const terms of [{ exclude }, { deny }])
        expect(urgently({ packages: ['openssl'] }, {}, terms)).toMatchObject({ state: 'Left' });
    });
  });

  it('is never what a package manager could not have said', () => {
    expect(only({ package: '$(reboot)' })).toBeUndefined();
  });
});
