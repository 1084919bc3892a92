import { describe, expect, it } from 'vitest';
import { planSpec } from './plan.fixtures.ts';
import { planRevision } from './planrevision.ts';

const plan = planSpec();
const { prices, incidents } = plan;
const own = planRevision(plan);

describe('GE-8: the revision of a plan', () => {
  it('is a SHA-256, the same for ever', () => {
    expect(own).toBe('sha256:44c1db8814581b3f7398b311951d49e411c5612946fdf29c11d8b4383a26d120');
  });

  it('does not count how durations and lists are written', () => {
    expect(planRevision(planSpec({ backup: { recoveryPointObjective: '26h0m', recoveryTimeObjective: '240m' } }))).toBe(
      own,
    );
    const onDemand = prices.onDemand?.toReversed();
    expect(planRevision(planSpec({ prices: { ...prices, onDemand } }))).toBe(own);
  });

  it.each([
    ['another level', { serviceLevel: 'MonitoringAndPatching' }],
    ['another first day', { validFrom: '2026-01-02' }],
    ['another calendar', { calendarRef: 'round-the-clock' }],
    ['another availability', { availability: { target: '99.8' } }],
    [
      'a longer response',
      { incidents: { priorities: { ...incidents?.priorities, P1: { response: '31m', resolution: '4h' } } } },
    ],
    [
      'a longer resolution',
      { incidents: { priorities: { ...incidents?.priorities, P1: { response: '30m', resolution: '5h' } } } },
    ],
    ['another matrix', { incidents: { ...incidents, matrix: Array(3).fill(['P1', 'P1', 'P1']) } }],
    ['a later deadline', { patching: { deadlines: { Critical: '73h', Important: '336h', Other: '720h' } } }],
    ['a longer RPO', { backup: { recoveryPointObjective: '27h', recoveryTimeObjective: '4h' } }],
    ['a longer RTO', { backup: { recoveryPointObjective: '26h', recoveryTimeObjective: '5h' } }],
    [
      'a standard of backups',
      { backup: { recoveryPointObjective: '26h', recoveryTimeObjective: '4h', policyRef: 'standard' } },
    ],
    ['no word of backups', { backup: undefined }],
    ['another currency', { prices: { ...prices, currency: 'CHF' } }],
    ['another fee', { prices: { ...prices, perMonth: '49.01' } }],
    ['no fee when stopped', { prices: { ...prices, billWhenStopped: false } }],
    ['another price of an hour', { prices: { ...prices, effortPerHour: '120.01' } }],
    ['another price on demand', { prices: { ...prices, onDemand: [{ service: 'PatchRun', price: '25.01' }] } }],
    ['a fee of applications', { prices: { ...prices, applications: [{ level: 'Expert', perMonth: '200.00' }] } }],
    ['a price of a licence', { prices: { ...prices, licences: [{ product: 'oracle', perMonth: '10.00' }] } }],
    ['no prices on demand', { prices: { ...prices, onDemand: undefined } }],
  ])('counts %s', (_what, change) => {
    expect(planRevision(planSpec(change))).not.toBe(own);
  });
});
