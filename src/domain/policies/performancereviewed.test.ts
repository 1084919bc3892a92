import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { PerformanceReviews } from '../../api/applicationreview.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { Reading } from '../application/advice.ts';
import { application, product } from '../application/product.fixtures.ts';
import { MEASURED } from '../application/watched.fixtures.ts';
import type { SeenPerformance } from './advicewatch.ts';
import { performanceReviewed, reviewed } from './performancereviewed.ts';

const NOW = new Date('2026-12-02T12:00:00Z');
const entry = product(MEASURED).spec;
const vm = (powerState = 'Running') =>
  ({ metadata: { name: 'shop-db' }, spec: { powerState, disks: [{ name: 'root' }] } }) as unknown as ManagedVM;
const busy: Reading = { percent: 95, peak: 97 };
const seen = (names = ['cpu', 'memory', 'disk'], more: Partial<SeenPerformance> = {}): SeenPerformance => ({
  ...{ decided: true, firing: ['connections', 'made-up'], readings: new Map(names.map(name => [name, busy])) },
  ...more,
});
const review = (month: string, closed?: string): PerformanceReviews[number] => ({
  ...{ month, since: `${month}-01T00:00:00Z`, ...(closed && { closed }) },
  peaks: [{ advisor: 'cpu', percent: 97, at: `${month}-03T09:00:00Z` }],
  bottlenecks: [{ indicator: 'connections', first: `${month}-03T09:00:00Z`, last: `${month}-04` }],
  ...{ unusual: [], advice: [] },
});
const reviews = [review('2026-12'), review('2026-11', '2026-12-01T00:00:02Z')];

function order(serviceLevel: ApplicationLevel, status: object) {
  return { ...application({ serviceLevel }), status: { installed: '2026-10-20T00:00:00Z', ...status } };
}

const of = (level: ApplicationLevel, status: object = {}, known: SeenPerformance | undefined = seen()) =>
  reviewed(order(level, status), vm(), entry, known, NOW);

describe('what is advised and reviewed (AP-12)', () => {
  test.each(['Advanced', 'Expert'] as const)('at %s, of the Product’s own advisors and indicators', level => {
    const known = seen(['cpu', 'made-up']);
    const { advice = [], reviews: told = [] } = of(level, {}, known);
    expect(advice.map(({ advisor, proposal }) => [advisor, proposal])).toEqual([
      ['cpu', 'The processors are the bottleneck. Order more of them for the VM (spec.sizing).'],
    ]);
    expect(advice[0]?.query).toContain('node_cpu_seconds_total{namespace="acme",managed_vm="shop-db",application=""');
    expect(told).toMatchObject([
      { month: '2026-12', peaks: [{ advisor: 'cpu', percent: 97 }], bottlenecks: [{ indicator: 'connections' }] },
    ]);
  });

  test('is nothing at Basic, whatever there was (AP-5)', () => {
    expect(of('Basic', of('Expert'))).toEqual({});
  });

  test('stays as it was while Prometheus is not asked, or the Product is not in order', () => {
    const before = of('Expert');
    expect(reviewed(order('Expert', before), vm(), entry, undefined, NOW)).toEqual(before);
    expect(reviewed(order('Expert', before), vm(), undefined, seen([]), NOW)).toEqual(before);
  });
});

test('nothing is written for days in which the readings swing by a point (AP-12)', () => {
  let [status, writes] = [of('Expert', {}, seen(['cpu'])), 0];
  for (let minutes = 10; minutes < 2 * 24 * 60; minutes += 10) {
    const percent = 95 + (minutes % 20) / 10;
    const known = seen([], { readings: new Map([['cpu', { percent, peak: percent }]]) });
    const next = reviewed(order('Expert', status), vm(), entry, known, new Date(NOW.getTime() + minutes * 60_000));
    if (!isDeepStrictEqual(next, status)) writes += 1;
    status = next;
  }
  // The last day on which an indicator was told.
  expect(writes).toBe(2);
});

describe('PerformanceReviewed (AP-5, AP-12)', () => {
  const made = { child: { kind: 'PrometheusRule', namespace: 'acme', name: 'x' }, action: 'unchanged' as const };
  const said = (
    performance: SeenPerformance | undefined,
    kept: PerformanceReviews = reviews,
    level: ApplicationLevel = 'Expert',
    powerState = 'Running',
  ) =>
    performanceReviewed({
      ...{ application: order(level, {}), managedVM: vm(powerState), outcomes: [made], now: NOW },
      watch: {
        ...{ installed: true, product: entry, figures: undefined, performance },
        prometheus: { state: 'answers', lacks: [] },
      },
      kept: { reviews: kept },
    });
  const short = ({ status, reason }: { status: string; reason: string }) => `${status}/${reason}`;
  const silence = { since: new Date('2026-12-02T11:00:00Z'), why: 'it answers with status 503' };

  test.each([
    ['each advisor is read and the month before was reviewed', seen(), reviews, 'True/Reviewed'],
    ['none was reviewed yet', seen(), reviews.slice(0, 1), 'True/UnderReview'],
    ['an advisor is not read any more', seen(['memory', 'disk']), reviews, 'False/ReadingsMissing'],
    ['one was never read', seen(['cpu', 'disk']), reviews, 'Unknown/NotMeasured'],
    ['nothing was ever read', seen([]), [], 'Unknown/NotMeasured'],
    [
      'one is not read, and that may be for a moment',
      seen(['cpu'], { decided: false }),
      reviews,
      'Unknown/NotObserved',
    ],
    [
      'a whole month had nothing to review',
      seen([]),
      [review('2026-10', '2026-11-01T00:00:00Z')],
      'False/ReviewOverdue',
    ],
    ['Prometheus does not answer', seen([], { silence }), reviews, 'Unknown/PrometheusSilent'],
    ['it was not asked yet', undefined, reviews, 'Unknown/NotObserved'],
  ])('where %s', (_, performance, kept, verdict) => {
    expect(short(said(performance, kept))).toBe(verdict);
  });

  test('is NotIncluded at Basic, and says nothing of a VM that is powered off', () => {
    expect(short(said(seen(), reviews, 'Basic'))).toBe('Unknown/NotIncluded');
    expect(short(said(seen([]), reviews, 'Expert', 'Stopped'))).toBe('Unknown/PoweredOff');
  });

  test('says date and numbers, and is looked at again when the month is over', () => {
    const { message, nextEdge } = said(seen());
    expect(message).toBe(
      'The review of 2026-11 was closed at 2026-12-01T00:00:02Z: 1 load peak, 1 bottleneck, 0 unusual, 0 pieces of advice. 0 pieces of advice stand: see status.advice.',
    );
    expect(nextEdge).toEqual(new Date('2027-01-01T00:00:00Z'));
  });
});
