import { describe, expect, it } from 'vitest';
import type { ServicePlan } from '../../api/serviceplan.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import { planRevision } from '../contract/planrevision.ts';
import { assessServicePlan, type PlanFacts } from './planstatus.ts';

const plan: ServicePlan = {
  apiVersion: 'managed.systems/v1alpha1',
  kind: 'ServicePlan',
  metadata: { name: 'advanced-2026', generation: 1 },
  spec: planSpec(),
};
const level = 'AdvancedMonitoringAndPatching';
const use = (from: string) => ({ level, plan: 'advanced-2026', from }) as const;

const assess = (facts: Partial<PlanFacts> = {}) =>
  assessServicePlan({ plan, uses: [], calendarExists: name => name === 'lower-saxony', ...facts });

describe('GE-1: a ServicePlan', () => {
  it('says what it says as a hash, and from when on it may apply', () => {
    const { status, conditions } = assess();
    expect(status).toEqual({ observedGeneration: 1, contracts: 0, revision: planRevision(planSpec()) });
    expect(conditions).toEqual([
      {
        ...{ type: 'Ready', status: 'True', reason: 'Published' },
        message:
          'It may apply at AdvancedMonitoringAndPatching from 2026-01-01 on, for 49.00 EUR a system and month; times are counted in the hours of ServiceCalendar lower-saxony.',
      },
    ]);
  });

  it('counts the Contracts that name it, and has the first day on which it applies in any', () => {
    const { status } = assess({ uses: [[use('2026-07-01'), use('2027-01-01')], [use('2026-03-01')], []] });
    expect(status).toMatchObject({ contracts: 3, usedFrom: '2026-03-01' });
  });

  it('GE-5: without its calendar cannot be worked by', () => {
    const { status, conditions } = assess({ calendarExists: () => false });
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'CalendarNotFound' },
      { type: 'Stalled', status: 'True', reason: 'CalendarNotFound' },
    ]);
    expect(conditions[0]?.message).toContain('There is no ServiceCalendar lower-saxony');
    expect(status.revision).toBe(planRevision(planSpec()));
  });

  it('that was stored under another schema names the field, and has no revision', () => {
    const broken = { ...plan, spec: { ...plan.spec, prices: 'free' } } as unknown as ServicePlan;
    const { status, conditions } = assess({ plan: broken });
    expect(conditions[0]).toMatchObject({ status: 'False', reason: 'InvalidPlan' });
    expect(conditions[0]?.message).toMatch(/^spec\.prices: /);
    expect(status.revision).toBeUndefined();
  });

  it('guesses nothing while calendars or contracts cannot be read', () => {
    const unreadable = { kind: 'ServiceCalendar', namespace: '', why: 'forbidden' };
    expect(assess({ unreadable }).conditions[0]).toMatchObject({ status: 'Unknown', reason: 'KindNotReadable' });
  });
});
