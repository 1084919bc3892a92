import { describe, expect, it } from 'vitest';
import { backupPolicyOf, bounds } from '../backup/backup.fixtures.ts';
import { backupPlan } from '../backup/backupplan.ts';
import { feasible } from './feasible.ts';

const now = new Date('2026-11-23T12:00:00Z');
const said = (spec: Record<string, unknown>, sums = { duration: 60 }) => {
  const policy = backupPolicyOf(spec);
  return feasible(policy, backupPlan(policy.spec, bounds, now), sums, now);
};
const batch = { name: 'batch', duration: '2h' };

describe('what a policy promises', () => {
  it('AP-13: can be kept where one cron leaves out what is to be avoided', () => {
    const tiers = [{ name: 'hourly', schedule: '0 * * * *', retention: '48h' }];
    expect(said({ tiers, avoid: [{ ...batch, schedule: '0 0 * * *' }] })).toMatchObject({ status: 'True' });
  });

  it('AP-13: is not kept by runs that start within a span, which are named', () => {
    expect(said({ avoid: [{ ...batch, schedule: '0 0 * * *' }] })).toMatchObject({
      ...{ status: 'False', reason: 'RunsInAvoidedSpan' },
      message:
        'Runs start within spans of spec.avoid, which one cron cannot leave out, so they are made all the same: of tier daily those of 2026-11-23T01:00:00Z (batch), 2026-11-24T01:00:00Z (batch), 2026-11-25T01:00:00Z (batch) and more.',
    });
  });
});
