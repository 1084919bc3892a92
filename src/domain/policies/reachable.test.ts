import { describe, expect, test } from 'vitest';
import type { ManagedVM } from '../../api/managedvm.ts';
import { application, product } from '../application/product.fixtures.ts';
import { BLACKBOX, MEASURED } from '../application/watched.fixtures.ts';
import type { WatchedFacts, WatchFacts } from './applicationwatched.ts';
import { reachable } from './reachable.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const WORKS = { status: 'True', reason: 'ProbesSucceed', message: '' } as const;
const FAILS = { status: 'False', reason: 'ProbeFailed', message: '' } as const;
const answers = (reached: boolean | undefined, lacks: readonly 'outside'[] = []) =>
  ({ prometheus: { state: 'answers', lacks, ...(reached !== undefined && { reached }) } }) as const;

function facts(watch: Partial<WatchFacts>, more: Partial<WatchedFacts> = {}): WatchedFacts {
  const order = application();
  const condition = { type: 'Reachable', status: 'False', reason: 'Before', message: 'As it was.' } as const;
  order.status = {
    installed: '2026-11-01T00:00:00Z',
    conditions: [{ ...condition, lastTransitionTime: '2026-11-01T00:00:00Z' }],
  };
  return {
    ...{ application: order, now: NOW },
    managedVM: { metadata: { name: 'shop-db' }, spec: { powerState: 'Running' } } as unknown as ManagedVM,
    outcomes: [
      {
        ...{
          child: { kind: 'PrometheusRule', namespace: 'acme', name: 'shop-orders-application' },
          action: 'unchanged',
        },
        object: { metadata: { creationTimestamp: '2026-11-01T00:00:00Z' } },
      },
    ],
    watch: {
      ...{ installed: true, product: product(MEASURED).spec, prometheus: undefined, figures: undefined },
      ...{ blackbox: BLACKBOX, ...watch },
    },
    ...more,
  };
}

const said = (watched: WatchedFacts, available = WORKS as typeof WORKS | typeof FAILS) => {
  const { status, reason, message } = reachable(watched, available);
  return `${status}/${reason} ${message}`;
};

describe('Reachable is the word of who asks from outside of the guest (AP-11)', () => {
  test('True where it was reached, whatever its probes inside say', () => {
    const text = 'True/Reached From outside of the guest it was reached at port 5432 of Service shop-orders.';
    expect([said(facts(answers(true))), said(facts(answers(true)), FAILS)]).toEqual([text, text]);
  });

  test('False where it was not, and the network is at fault exactly where its probes inside succeed', () => {
    expect(said(facts(answers(false)))).toMatch(
      /^False\/NotReached From outside of the guest nobody has reached it at port 5432 of Service shop-orders lately\. Its probes in the guest succeed, so what lies between is at fault/,
    );
    expect(said(facts(answers(false)), FAILS)).toMatch(/not known to succeed either: see condition Available\.$/);
  });

  test.each<[string, Partial<WatchFacts>, Partial<WatchedFacts>, string]>([
    ['the provider has no blackbox exporter', { blackbox: undefined }, {}, 'Unknown/NotIncluded'],
    [
      'the Product does not say how',
      { product: product({ ...MEASURED, monitoring: {} }).spec },
      {},
      'Unknown/NotIncluded',
    ],
    ['the Product is not in order', { product: undefined }, {}, 'Unknown/ProductNotReady'],
    ['there is no prometheus-operator', { installed: false }, {}, 'False/PrometheusOperatorNotInstalled'],
    ['it was never installed', {}, { application: application() }, 'Unknown/NotProvisioned'],
    ['no Prometheus is asked', {}, {}, 'Unknown/NotObserved'],
    [
      'Prometheus does not answer',
      { prometheus: { state: 'silent', since: NOW, why: 'x' } },
      {},
      'Unknown/PrometheusSilent',
    ],
    ['Prometheus has not been asked for long', { prometheus: { state: 'undecided' } }, {}, 'False/Before'],
    ['Prometheus has no readings', answers(false, ['outside']), {}, 'Unknown/NotMeasured'],
  ])('and says so where %s', (_, watch, more, verdict) => {
    expect(said(facts(watch, more)).split(' ')[0]).toBe(verdict);
  });
});
