import { describe, expect, it } from 'vitest';
import { ChangeRequestSpec } from '../../api/changerequest.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ServicePlanSpec } from '../../api/serviceplan.ts';
import { OrderedService, type ServiceRequest, type ServiceRequestSpec } from '../../api/servicerequest.ts';
import { managedVM, operatingSystem } from '../managedvm/assessment.fixtures.ts';
import { apiVersion, changeOf, told } from './change.fixtures.ts';
import { assessOrder, assessRefusal, type OrderFacts, planOrder as planAt } from './order.ts';
import { changeNameOf } from './orderedchange.ts';

function requestOf(spec: Partial<ServiceRequestSpec> = {}, name = 'tune'): ServiceRequest {
  return {
    apiVersion,
    kind: 'ServiceRequest',
    metadata: { name, namespace: 'acme', uid: '0a1b2c3d-0000-4000-8000-000000000000', generation: 1 },
    spec: {
      service: 'Custom',
      target: { kind: 'ManagedVM', name: 'shop-db' },
      reason: 'Christmas trade',
      description: 'Tune the kernel for many connections',
      requestedBy: 'oidc:anna',
      ...spec,
    },
  };
}

const now = new Date('2026-12-01T10:00:00Z');
const planOrder = (facts: Omit<OrderFacts, 'now' | 'systemOf'> & Partial<OrderFacts>) =>
  planAt({ systemOf: () => undefined, ...facts, now });

const restart = { service: 'Restart', description: undefined } as const;
const vm = managedVM({}, { metadata: { name: 'shop-db', namespace: 'acme', uid: 'beef' } });
const noPlan = () => undefined;

describe('MO-2, GE-2: an order of a service on demand', () => {
  it('becomes a change that both parties must agree to, requested by Steward, so that the customer may decide on it', () => {
    const { change } = planOrder({
      request: requestOf({ notBefore: '2026-12-02T20:00:00Z' }),
      target: vm,
      planOf: noPlan,
    });
    expect(ChangeRequestSpec.parse(change?.spec)).toEqual({
      title: 'Custom work for ManagedVM shop-db',
      class: 'Normal',
      target: { kind: 'ManagedVM', name: 'shop-db', uid: 'beef' },
      plan: ['Tune the kernel for many connections'],
      reason: 'Ordered by oidc:anna as ServiceRequest tune: Christmas trade',
      risk: { rating: 'Medium', reasons: ['Nobody has rated the work yet.'] },
      window: { notBefore: '2026-12-02T20:00:00Z' },
      wayBack: 'Not planned yet.',
      agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
      requestedBy: 'steward',
    });
    expect(change?.metadata).toEqual({ name: 'tune-0a1b2c3d', namespace: 'acme' });
  });

  it('fits its bounds, however long what was ordered is', () => {
    const long = {
      reason: 'r'.repeat(500),
      description: 'd'.repeat(500),
      target: { kind: 'ManagedVM', name: 'v'.repeat(253) } as const,
    };
    const request = requestOf({ ...long, requestedBy: 'u'.repeat(256) }, 'n'.repeat(63));
    expect(
      ChangeRequestSpec.safeParse(planOrder({ request, target: vm, planOf: noPlan }).change?.spec).error,
    ).toBeUndefined();
    expect(changeNameOf(request)).toBe(`${'n'.repeat(54)}-0a1b2c3d`);
    expect(changeNameOf(requestOf({}, `${'n'.repeat(53)}.x`))).toBe(`${'n'.repeat(53)}-0a1b2c3d`);
  });

  it.each([
    ['Restore', 'target.inPlace or target.newName'],
    ['RestoreDrill', 'target.sandbox'],
    ['Clone', 'target.newName'],
  ] as const)('of %s is refused, and says by what it is ordered (AP-13)', (service, target) => {
    const { refusal } = planOrder({
      ...{ request: requestOf({ service, description: undefined }), target: vm, planOf: noPlan },
    });
    expect(refusal).toEqual({
      ...{ type: 'Accepted', status: 'False', reason: 'OrderedByRestore' },
      message: `${service} is ordered by a Restore with ${target}, which says what and from when (AP-13).`,
    });
  });

  it.each(OrderedService.options.filter(service => service === 'Backup'))(
    'of %s is refused with a sentence, as long as nobody serves it',
    service => {
      const request = requestOf({ service, description: undefined });
      const { refusal } = planOrder({ request, target: vm, planOf: noPlan });
      expect(refusal).toEqual({
        ...{ type: 'Accepted', status: 'False', reason: 'NotServedYet' },
        message: `${service} is not served yet. Order it as Custom: then people do it, by effort (GE-2).`,
      });
      const { conditions } = assessRefusal(request, refusal ?? expect.fail());
      expect(conditions.map(({ type, status }) => `${type}=${status}`)).toEqual([
        'Ready=False',
        'Stalled=True',
        'Accepted=False',
        'Done=False',
      ]);
    },
  );

  it('that was refused because nobody served it stays refused when somebody does: what was asked for weeks ago is not done now', () => {
    const refused = {
      type: 'Accepted',
      status: 'False',
      reason: 'NotServedYet',
      message: 'Restart is not served yet.',
    } as const;
    const conditions = [{ ...refused, lastTransitionTime: '2026-11-01T00:00:00Z' }];
    const request = { ...requestOf(restart), status: { conditions } };
    expect(planOrder({ request, target: vm, planOf: noPlan }).refusal).toEqual(refused);
  });

  it('for a VM that is not there is refused', () => {
    expect(planOrder({ request: requestOf(), target: undefined, planOf: noPlan }).refusal?.reason).toBe(
      'TargetNotFound',
    );
  });

  it('that cannot be read is refused, and never throws', () => {
    expect(planOrder({ request: requestOf({ reason: 5 as never }), target: vm, planOf: noPlan }).refusal?.reason).toBe(
      'InvalidOrder',
    );
    expect(
      planOrder({ request: { ...requestOf(), spec: undefined as never }, target: vm, planOf: noPlan }).refusal?.reason,
    ).toBe('InvalidOrder');
  });
});

