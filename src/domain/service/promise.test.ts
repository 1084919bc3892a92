import { describe, expect, it } from 'vitest';
import { ContractSpec } from '../../api/contract.ts';
import { planSpec } from '../contract/plan.fixtures.ts';
import { planRevision } from '../contract/planrevision.ts';
import { factsOf, managedVM, NOW } from '../managedvm/assessment.fixtures.ts';
import type { ServiceFacts } from './facts.ts';
import { service } from './promise.ts';

const level = 'AdvancedMonitoringAndPatching';
const entry = (plan: string, from: string) => ({ level, plan, from }) as const;
const revision = planRevision(planSpec());

const agreement = (spec: object = {}) => ({
  spec: ContractSpec.parse({
    customer: 'ACME GmbH',
    namespaces: ['acme'],
    billingId: '10042',
    contacts: [{ name: 'anna', email: 'anna@acme.example', roles: ['Approver'] }],
    plans: [entry('advanced-2026', '2026-01-01')],
    ...spec,
  }),
});
const named = (spec: object = {}) => ({ name: 'acme', agreement: agreement(spec), begun: [] });

function say(facts: Partial<ServiceFacts> = {}, order = managedVM(), now = NOW) {
  const known = factsOf({
    managedVM: order,
    service: {
      contract: named(),
      plan: name => (name === 'advanced-2026' ? { spec: planSpec() } : undefined),
      ...facts,
    },
  });
  const said = service.assess({ managedVM: order, facts: known, outcomes: [], blocked: false, now });
  return { ...said.conditions.Contracted, service: said.status?.service };
}

describe('GE-1: by which terms a VM is serviced', () => {
  it('is shown with the numbers that hold, and with no price', () => {
    const { status, reason, message, service, nextEdge } = say();
    expect({ status, reason }).toEqual({ status: 'True', reason: 'PlanApplies' });
    expect(message).toBe(
      'ServicePlan advanced-2026 of Contract acme applies at AdvancedMonitoringAndPatching since 2026-01-01: available 99.9 % of a month; incidents begun and resolved within P1 30m and 4h, P2 1h and 8h, P3 4h and 24h, P4 8h and 72h (hours of ServiceCalendar lower-saxony); patches installed within 72h (critical), 336h (important), 720h (others); backups, where ordered, lose at most 26h and are restored within 4h.',
    );
    expect(service).toEqual({ contract: 'acme', plan: 'advanced-2026', planRevision: revision, since: '2026-01-01' });
    expect(nextEdge).toBeUndefined();
  });

  it('at Admin are none but what it costs', () => {
    const spec = planSpec({
      ...{ serviceLevel: 'Admin', availability: undefined, incidents: undefined },
      ...{ patching: undefined, backup: undefined },
    });
    const contract = named({ plans: [{ level: 'Admin', plan: 'admin-2026', from: '2026-01-01' }] });
    const { message } = say({ contract, plan: () => ({ spec }) }, managedVM({ serviceLevel: 'Admin' }));
    expect(message).toBe(
      'ServicePlan admin-2026 of Contract acme applies at Admin since 2026-01-01: no times are promised.',
    );
  });

  it('changes at midnight of the contract’s zone, and the pass is made again then', () => {
    const plans = [entry('advanced-2026', '2026-01-01'), entry('advanced-2027', '2027-01-01')];
    const facts = { contract: named({ plans }), plan: () => ({ spec: planSpec() }) };
    const before = say(facts, managedVM(), new Date('2026-12-31T22:59:59Z'));
    expect(before.service?.plan).toBe('advanced-2026');
    expect(before.message).toMatch(/ From 2027-01-01 on ServicePlan advanced-2027\.$/);
    expect(before.nextEdge?.toISOString()).toBe('2026-12-31T23:00:00.000Z');
    const after = say(facts, managedVM(), new Date('2026-12-31T23:00:00Z'));
    expect(after.service).toMatchObject({ plan: 'advanced-2027', since: '2027-01-01' });
    expect(after.nextEdge).toBeUndefined();
  });

  it('without a Contract are none, and the order works all the same', () => {
    const { status, reason, message, service } = say({ contract: undefined });
    expect({ status, reason, service }).toEqual({ status: 'False', reason: 'NoContract', service: undefined });
    expect(message).toBe('No Contract names namespace acme: everything works, and no numbers are promised.');
  });

  it('before a plan of the level has begun are none, and it is said when', () => {
    const { reason, message, service, nextEdge } = say({
      contract: named({ plans: [entry('advanced-2026', '2026-12-01')] }),
    });
    expect({ reason, service }).toEqual({ reason: 'NoPlan', service: undefined });
    expect(message).toBe(
      'Contract acme names no ServicePlan that applies at AdvancedMonitoringAndPatching today. From 2026-12-01 on ServicePlan advanced-2026.',
    );
    expect(nextEdge?.toISOString()).toBe('2026-11-30T23:00:00.000Z');
  });

  it('at a level that the Contract does not name are none', () => {
    expect(say({}, managedVM({ serviceLevel: 'Admin' }))).toMatchObject({ status: 'False', reason: 'NoPlan' });
  });

  it.each<[string, Partial<ServiceFacts>, string]>([
    ['of a plan that does not exist', { plan: () => undefined }, 'PlanNotFound'],
    [
      'of a plan of another level',
      { plan: () => ({ spec: planSpec({ serviceLevel: 'MonitoringAndPatching' }) }) },
      'PlanOfAnotherLevel',
    ],
    [
      'of a plan that is not valid yet',
      { plan: () => ({ spec: planSpec({ validFrom: '2026-01-02' }) }) },
      'PlanNotYetValid',
    ],
  ])('%s are not guessed', (_what, facts, reason) => {
    expect(say(facts)).toMatchObject({ status: 'False', reason, service: { contract: 'acme', plan: 'advanced-2026' } });
  });
});

describe('GE-8: a plan that was deleted and made anew', () => {
  const contract = { ...named(), begun: [{ ...entry('advanced-2026', '2026-01-01'), revision }] };

  it('with other numbers is told, and what was agreed stays in the status', () => {
    const worse = planSpec({ availability: { target: '90' } });
    const { status, reason, message, service } = say({ contract, plan: () => ({ spec: worse }) });
    expect({ status, reason }).toEqual({ status: 'False', reason: 'PlanChanged' });
    expect(message).toContain(`${planRevision(worse)} instead of ${revision}`);
    expect(service?.planRevision).toBe(revision);
  });

  it('as it was goes on', () => expect(say({ contract })).toMatchObject({ status: 'True' }));
});

describe('what cannot be known', () => {
  it.each<[string, Partial<ServiceFacts>, string]>([
    ['kinds that are not served', { installed: false }, 'ContractsNotInstalled'],
    [
      'a Contract that cannot be read',
      { contract: { name: 'acme', agreement: { problem: 'spec: no' }, begun: [] } },
      'InvalidContract',
    ],
    ['a plan that cannot be read', { plan: () => ({ problem: 'spec: no' }) }, 'InvalidPlan'],
  ])('%s are Unknown', (_what, facts, reason) => {
    expect(say(facts)).toMatchObject({ status: 'Unknown', reason });
  });

  it('leaves in the status what was known while a kind cannot be read', () => {
    const before = { contract: 'acme', plan: 'old', since: '2025-01-01' };
    const order = managedVM({}, { status: { service: before } });
    const unreadable = [{ kind: 'Contract', namespace: '', why: 'forbidden' }];
    expect(say({ contract: undefined, unreadable }, order).service).toEqual(before);
  });
});
