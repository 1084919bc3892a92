import { describe, expect, it } from 'vitest';
import type { ChangeRequest, ChangeRequestSpec, ChangeRequestStatus } from '../../api/changerequest.ts';
import { changeOf, decisionOn, told } from '../change/change.fixtures.ts';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { customerWaits, nextCustomerWait, waitSentence, waitsForCustomer } from './customerwait.ts';

const vm = managedVM();
const at = (clock: string) => new Date(`2026-12-01T${clock}:00Z`);
const both: ChangeRequestSpec['agreement'] = { parties: [{ party: 'Provider' }, { party: 'Customer' }] };
const result = { outcome: 'Succeeded', finishedAt: '2026-12-01T21:00:00Z', by: 'kim' } as const;

type Decisions = (change: ChangeRequest) => Parameters<typeof told>[1];
/** A change of that VM from 20:00 to 22:00, as its controller judges it at an instant. */
function judged(clock: string, spec: Partial<ChangeRequestSpec> = {}, decisions: Decisions = () => []): ChangeRequest {
  const change = changeOf(spec);
  const assess = (when: string, status: ChangeRequestStatus = {}) =>
    told({ ...change, status }, decisions(change), when).status;
  const { conditions } = told(change, decisions(change), clock);
  const lastTransitionTime = '2026-12-01T08:00:00Z';
  const status = assess(clock, assess('09:00'));
  return { ...change, status: { ...status, conditions: conditions.map(each => ({ ...each, lastTransitionTime })) } };
}

const agreed: Decisions = change => [decisionOn(change, 'ben', '09:00')];
const postponed: Decisions = change => [
  ...agreed(change),
  decisionOn(change, 'ben', '10:00', { decision: 'Postpone', until: '2026-12-02T20:00:00Z' }),
];
const provider: Decisions = change => [decisionOn(change, 'lee', '09:00', { party: 'Provider' })];

describe('GE-4: a change waits for the customer', () => {
  type Row = [
    what: string,
    clock: string,
    spec: Partial<ChangeRequestSpec>,
    decisions: Decisions,
    says: string | undefined,
  ];
  it.each<Row>([
    ['who has not agreed before its window', '19:59', {}, () => [], undefined],
    [
      'who has not agreed while its window is open',
      '21:00',
      {},
      () => [],
      "ChangeRequest chg-1 waits for the customer's agreement since 2026-12-01T20:00:00Z until 2026-12-01T22:00:00Z",
    ],
    ['who has not agreed until its window was over', '22:00', {}, () => [], undefined],
    ['who has agreed', '21:00', {}, agreed, undefined],
    ['nor the provider have agreed', '21:00', { agreement: both }, () => [], undefined],
    [
      'and not for the provider, who has agreed',
      '21:00',
      { agreement: both },
      provider,
      "ChangeRequest chg-1 waits for the customer's agreement since 2026-12-01T20:00:00Z until 2026-12-01T22:00:00Z",
    ],
    [
      'who has not agreed to what has no window',
      '21:00',
      { window: {} },
      () => [],
      "ChangeRequest chg-1 waits for the customer's agreement since 2026-12-01T09:00:00Z",
    ],
    [
      'who has postponed it, before it was to begin',
      '19:00',
      { postponableUntil: '2026-12-03T00:00:00Z' },
      postponed,
      undefined,
    ],
    [
      'who has postponed it',
      '20:30',
      { postponableUntil: '2026-12-03T00:00:00Z' },
      postponed,
      'ChangeRequest chg-1 was to begin on 2026-12-01T20:00:00Z; the customer has postponed it until 2026-12-02T20:00:00Z',
    ],
    [
      'who has not taken the result',
      '21:30',
      { result },
      agreed,
      "ChangeRequest chg-1 waits for the customer's acceptance of the result since 2026-12-01T21:30:00Z",
    ],
    ['of what is closed', '21:30', { result: { ...result, outcome: 'Cancelled' } }, agreed, undefined],
    ['of another VM', '21:00', { target: { kind: 'ManagedVM', name: 'other' } }, () => [], undefined],
    [
      'of another incarnation',
      '21:00',
      { target: { kind: 'ManagedVM', name: 'shop-db', uid: 'old' } },
      () => [],
      undefined,
    ],
  ])('%s (at %s)', (_, clock, spec, decisions, says) => {
    const found = customerWaits([judged(clock, spec, decisions)], vm, at(clock));
    expect(found.map(waitSentence)).toEqual(says === undefined ? [] : [says]);
  });

  it('as long as its spec is the one that was judged', () => {
    const change = judged('21:00');
    expect(customerWaits([{ ...change, metadata: { ...change.metadata, generation: 2 } }], vm, at('21:00'))).toEqual(
      [],
    );
  });

  it('the longest wait comes first, of at most 16', () => {
    const many = Array.from({ length: 20 }, (_, index) => {
      const change = judged('21:00', { window: { notBefore: `2026-12-01T${19 - (index % 5)}:00:00Z` } });
      return { ...change, metadata: { ...change.metadata, name: `chg-${index}` } };
    });
    const found = customerWaits(many, vm, at('21:00'));
    expect(found).toHaveLength(16);
    expect(found[0]?.since).toBe('2026-12-01T15:00:00Z');
    expect(found.map(({ since }) => since)).toEqual(found.map(({ since }) => since).sort());
  });

  it('is looked at again when its window begins or ends', () => {
    expect(nextCustomerWait([judged('19:00')], at('19:00'))).toEqual(at('20:00'));
    expect(nextCustomerWait([judged('21:00')], at('21:00'))).toEqual(at('22:00'));
    expect(nextCustomerWait([judged('22:30')], at('22:30'))).toBeUndefined();
  });
});

describe('GE-4: what holds up a promise', () => {
  const meant = { operation: 'Restart' } as const;
  it('is a change that does what the promise needs, and no other', () => {
    expect(waitsForCustomer([judged('21:00')], vm, 'Restart', at('21:00'))).toBeUndefined();
    expect(waitsForCustomer([judged('21:00', meant)], vm, 'Restart', at('21:00'))?.change).toBe('chg-1');
  });

  it('is none that is done: what the customer has not accepted is there', () => {
    expect(
      waitsForCustomer([judged('21:30', { ...meant, result }, agreed)], vm, 'Restart', at('21:30')),
    ).toBeUndefined();
  });
});