describe('MO-2, GE-6: an order of a restart', () => {
  const request = requestOf(restart);
  const contracted = (plan: string) => {
    const condition = { type: 'Contracted', status: 'True', reason: 'PlanApplies', message: '' } as const;
    return managedVM(
      {},
      {
        metadata: vm.metadata,
        status: {
          service: { contract: 'acme', plan, since: '2026-01-01' },
          conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
        },
      },
    );
  };
  const priced: ServicePlanSpec = {
    ...({} as ServicePlanSpec),
    prices: {
      ...{ currency: 'EUR', perMonth: '49.00', billWhenStopped: true, effortPerHour: '120.00' },
      onDemand: [{ service: 'Restart', price: '25.00' }],
    },
  };

  it('becomes a change that Steward carries out, to which both parties must agree', () => {
    const { change } = planOrder({ request, target: vm, planOf: noPlan });
    expect(ChangeRequestSpec.parse(change?.spec)).toMatchObject({
      title: 'Restart of ManagedVM shop-db',
      class: 'Normal',
      operation: 'Restart',
      target: { kind: 'ManagedVM', name: 'shop-db', uid: 'beef' },
      agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
      requestedBy: 'steward',
    });
  });

  it('at a price of the plan in force is pre-approved by that plan', () => {
    const planOf = (name: string) => (name === 'advanced-2026' ? priced : undefined);
    const { change } = planOrder({ request, target: contracted('advanced-2026'), planOf });
    const { agreement, preApprovedBy, class: of } = ChangeRequestSpec.parse(change?.spec);
    expect([of, preApprovedBy, agreement]).toEqual([
      'Standard',
      { kind: 'ServicePlan', name: 'advanced-2026' },
      undefined,
    ]);
    const others = [contracted('other'), vm];
    for (const target of others) expect(planOrder({ request, target, planOf }).change?.spec.class).toBe('Normal');
  });

  it('of Custom work is agreed to, whatever the plan prices: its plan is not written yet', () => {
    const planOf = () => priced;
    expect(planOrder({ request: requestOf(), target: contracted('p'), planOf }).change?.spec.class).toBe('Normal');
  });

  it.each<[string, ManagedVM, string]>([
    ['is powered off', managedVM({ powerState: 'Stopped' }), 'TargetOff'],
    ['is paused', managedVM({ paused: { reason: 'restore by hand' } }), 'TargetPaused'],
    [
      'is being deleted',
      { ...vm, metadata: { ...vm.metadata, deletionTimestamp: '2026-12-01T00:00:00Z' } },
      'TargetDeleted',
    ],
    ['cannot be read', { ...vm, spec: undefined as never }, 'TargetInvalid'],
  ])('of a VM that %s is refused with a sentence', (_, target, reason) => {
    const { refusal } = planOrder({ request, target, planOf: noPlan });
    expect(refusal).toMatchObject({
      status: 'False',
      reason,
      message: expect.stringMatching(/^ManagedVM shop-db .*\.$/),
    });
  });

  it('of a VM that is protected from deletion is carried out: nothing of it is deleted', () => {
    const target = managedVM({ deletionProtection: true });
    expect(planOrder({ request, target, planOf: noPlan }).change?.spec.operation).toBe('Restart');
  });
});

