import { describe, expect, it } from 'vitest';
import { type Contract, ContractSpec } from '../../api/contract.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import { planRevision } from '../contract/planrevision.ts';
import { assessContract, type ContractFacts } from './contractstatus.ts';

const now = new Date('2026-11-28T12:00:00Z');
const level = 'AdvancedMonitoringAndPatching';
const entry = (plan: string, from: string) => ({ level, plan, from }) as const;

function agreed(spec: object = {}, rest: Partial<Contract> = {}): Contract {
  return {
    apiVersion: 'managed.systems/v1alpha1',
    kind: 'Contract',
    metadata: { name: 'acme', uid: '2', generation: 3, creationTimestamp: '2026-02-01T00:00:00Z' },
    spec: ContractSpec.parse({
      customer: 'ACME GmbH',
      namespaces: ['acme', 'acme-dev'],
      billingId: '10042',
      contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
      plans: [entry('advanced-2026', '2026-01-01')],
      ...spec,
    }),
    ...rest,
  };
}

const plans = new Map([
  ['advanced-2026', planSpec()],
  ['advanced-2027', planSpec({ validFrom: '2027-01-01' })],
]);
const revision = planRevision(planSpec());

function assess(contract: Contract, facts: Partial<ContractFacts> = {}) {
  return assessContract({
    contract,
    claimants: () => [contract],
    namespaceExists: () => true,
    plan: name => {
      const spec = plans.get(name);
      return spec && { spec };
    },
    now,
    ...facts,
  });
}

const ready = (contract: Contract, facts: Partial<ContractFacts> = {}) => assess(contract, facts).conditions[0];

describe('GE-1: a Contract', () => {
  it('that is in force says so, and which plans have begun, with what they said', () => {
    const { status, conditions, nextEdge } = assess(agreed());
    expect(status).toEqual({ observedGeneration: 3, plans: [{ ...entry('advanced-2026', '2026-01-01'), revision }] });
    expect(conditions).toEqual([
      {
        ...{ type: 'Ready', status: 'True', reason: 'InForce' },
        message:
          '2 of 2 namespaces of ACME GmbH are there; all ServicePlans that it names are as agreed: advanced-2026.',
      },
    ]);
    expect(nextEdge).toBeUndefined();
  });

  it('names the namespaces that are not there yet', () => {
    const message = ready(agreed(), { namespaceExists: name => name === 'acme' })?.message;
    expect(message).toContain('1 of 2 namespaces of ACME GmbH are there, not yet: acme-dev;');
  });

  it('notes a plan when its first day has come in its own zone, and wakes up for it', () => {
    const spec = { plans: [entry('advanced-2026', '2026-01-01'), entry('advanced-2027', '2027-01-01')] };
    const before = assess(agreed(spec), { now: new Date('2026-12-31T22:59:59Z') });
    expect(before.status.plans).toHaveLength(1);
    expect(before.nextEdge?.toISOString()).toBe('2026-12-31T23:00:00.000Z');
    const after = assess(agreed(spec), { now: new Date('2026-12-31T23:00:00Z') });
    expect(after.status.plans?.map(({ plan }) => plan)).toEqual(['advanced-2026', 'advanced-2027']);
    expect(after.nextEdge).toBeUndefined();
    expect(
      assess(agreed({ ...spec, timeZone: 'UTC' }), { now: new Date('2026-12-31T23:59:59Z') }).status.plans,
    ).toHaveLength(1);
  });
});

