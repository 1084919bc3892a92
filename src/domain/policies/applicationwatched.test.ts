import { describe, expect, test } from 'vitest';
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { application, product } from '../application/product.fixtures.ts';
import { MEASURED } from '../application/watched.fixtures.ts';
import type { Outcome } from '../contract/outcome.ts';
import { monitored, responsive, type WatchedFacts, type WatchFacts } from './applicationwatched.ts';

const NOW = new Date('2026-11-30T12:00:00Z');
const entry = product(MEASURED).spec;
const vm = (powerState = 'Running') =>
  ({ metadata: { name: 'shop-db' }, spec: { powerState } }) as unknown as ManagedVM;
const made = (creationTimestamp: string): Outcome => ({
  ...{ child: { kind: 'PrometheusRule', namespace: 'acme', name: 'shop-orders-application' }, action: 'unchanged' },
  object: { metadata: { creationTimestamp } },
});
const times = (transaction: number) =>
  new Map([
    ['transaction', transaction],
    ['listens', 0.001],
  ]);
const figures = (transaction: number) => ({
  ...{ month: '2026-11', measuredMinutes: 100, workingMinutes: 100 },
  responseSeconds: times(transaction),
});
const ANSWERS = { state: 'answers', lacks: [] } as const;

type Before = readonly [type: string, status: 'True' | 'False' | 'Unknown'];

function facts(
  watch: Partial<WatchFacts> = {},
  more: Partial<WatchedFacts> = {},
  level: ApplicationLevel = 'Expert',
  before?: Before,
): WatchedFacts {
  const order = application({ serviceLevel: level });
  const condition = before && { type: before[0], status: before[1], reason: 'Before', message: 'As it was.' };
  order.status = {
    installed: '2026-11-01T00:00:00Z',
    ...(condition && { conditions: [{ ...condition, lastTransitionTime: '2026-11-01T00:00:00Z' }] }),
  };
  return {
    ...{ application: order, managedVM: vm(), outcomes: [made('2026-11-01T00:00:00Z')], now: NOW },
    watch: { installed: true, product: entry, prometheus: ANSWERS, figures: figures(0.1), ...watch },
    ...more,
  };
}

const short = ({ status, reason }: { status: string; reason: string }) => `${status}/${reason}`;

describe('Monitored of an application is True on the word of Prometheus alone (AP-5, AP-11)', () => {
  test('that evaluates its rules, reads its probes, its exporter and each metric that must be there', () => {
    const { message, ...verdict } = monitored(facts());
    expect(short(verdict)).toBe('True/PrometheusWatches');
    expect(message).toBe(
      'Prometheus evaluates PrometheusRule shop-orders-application and has fresh readings of 2 probes (AP-11). Its exporter is scraped, with 4 metrics that must be there (AP-5).',
    );
    expect(monitored(facts({}, {}, 'Basic')).message).toMatch(/Of performance nothing is: Basic does not include it/);
  });

  test.each<[string, Partial<WatchFacts>, Partial<WatchedFacts>, string]>([
    ['no Prometheus is asked', { prometheus: undefined }, {}, 'Unknown/NotObserved'],
    ['it has not been asked for long', { prometheus: { state: 'undecided' } }, {}, 'Unknown/NotObserved'],
    ['it does not answer', { prometheus: { state: 'silent', since: NOW, why: 'x' } }, {}, 'Unknown/PrometheusSilent'],
    ['there is no prometheus-operator', { installed: false }, {}, 'False/PrometheusOperatorNotInstalled'],
    ['the Product is not in order', { product: undefined }, {}, 'Unknown/ProductNotReady'],
    ['its rules are not in place', {}, { outcomes: [] }, 'Unknown/NotProvisioned'],
    ['it was never installed', {}, { application: application() }, 'Unknown/NotProvisioned'],
    ['the VM is powered off as ordered', {}, { managedVM: vm('Stopped') }, 'Unknown/PoweredOff'],
  ])('and not where %s', (_, watch, more, verdict) => {
    expect(short(monitored(facts(watch, more)))).toBe(verdict);
  });

  test('a PrometheusRule of that name that is somebody else’s is what it says', () => {
    const taken: Outcome = { ...made(''), action: 'failed', error: { status: 409, reason: 'NotOurs', message: '' } };
    expect(short(monitored(facts({}, { outcomes: [taken] })))).toBe('False/ChildNameTaken');
  });

  test.each([
    [['rules'], 'False/RulesNotEvaluated', /does not evaluate the rules of the application\.$/],
    [['probes', 'scrape'], 'False/ProbesNotRead', /no fresh readings of all probes, and cannot read the exporter/],
    [['target'], 'False/ExporterNotScraped', /does not have the exporter of the application as a target/],
    [['metric pg_up'], 'False/MetricsMissing', /has no metric pg_up\.$/],
    [['outside'], 'False/OutsideNotRead', /has no readings from outside of the guest\.$/],
  ] as const)('it lacks %s', (lacks, verdict, words) => {
    const said = monitored(facts({ prometheus: { state: 'answers', lacks } }));
    expect(short(said)).toBe(verdict);
    expect(said.message).toMatch(words);
  });

  test('one that was never watched has 15 minutes for it, and one that was has none', () => {
    const young = { outcomes: [made('2026-11-30T11:50:00Z')] };
    const lacking = { prometheus: { state: 'answers', lacks: ['rules'] } } as const;
    const said = monitored(facts(lacking, young));
    expect([short(said), said.nextEdge]).toEqual(['Unknown/WatchStarting', new Date('2026-11-30T12:05:00Z')]);
    expect(short(monitored(facts(lacking, young, 'Expert', ['Monitored', 'True'])))).toBe('False/RulesNotEvaluated');
  });

  test('a restart of Steward is no news', () => {
    const undecided = { prometheus: { state: 'undecided' } } as const;
    expect(short(monitored(facts(undecided, {}, 'Expert', ['Monitored', 'True'])))).toBe('True/Before');
    expect(short(responsive(facts(undecided, {}, 'Expert', ['Responsive', 'False'])))).toBe('False/Before');
  });
});

describe('Responsive holds the month against the objective of the level (AP-5)', () => {
  test.each<[string, WatchedFacts, string, RegExp]>([
    [
      'all in time',
      facts(),
      'True/WithinObjective',
      /^2 of 2 probes took 500 ms at most in 2026-11: transaction 100 ms in 95 %, listens 1 ms/,
    ],
    ['one too slow', facts({ figures: figures(0.6) }), 'False/TooSlow', /^1 of 2 probes took 500 ms at most/],
    ['nothing measured', facts({ figures: undefined }), 'Unknown/NotMeasured', /0 of 2 probes/],
    ['Basic', facts({}, {}, 'Basic'), 'Unknown/NotIncluded', /Basic does not include performance/],
    ['no objective', facts({ product: product().spec }), 'Unknown/NotIncluded', /no objective/],
    [
      'silent',
      facts({ prometheus: { state: 'silent', since: NOW, why: 'x' } }),
      'Unknown/PrometheusSilent',
      /no usable answer/,
    ],
  ])('%s', (_, given, verdict, words) => {
    const said = responsive(given);
    expect(short(said)).toBe(verdict);
    expect(said.message).toMatch(words);
  });
});
