import { describe, expect, it } from 'vitest';
import { ChangeRequestSpec } from '../../api/changerequest.ts';
import { OrderedService, type ServiceRequest, type ServiceRequestSpec } from '../../api/servicerequest.ts';
import { apiVersion, changeOf, told } from './change.fixtures.ts';
import { assessOrder, assessRefusal, changeNameOf, planOrder } from './order.ts';

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

describe('MO-2, GE-2: an order of a service on demand', () => {
  it('becomes a change that both parties must agree to, requested by Steward, so that the customer may decide on it', () => {
    const { change } = planOrder({ request: requestOf({ notBefore: '2026-12-02T20:00:00Z' }), target: 'beef' });
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
    expect(ChangeRequestSpec.safeParse(planOrder({ request, target: 'a' }).change?.spec).error).toBeUndefined();
    expect(changeNameOf(request)).toBe(`${'n'.repeat(54)}-0a1b2c3d`);
    expect(changeNameOf(requestOf({}, `${'n'.repeat(53)}.x`))).toBe(`${'n'.repeat(53)}-0a1b2c3d`);
  });

  it.each(OrderedService.options.filter(service => service !== 'Custom'))(
    'of %s is refused with a sentence, as long as nobody serves it',
    service => {
      const request = requestOf({ service, description: undefined });
      const { refusal } = planOrder({ request, target: 'beef' });
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

  it('for a VM that is not there is refused', () => {
    expect(planOrder({ request: requestOf(), target: undefined }).refusal?.reason).toBe('TargetNotFound');
  });

  it('that cannot be read is refused, and never throws', () => {
    expect(planOrder({ request: requestOf({ reason: 5 as never }), target: 'a' }).refusal?.reason).toBe('InvalidOrder');
    expect(planOrder({ request: { ...requestOf(), spec: undefined as never }, target: 'a' }).refusal?.reason).toBe(
      'InvalidOrder',
    );
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
