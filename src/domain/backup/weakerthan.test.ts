import { describe, expect, it } from 'vitest';
import { backupPolicyOf, bounds } from './backup.fixtures.ts';
import { backupPlan } from './backupplan.ts';
import { weakerThan } from './weakerthan.ts';

const now = new Date('2026-11-23T00:00:00Z');
const policy = (fields: Record<string, unknown>) => {
  const { spec } = backupPolicyOf(fields);
  return { spec, plan: backupPlan(spec, bounds, now) };
};
const daily = { name: 'daily', schedule: '0 1 * * *', retention: '720h' };
const monthly = { name: 'monthly', schedule: '0 4 1 * *', retention: '8760h' };
const STANDARD = {
  tiers: [daily, monthly],
  recoveryPointObjective: '26h',
  recoveryTimeObjective: '4h',
  consistency: 'FilesystemConsistent',
  offSite: true,
  verification: { drills: '0 5 * * 0', maxAge: '840h' },
};
const weaknesses = (fields: Record<string, unknown>) =>
  weakerThan(policy({ ...STANDARD, ...fields }), policy(STANDARD), now);

describe('AP-6: a policy held against the standard of the provider', () => {
  it.each<[string, Record<string, unknown>]>([
    ['is the same', {}],
    ['has shorter objectives', { recoveryPointObjective: '25h', recoveryTimeObjective: '1h' }],
    ['has another zone, whose clocks change', { timeZone: 'Europe/Berlin', recoveryPointObjective: '26h' }],
    ['keeps more, in one tier', { tiers: [{ ...daily, name: 'all', retention: '9000h' }] }],
    ['has one more tier, kept for hours', { tiers: [daily, monthly, { ...daily, name: 'noon', retention: '26h' }] }],
    ['has more drills, and a younger proof', { verification: { drills: '0 5 * * *', maxAge: '48h' } }],
    ['is of another day and place', { tiers: [daily, { ...monthly, schedule: '0 4 15 * *' }], storageLocation: 'own' }],
  ])('is not weaker where it %s', (_, fields) => {
    expect(weaknesses(fields)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'a longer RPO',
      { recoveryPointObjective: '27h' },
      'Its recovery point objective is 27h, that of the standard 26h.',
    ],
    ['a longer RTO', { recoveryTimeObjective: '5h' }, 'Its recovery time objective is 5h, that of the standard 4h.'],
    ['no RTO', { recoveryTimeObjective: undefined }, 'It has no recovery time objective, the standard has one of 4h.'],
    [
      'a weaker consistency',
      { consistency: 'CrashConsistent' },
      'Its data need be CrashConsistent, those of the standard FilesystemConsistent.',
    ],
    ['no copy off-site', { offSite: false }, 'It keeps no copy off-site (spec.offSite), the standard does.'],
    ['a shorter retention', { tiers: [daily] }, 'It keeps backups for 720h, tier monthly of the standard for 8760h.'],
    [
      'long kept backups that are rarer',
      { tiers: [daily, { ...monthly, schedule: '0 4 1 1,7 *' }] },
      'Backups that it keeps for 8760h lie up to 4416h apart, those of tier monthly of the standard 744h.',
    ],
    [
      'runs left out',
      {
        tiers: [{ ...daily, schedule: '0 1,2 * * *' }, monthly],
        avoid: [{ name: 'weekend', schedule: '0 0 * * 0', duration: '24h' }],
      },
      'Backups that it keeps for 720h lie up to 47h apart, those of tier daily of the standard 24h.',
    ],
    [
      'no verification',
      { verification: undefined },
      'It asks for no proof by restores (spec.verification), the standard for one that is no older than 840h.',
    ],
    [
      'an older proof',
      { verification: { drills: '0 5 * * 0', maxAge: '841h' } },
      'Its proof by a restore may be 841h old, that of the standard 840h.',
    ],
    [
      'fewer drills',
      { verification: { drills: '0 5 1 * *', maxAge: '840h' } },
      'Its drills lie up to 744h apart, those of the standard 168h.',
    ],
    ['no drills', { verification: { maxAge: '840h' } }, 'It asks for no drills, the standard for some by 0 5 * * 0.'],
  ])('is weaker by %s', (_, fields, sentence) => {
    expect(weaknesses(fields)).toEqual([sentence]);
  });

  it('is told every point in which it is weaker', () => {
    expect(weaknesses({ recoveryPointObjective: '48h', offSite: false, verification: undefined })).toHaveLength(3);
  });
});