describe('MO-2, GE-6: an order of a PatchRun', () => {
  const extra = { service: 'PatchRun', description: undefined } as const;
  const change = (spec: Partial<ServiceRequestSpec> = {}, target = vm) =>
    planOrder({ request: requestOf({ ...extra, ...spec }), target, planOf: noPlan }).change?.spec;

  it('becomes a change that both parties must agree to and Steward carries out, in a window of its own', () => {
    expect(ChangeRequestSpec.parse(change())).toMatchObject({
      title: 'Extra PatchRun of ManagedVM shop-db',
      ...{ class: 'Normal', operation: 'PatchRun', requestedBy: 'steward' },
      target: { kind: 'ManagedVM', name: 'shop-db', uid: 'beef' },
      window: { notBefore: '2026-12-01T10:00:00Z', notAfter: '2026-12-04T10:00:00Z' },
      agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] },
    });
    const window = { notBefore: '2026-12-02T20:00:00Z', notAfter: '2026-12-02T22:00:00Z' };
    expect(change(window)?.window).toEqual(window);
  });

  it('that is urgent may be done first, says which updates, and is agreed to within 72 h of its end', () => {
    const urgent = { packages: ['openssl', 'libssl3'], advisories: ['DSA-6012-1'] };
    const spec = ChangeRequestSpec.parse(change({ urgent }));
    expect(spec).toMatchObject({
      ...{ class: 'Emergency', urgent },
      agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }], afterwardsWithin: '72h' },
    });
    expect(spec.plan[0]).toBe(
      'Steward begins one PatchRun in the guest and installs the newest of openssl, libssl3, and what mends DSA-6012-1, without waiting for its minimum age and for rings to prove it; what is denied or excluded stays as it is.',
    );
    expect(ChangeRequestSpec.parse(change({ urgent: {} })).plan[0]).toContain('installs every update for security,');
  });

  it('names every package in its plan, however many and long they are', () => {
    const packages = Array.from({ length: 32 }, (_, index) => `p${'x'.repeat(125)}${String(index).padStart(2, '0')}`);
    const { plan } = ChangeRequestSpec.parse(change({ urgent: { packages } }));
    for (const each of packages) expect(plan.join(' ')).toContain(each);
  });

  it.each<[string, ManagedVM, string]>([
    ['at level Admin, which is never patched', managedVM({ serviceLevel: 'Admin' }), 'NotIncluded'],
    ['that is powered off', managedVM({ powerState: 'Stopped' }), 'TargetOff'],
    ['that is paused', managedVM({ paused: { reason: 'restore by hand' } }), 'TargetPaused'],
  ])('of a VM %s is refused with a sentence (MO-3)', (_, target, reason) => {
    const { refusal } = planOrder({ request: requestOf(extra), target, planOf: noPlan });
    expect(refusal).toMatchObject({ reason, message: expect.stringMatching(/^ManagedVM shop-db .*\.$/) });
  });

  it.each([
    ['has passed', { notAfter: '2026-12-01T09:00:00Z' }],
    ['has 59 minutes left', { notAfter: '2026-12-01T10:59:59Z' }],
    ['is too short', { notBefore: '2026-12-02T10:00:00Z', notAfter: '2026-12-02T10:30:00Z' }],
  ])('whose window %s is refused', (_, window) => {
    const request = requestOf({ ...extra, ...window });
    expect(planOrder({ request, target: vm, planOf: noPlan }).refusal?.reason).toBe('WindowTooShort');
  });
});