describe('GE-1: a ServicePlan that a Contract names', () => {
  const noted = { plans: [{ ...entry('advanced-2026', '2026-01-01'), revision }] };

  it.each([
    ['that does not exist', entry('none', '2026-01-01'), 'PlanNotFound', 'does not exist'],
    [
      'of another level',
      { ...entry('advanced-2026', '2026-01-01'), level: 'Admin' },
      'PlanOfAnotherLevel',
      `is one of ${level}`,
    ],
    [
      'from before it is valid',
      entry('advanced-2026', '2025-12-31'),
      'PlanNotYetValid',
      'valid from 2026-01-01 on only',
    ],
    [
      'of the future that does not exist',
      entry('none', '2099-01-01'),
      'PlanNotFound',
      'from 2099-01-01 on, does not exist',
    ],
  ])('%s is told, and not noted', (_what, named, reason, why) => {
    const contract = agreed({ plans: [named] });
    expect(ready(contract)).toMatchObject({ status: 'False', reason, message: expect.stringContaining(why) });
    expect(assess(contract).conditions[1]).toMatchObject({ type: 'Stalled', status: 'True', reason });
    expect(assess(contract).status.plans).toBeUndefined();
  });

  it('that was deleted and made anew with other numbers is told, and what was noted stays', () => {
    const cheaper = planSpec({ availability: { target: '90' } });
    const contract = agreed({}, { status: noted });
    const plan = () => ({ spec: cheaper });
    expect(ready(contract, { plan })).toMatchObject({ status: 'False', reason: 'PlanChanged' });
    expect(ready(contract, { plan })?.message).toContain(`${planRevision(cheaper)} instead of ${revision}`);
    expect(assess(contract, { plan }).status.plans).toEqual(noted.plans);
  });

  it('that was deleted and made anew as it was is the same', () => {
    expect(ready(agreed({}, { status: noted }))).toMatchObject({ status: 'True' });
  });

  it('that is gone stays noted', () => {
    const { status, conditions } = assess(agreed({}, { status: noted }), { plan: () => undefined });
    expect(status.plans).toEqual(noted.plans);
    expect(conditions[0]).toMatchObject({ reason: 'PlanNotFound' });
  });

  it('of more than three that are not as agreed are counted', () => {
    const named = ['a', 'b', 'c', 'd', 'e'].map((name, index) => entry(name, `2026-01-0${index + 1}`));
    expect(ready(agreed({ plans: named }))?.message).toMatch(/ServicePlan c, .* 2 more are not as agreed\.$/);
  });
});

describe('two Contracts that name one namespace', () => {
  const older = agreed(
    { namespaces: ['acme'] },
    { metadata: { name: 'older', uid: '9', creationTimestamp: '2026-01-01T00:00:00Z' } },
  );
  const younger = agreed();
  const claimants = (namespace: string) => (namespace === 'acme' ? [younger, older] : [younger]);

  it('are told apart by age: the younger says whose it is, the older goes on', () => {
    const { conditions } = assess(younger, { claimants });
    expect(conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'NamespaceTaken' },
      { type: 'Stalled', status: 'True', reason: 'NamespaceTaken' },
    ]);
    expect(conditions[0]?.message).toBe(
      'acme (Contract older) belonged to another Contract first, and so not to this one: take each out of one of the two.',
    );
    expect(ready(older, { claimants })).toMatchObject({ status: 'True' });
  });
});

describe('what cannot be read', () => {
  it('of a Contract stored under another schema is named, and what was noted stays', () => {
    const plans = [{ ...entry('advanced-2026', '2026-01-01'), revision }];
    const broken = {
      ...agreed(),
      spec: { ...agreed().spec, language: 'tlh' },
      status: { plans },
    } as unknown as Contract;
    const { status, conditions } = assess(broken);
    expect(conditions[0]).toMatchObject({ status: 'False', reason: 'InvalidContract' });
    expect(conditions[0]?.message).toMatch(/^spec\.language: /);
    expect(status.plans).toEqual(plans);
  });

  it('leaves out what only a later release knows', () => {
    const later = { ...agreed(), spec: { ...agreed().spec, discount: '3' } } as unknown as Contract;
    expect(ready(later)).toMatchObject({ status: 'True' });
  });

  it('of plans is not guessed: nothing new is noted, and nothing forgotten', () => {
    const unreadable = { kind: 'ServicePlan', namespace: '', why: 'forbidden' };
    const plans = [{ ...entry('advanced-2026', '2026-01-01'), revision }];
    const { status, conditions } = assess(agreed({}, { status: { plans } }), { unreadable, plan: () => undefined });
    expect(status.plans).toEqual(plans);
    expect(conditions[0]).toMatchObject({ status: 'Unknown', reason: 'KindNotReadable' });
    expect(assess(agreed(), { unreadable }).status.plans).toBeUndefined();
  });
});
