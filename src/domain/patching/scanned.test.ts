import { describe, expect, it } from 'vitest';
import type { ServiceLevel } from '../../api/common.ts';
import type { GuestUpdates } from '../../api/guestupdates.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { isScanned, lackingWords } from './scanned.ts';

const NOW = new Date('2026-12-02T12:00:00Z');
const spec = (serviceLevel: ServiceLevel, updateScan?: boolean) =>
  managedVMOf({ serviceLevel, operatingSystem: 'debian-13', ...(updateScan !== undefined && { updateScan }) }).spec;

describe('who is asked which updates are missing', () => {
  it.each([
    ['Admin', undefined, false],
    ['Admin', false, false],
    ['Admin', true, true],
    ['MonitoringAndPatching', undefined, true],
    ['MonitoringAndPatching', false, true],
    ['AdvancedMonitoringAndPatching', undefined, true],
  ] as const)('at %s, where spec.updateScan is %s: %s (MO-3)', (level, ordered, asked) => {
    expect(isScanned(spec(level, ordered))).toBe(asked);
  });
});

describe('what is said of a guest that is asked and not patched (MO-3)', () => {
  const offered = (security: boolean) => ({
    ...{ package: security ? 'openssl' : 'bash', architecture: 'amd64', from: '1' },
    versions: [{ version: '2', severity: 'Unknown' as const, firstSeen: '2026-12-01T00:00:00Z', security }],
  });
  const updates = (more: Partial<GuestUpdates> = {}): GuestUpdates => ({
    ...{ at: '2026-12-02T06:00:00Z', system: { id: 'debian', version: '13' }, complete: true, rebootPending: false },
    count: { Critical: 0, Important: 0, Moderate: 0, Low: 0, Unknown: 2 },
    missing: [offered(true), offered(false)],
    ...more,
  });
  const said = (found: GuestUpdates | undefined) => lackingWords(spec('Admin', true), found, NOW)?.said;

  it('is nothing where it was not ordered', () => {
    expect(lackingWords(spec('Admin'), updates(), NOW)).toBeUndefined();
  });
  it.each([
    ['nobody has asked', undefined, 'Which updates it lacks is not known: it has not been asked yet.'],
    [
      'the answer is two days old',
      updates({ at: '2026-11-30T12:00:00Z' }),
      'Which updates it lacks is not known: it was asked last on 2026-11-30T12:00:00Z.',
    ],
    [
      'some are missing',
      updates(),
      'As of 2026-12-02T06:00:00Z it lacks 1 security update and 1 other update; none is installed (spec.updateScan).',
    ],
    [
      'more are missing than are listed',
      updates({ notListed: 3 }),
      'As of 2026-12-02T06:00:00Z it lacks 1 security update and 4 other updates; none is installed (spec.updateScan).',
    ],
    [
      'none is, of the sources that could be read',
      updates({ missing: [], complete: false }),
      'As of 2026-12-02T06:00:00Z it lacks no update, as far as its sources could be read; none is installed (spec.updateScan).',
    ],
  ])('where %s', (_, found, words) => {
    expect(said(found)).toBe(words);
  });
  it('changes by time alone when the answer is two days old', () => {
    expect(lackingWords(spec('Admin', true), updates(), NOW)?.nextEdge).toEqual(new Date('2026-12-04T06:00:00Z'));
  });
});