describe('GE-2: what an order says of the change that carries it out', () => {
  const made = { name: 'tune-0a1b2c3d', uid: 'c0ffee' };
  const judged = (spec: Parameters<typeof changeOf>[0]) => {
    const change = changeOf(spec);
    const { status, conditions } = told(change, [], '22:30');
    const lastTransitionTime = '2026-12-01T10:00:00Z';
    return { ...change, status: { ...status, conditions: conditions.map(each => ({ ...each, lastTransitionTime })) } };
  };
  const says = (...args: Parameters<typeof assessOrder>) =>
    assessOrder(...args).conditions.map(({ type, status, reason }) => `${type}=${status}/${reason}`);

  it('whose turn it is', () => {
    const change = judged({ window: {} });
    expect(assessOrder(requestOf(), made, change).status).toMatchObject({
      change: made,
      waitingFor: { what: 'Agreement', whom: ['Customer'] },
    });
    expect(says(requestOf(), made, change)).toEqual([
      'Ready=True/UnderWay',
      'Accepted=True/ChangeMade',
      'Done=False/Open',
    ]);
  });

  it('that it is done, and the effort', () => {
    const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T21:00:00Z', by: 'kim', effort: '1h30m' } as const;
    const change = judged({
      result,
      class: 'Emergency',
      agreement: { parties: [{ party: 'Customer' }], afterwardsWithin: '24h' },
    });
    expect(assessOrder(requestOf(), made, change).status.effort).toBe('1h30m');
    expect(says(requestOf(), made, change)).toContain('Done=True/Succeeded');
  });

  it('that nothing moves', () => {
    expect(says(requestOf(), made, judged({}))).toEqual([
      ...['Ready=False/WindowPassed', 'Stalled=True/WindowPassed'],
      ...['Accepted=True/ChangeMade', 'Done=False/Open'],
    ]);
  });

  it('that it has not been judged yet', () => {
    expect(says(requestOf(), made, changeOf())).toEqual([
      'Ready=Unknown/NotJudgedYet',
      'Accepted=True/ChangeMade',
      'Done=Unknown/NotJudgedYet',
    ]);
  });

  it('that it is gone, for it is never made anew', () => {
    expect(says(requestOf(), made, undefined)).toEqual([
      ...['Ready=False/ChangeLost', 'Stalled=True/ChangeLost'],
      ...['Accepted=True/ChangeMade', 'Done=Unknown/ChangeLost'],
    ]);
  });
});

