import { describe, expect, test } from 'vitest';
import { BLACKBOX, MEASURED, watched } from '../application/watched.fixtures.ts';
import {
  type ApplicationKnowledge,
  figuresOf,
  heardOfApplications,
  knowingNoApplication,
  missedApplications,
  watchOverApplication,
} from './applicationwatch.ts';

const TOLERANCE = 300_000;
const at = (minute: number) => new Date(Date.parse('2026-11-30T12:00:00Z') + minute * 60_000);
const own = { namespace: 'acme', managed_vm: 'shop-db', application: 'shop-orders' };
const series = (of: string, value: number, more: object = {}) => ({
  metric: { of, ...own, ...more },
  value: [0, `${value}`],
});
const METRICS = [
  'pg_scrape_collector_success',
  'pg_stat_activity_count',
  'pg_settings_max_connections',
  'pg_rolled_back',
];
const metrics = (...names: string[]) => names.map(metric => series('metric', 1, { metric }));
const whole = [series('rules', 1), series('probes', 1), series('target', 1), ...metrics(...METRICS)];
const figures = (measured: number, working: number, seconds: number, month = '11') => [
  ...[series('measured', measured, { month }), series('working', working, { month })],
  series('response', seconds, { month, probe: 'transaction' }),
];

/** What is known after answers of so many minutes, one in each. */
function heardFor(
  minutes: number,
  answer: readonly object[],
  before = knowingNoApplication(at(0)),
  from = 0,
): ApplicationKnowledge {
  let known = before;
  for (let minute = from; minute <= from + minutes; minute += 1)
    known = heardOfApplications(known, answer, at(minute), TOLERANCE);
  return known;
}

describe('Prometheus watches over an application (AP-5, AP-11)', () => {
  test('from its first whole answer on', () => {
    expect(watchOverApplication(knowingNoApplication(at(0)), watched())).toEqual({ state: 'undecided' });
    expect(watchOverApplication(heardFor(0, whole), watched())).toEqual({ state: 'answers', lacks: [] });
  });

  test.each([
    ['rules that nobody evaluates', whole.slice(1), ['rules']],
    ['probes that are read in part', [whole[0], series('probes', 0.5), ...whole.slice(2)], ['probes']],
    ['an exporter that is no target', [whole[0], whole[1], ...metrics(...METRICS)], ['target']],
    ['an exporter that does not answer', [whole[0], whole[1], series('target', 0)], ['scrape']],
    ['an exporter that has gone silent in part', whole.slice(0, -1), ['metric pg_rolled_back']],
  ])('lacks %s, once that was so for the tolerance', (_, answer, lacks) => {
    const seen = answer.filter(each => each !== undefined);
    expect(watchOverApplication(heardFor(4, seen), watched())).toEqual({ state: 'undecided' });
    expect(watchOverApplication(heardFor(5, seen), watched())).toEqual({ state: 'answers', lacks });
  });

  test('of Basic asks for no exporter (AP-5)', () => {
    expect(watchOverApplication(heardFor(0, whole.slice(0, 2)), watched('Basic'))).toEqual({
      state: 'answers',
      lacks: [],
    });
  });

  test('hears whether it was reached from outside of its guest, where somebody asks', () => {
    const asked = watched('Expert', MEASURED.monitoring, BLACKBOX);
    const outside = (value: number) => heardFor(5, [...whole, series('outside', value)]);
    expect(watchOverApplication(heardFor(0, [...whole, series('outside', 1)]), asked)).toEqual({
      ...{ state: 'answers', lacks: [], reached: true },
    });
    expect(watchOverApplication(outside(0), asked)).toEqual({ state: 'answers', lacks: [], reached: false });
    expect(watchOverApplication(heardFor(4, [...whole, series('outside', 0)]), asked)).toEqual({ state: 'undecided' });
    expect(watchOverApplication(heardFor(5, whole), asked)).toEqual({
      ...{ state: 'answers', lacks: ['outside'], reached: false },
    });
    expect(watchOverApplication(outside(0), watched())).toEqual({ state: 'answers', lacks: [] });
  });

  test('takes what was seen of another VM or another application for nothing', () => {
    const others = whole.map(({ metric, value }) => ({ metric: { ...metric, managed_vm: 'other' }, value }));
    expect(watchOverApplication(heardFor(5, others), watched())).toMatchObject({
      lacks: ['rules', 'probes', 'target'],
    });
  });

  test('is silent after no answer for the tolerance, and its figures stay', () => {
    const known = heardFor(0, [...whole, ...figures(100, 100, 0.01)]);
    const soon = missedApplications(known, 'it answers with status 503', at(5), TOLERANCE);
    expect(soon).toBe(known);
    const later = missedApplications(known, 'it answers with status 503', at(6), TOLERANCE);
    expect(watchOverApplication(later, watched())).toEqual({
      state: 'silent',
      since: at(0),
      why: 'it answers with status 503',
    });
    expect(figuresOf(later, watched())?.measuredMinutes).toBe(100);
  });
});

describe('what was measured', () => {
  test('is taken every ten minutes at most (AP-11)', () => {
    const known = heardFor(8, figures(20, 19, 0.02), heardFor(0, figures(10, 10, 0.01)), 1);
    expect(figuresOf(known, watched())).toEqual({
      ...{ month: '2026-11', measuredMinutes: 10, workingMinutes: 10 },
      responseSeconds: new Map([['transaction', 0.01]]),
    });
    expect(figuresOf(heardFor(0, figures(20, 19, 0.02), known, 10), watched())).toMatchObject({ workingMinutes: 19 });
  });

  test('is of the last month of its number: what is old in January is December’s', () => {
    const now = new Date('2027-01-01T00:01:00Z');
    const known = heardOfApplications(knowingNoApplication(now), figures(9, 9, 1, '12'), now, TOLERANCE);
    expect(figuresOf(known, watched())?.month).toBe('2026-12');
  });

  test.each([
    ['a month that is none', figures(9, 9, 1, '13')],
    ['minutes that are no number', figures(Number.NaN, 9, 1)],
    ['half of it', figures(9, 9, 1).slice(0, 1)],
    ['nothing', []],
  ])('is not made up of %s', (_, answer) => {
    expect(figuresOf(heardFor(0, answer), watched())).toBeUndefined();
  });
});