describe('MO-2, GE-11: an order of a new root disk', () => {
  const catalogue: Record<string, object> = {
    'debian-13': {},
    'debian-14': { lifeCycle: { endOfSupport: '2030-06-30' } },
    'debian-12': { lifeCycle: { endOfSupport: '2026-06-10' } },
    'debian-12-lts': { lifeCycle: { endOfSupport: '2028-06-30' } },
    'debian-14-admin': { lifeCycle: { endOfSupport: '2030-06-30' }, serviceLevels: ['Admin'] },
    'windows-2025': { family: 'Windows', packageManager: 'windows', lifeCycle: { endOfSupport: '2034-10-10' } },
  };
  const systemOf = (name: string) =>
    Object.hasOwn(catalogue, name) ? { ...operatingSystem().spec, ...catalogue[name] } : undefined;
  const disks = [{ name: 'root', claim: 'shop-db-root', claimUID: '01d' }];
  const filled = { ...vm, status: { disks } };
  const ordered = (spec: Partial<ServiceRequestSpec>, target: ManagedVM = filled) =>
    planOrder({ request: requestOf({ description: undefined, ...spec }), target, planOf: noPlan, systemOf });

  it('of the same system is a change by which its own system is put on a new disk', () => {
    const { change } = ordered({ service: 'Rebuild' });
    expect(ChangeRequestSpec.parse(change?.spec)).toMatchObject({
      ...{ operation: 'Rebuild', class: 'Normal', system: { from: 'debian-13', to: 'debian-13' } },
      risk: { rating: 'Medium' },
    });
  });

  it('of a newer system takes the agreement of both, also where a price list has it', () => {
    const inForce = { type: 'Contracted', status: 'True', reason: '', message: '', lastTransitionTime: '' } as const;
    const service = { contract: 'acme', plan: 'advanced', since: '2026-01-01' };
    const target = { ...filled, status: { disks, conditions: [inForce], service } };
    const prices = { onDemand: [{ service: 'Migration' }, { service: 'Rebuild' }] };
    const planOf = () => ({ prices }) as ServicePlanSpec;
    const plan = (spec: Partial<ServiceRequestSpec>) =>
      planOrder({ request: requestOf({ description: undefined, ...spec }), target, planOf, systemOf }).change?.spec;
    expect(plan({ service: 'Rebuild' })?.class).toBe('Standard');
    expect(ChangeRequestSpec.parse(plan({ service: 'Migration', operatingSystem: 'debian-14' }))).toMatchObject({
      ...{ class: 'Normal', operation: 'Migration', system: { from: 'debian-13', to: 'debian-14' } },
      ...{ risk: { rating: 'High' }, agreement: { parties: [{ party: 'Provider' }, { party: 'Customer' }] } },
    });
  });

  it.each([
    ['none', /not in the catalogue/],
    ['debian-13', /no newer one/],
    ['debian-12', /ended with 2026-06-10/],
    ['debian-14-admin', /not offered at serviceLevel/],
    ['windows-2025', /that is another VM/],
  ])('to %s is refused', (name, why) => {
    const { refusal } = ordered({ service: 'Migration', operatingSystem: name });
    expect(refusal).toMatchObject({ reason: 'SystemNotSuitable', message: expect.stringMatching(why) });
  });

  it('of a rescue is a change with an end, of another system than the guest has', () => {
    const { change } = ordered({ service: 'Rescue', operatingSystem: 'debian-12-lts' });
    expect(ChangeRequestSpec.parse(change?.spec)).toMatchObject({
      ...{ operation: 'Rescue', system: { from: 'debian-13', to: 'debian-12-lts' } },
      window: { notBefore: '2026-12-01T10:00:00Z', notAfter: '2026-12-01T14:00:00Z' },
    });
  });

  it.each([
    ['the same system', { operatingSystem: 'debian-13' }, 'SystemNotSuitable'],
    ['a system of another family', { operatingSystem: 'windows-2025' }, 'SystemNotSuitable'],
    ['longer than a day', { operatingSystem: 'debian-14', notAfter: '2026-12-02T10:00:01Z' }, 'RescueTooLong'],
    ['less than an hour', { operatingSystem: 'debian-14', notAfter: '2026-12-01T10:59:00Z' }, 'WindowTooShort'],
  ])('of a rescue by %s is refused', (_, spec, reason) => {
    expect(ordered({ service: 'Rescue', ...spec }).refusal?.reason).toBe(reason);
  });

  it.each<[string, object]>([
    ['an application is managed on it', { disks, applications: [{ name: 'orders', uid: 'a', revision: 'r' }] }],
    ['it never held data', {}],
  ])('is refused where %s', (_, status) => {
    const target = { ...vm, status } as ManagedVM;
    expect(ordered({ service: 'Rebuild' }, target).refusal?.reason).toBe('RootCannotBeMadeAnew');
  });
});

describe('MO-2: what KubeVirt does to a machine in one step', () => {
  const plan = (service: OrderedService, target: ManagedVM = vm, metadata: object = {}) => {
    const request = requestOf({ service, description: undefined });
    return planOrder({
      request: { ...request, metadata: { ...request.metadata, ...metadata } },
      target,
      planOf: noPlan,
    });
  };
  const off = { ...vm, spec: { ...vm.spec, powerState: 'Stopped' } } as ManagedVM;

  it.each(['ForcedStop', 'LiveMigration', 'Snapshot'] as const)('%s is a change that Steward carries out', service => {
    const { spec } = plan(service).change ?? expect.fail();
    expect(ChangeRequestSpec.parse(spec)).toMatchObject({
      operation: service,
      class: 'Normal',
      requestedBy: 'steward',
    });
  });

  it.each([
    ['ForcedStop', undefined],
    ['Snapshot', undefined],
    ['LiveMigration', 'TargetOff'],
    ['Restart', 'TargetOff'],
  ] as const)('%s of a VM that is powered off as ordered: %s', (service, reason) => {
    expect(plan(service, off).refusal?.reason).toBe(reason);
  });

  it('does nothing for an order that came back from a backup: it was done, or left, when that was made', () => {
    const { refusal } = plan('ForcedStop', vm, { labels: { 'velero.io/restore-name': 'all-of-it' } });
    expect(refusal?.reason).toBe('CameFromBackup');
  });
});
