import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { managedVM } from '../managedvm/assessment.fixtures.ts';
import { EVENT_SENSORS } from './guestevents.ts';
import {
  eventWatchOver,
  heard,
  type Knowledge,
  knowingNothing,
  missed,
  type PrometheusWatch,
  requireWholeAnswer,
  sightingsOf,
  watchOver,
} from './prometheuswatch.ts';

const TOLERANCE = 300_000;
const START = Date.parse('2026-11-23T12:00:00Z');
const at = (minutes: number) => new Date(START + minutes * 60_000);

const ALL = ['rules|acme|', 'order|acme|shop-db', 'machine|acme|shop-db', 'target|acme|shop-db', 'scrape|acme|shop-db'];
const without = (...gone: string[]) => ALL.filter(each => !gone.some(need => each.startsWith(need)));

type Answers = Extract<PrometheusWatch, { state: 'answers' }>;
/** What each question brought: sightings, or why there are none. */
type Answer = readonly string[] | string;
const knowledge = (...answers: readonly (readonly [minute: number, Answer])[]): Knowledge =>
  answers.reduce(
    (known, [minute, answer]) =>
      typeof answer === 'string'
        ? missed(known, answer, at(minute), TOLERANCE)
        : heard(known, new Set(answer), at(minute), TOLERANCE),
    knowingNothing(at(0)),
  );
const view = (...answers: readonly (readonly [number, Answer])[]) => watchOver(knowledge(...answers), managedVM());

const watched: PrometheusWatch = { state: 'answers', lacks: [] };
const undecided: PrometheusWatch = { state: 'undecided' };
const refused = 'it cannot be reached (ECONNREFUSED)';

describe('what is known of Prometheus’ watch', () => {
  it.each<[string, readonly (readonly [number, Answer])[], PrometheusWatch]>([
    ['before the first answer nothing is', [], undecided],
    ['the first answer proves what it shows', [[0, ALL]], watched],
    ['the first answer disproves nothing', [[0, without('scrape')]], undecided],
    ['what five minutes of answers never showed lacks', minutes(5, without('scrape')), lacks('scrape')],
    ['without a target, not to read it is no news', minutes(5, without('scrape', 'target')), lacks('target')],
    ['all that lacks is named', minutes(5, []), lacks('rules', 'order', 'machine', 'target')],
    ['one failed scrape changes nothing', [...minutes(9, ALL), [10, without('scrape')]], watched],
    [
      'failed scrapes for five minutes change nothing',
      [...minutes(9, ALL), ...minutes(14, without('scrape'), 10)],
      watched,
    ],
    [
      'a longer one does, and it is known when it was read last',
      [...minutes(9, ALL), ...minutes(15, without('scrape'), 10)],
      { ...lacks('scrape'), lastSeen: { scrape: at(9) } },
    ],
    ['an answer that fails changes nothing', [...minutes(9, ALL), [10, refused]], watched],
    ['five minutes without one change nothing', [...minutes(9, ALL), ...minutes(14, refused, 10)], watched],
    [
      'a longer silence does, and counts from the last answer',
      [...minutes(9, ALL), ...minutes(15, refused, 10)],
      { state: 'silent', since: at(9), why: refused },
    ],
    [
      'a silence keeps its reason',
      [...minutes(9, ALL), ...minutes(15, refused, 10), [16, 'it answers with status 503']],
      { state: 'silent', since: at(9), why: refused },
    ],
    [
      'who never answered is silent since the first question',
      minutes(6, refused),
      { state: 'silent', since: at(0), why: refused },
    ],
    ['after a silence one answer proves', [...minutes(6, refused), [7, ALL]], watched],
    ['after a silence one answer disproves nothing', [...minutes(6, refused), [7, []]], undecided],
    ['a Prometheus that forgot everything is given time', [...minutes(9, ALL), [10, []]], watched],
    ['a process that stood still for long starts anew', [...minutes(9, ALL), [60, []]], undecided],
  ])('%s', (_, answers, expected) => {
    expect(view(...answers)).toEqual(expected);
  });

  it('of a VM with thresholds of its own takes their rules as well', () => {
    const own = managedVM({ alertThresholds: { cpuPercent: 50 } });
    expect(watchOver(knowledge(...minutes(5, ALL)), own)).toEqual(lacks('thresholds'));
    expect(watchOver(knowledge(...minutes(5, [...ALL, 'thresholds|acme|shop-db'])), own)).toEqual(watched);
  });

  it('of another VM or namespace proves nothing', () => {
    const others = ALL.map(each => each.replace('acme', 'globex'));
    const neighbours = ALL.map(each => each.replace('shop-db', 'shop-web'));
    expect(view(...minutes(5, [...others, ...neighbours]))).toEqual(lacks('order', 'machine', 'target'));
  });

  it('never is a proof without an answer within the tolerance that shows it', () => {
    const step = fc.tuple(fc.integer({ min: 1, max: 600 }), fc.option(fc.subarray(ALL), { nil: undefined }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), steps => {
        let known = knowingNothing(at(0));
        let seconds = 0;
        const shown = new Map<string, number>();
        for (const [wait, sightings] of steps) {
          seconds += wait;
          const now = new Date(START + seconds * 1000);
          for (const each of sightings ?? []) shown.set(each, seconds);
          known = sightings ? heard(known, new Set(sightings), now, TOLERANCE) : missed(known, refused, now, TOLERANCE);
        }
        const found = watchOver(known, managedVM());
        if (found.state !== 'answers' || found.lacks.length > 0) return;
        // Twice: seen just within the tolerance, and no answer for just as long since.
        const oldest = Math.min(...ALL.map(each => shown.get(each) ?? Number.NEGATIVE_INFINITY));
        expect(seconds - oldest).toBeLessThanOrEqual((2 * TOLERANCE) / 1000);
      }),
    );
  });
});

describe('what is known of the sensor for events (MO-12)', () => {
  const sensors = EVENT_SENSORS.map(sensor => `sensor ${sensor}|acme|shop-db`);
  const whole = [...ALL, ...sensors];
  const events = (...answers: readonly (readonly [number, Answer])[]) =>
    eventWatchOver(knowledge(...answers), managedVM());

  it('takes a fresh reading of each part of it, and the rules', () => {
    expect(events([0, whole])).toEqual(watched);
    expect(events(...minutes(4, ALL))).toEqual(undecided);
    expect(events(...minutes(5, ALL))).toEqual({
      state: 'answers',
      lacks: EVENT_SENSORS.map(sensor => `sensor ${sensor}`),
    });
    expect(events(...minutes(5, sensors))).toMatchObject({ lacks: ['rules'] });
  });

  it('takes none of another VM, of another namespace, or by a name that a guest has made up', () => {
    const others = sensors.map(each => each.replace('shop-db', 'shop-web'));
    const elsewhere = sensors.map(each => each.replace('acme', 'globex'));
    expect(events(...minutes(5, [...ALL, ...others, ...elsewhere]))).toMatchObject({
      lacks: { length: EVENT_SENSORS.length },
    });
    const told = (sensor: string) =>
      sightingsOf({ metric: { of: 'sensor', namespace: 'acme', managed_vm: 'shop-db', sensor }, value: [1, '1'] });
    expect(told('journal')).toEqual(['sensor journal|acme|shop-db']);
    expect(['__proto__', 'journal|acme', ''].flatMap(told)).toEqual([]);
  });

  it('knows when a part was seen last, as long as it lacks, also over a silence of Prometheus', () => {
    const without = whole.filter(each => !each.startsWith('sensor journal'));
    const gone = { state: 'answers', lacks: ['sensor journal'], lastSeen: { 'sensor journal': at(9) } };
    expect(events(...minutes(9, whole), ...minutes(30, without, 10))).toEqual(gone);
    expect(events(...minutes(9, whole), ...minutes(20, refused, 10), ...minutes(30, without, 21))).toEqual(gone);
    expect(events(...minutes(9, whole), ...minutes(20, without, 10), [21, whole])).toEqual(watched);
  });
});

describe('an answer of Prometheus', () => {
  const answer = { status: 'success', data: { resultType: 'vector', result: [] } };

  it('is read by what each series shows', () => {
    const series: readonly (readonly [Record<string, string>, string])[] = [
      [{ of: 'rules', namespace: 'acme' }, '1'],
      [{ of: 'order', namespace: 'acme', managed_vm: 'shop-db' }, '1'],
      [{ of: 'machine', namespace: 'acme', name: 'shop-db' }, '1'],
      [{ of: 'target', namespace: 'acme', managed_vm: 'shop-db' }, '1'],
      [{ of: 'target', namespace: 'acme', managed_vm: 'shop-web' }, '0'],
    ];
    const sightings = series.flatMap(([metric, value]) => sightingsOf({ metric, value: [1, value] }));
    expect(sightings.sort()).toEqual([...ALL, 'target|acme|shop-web'].sort());
    expect(() => requireWholeAnswer(answer)).not.toThrow();
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a login page', '<html>'],
    ['an error', { status: 'error', errorType: 'timeout', error: 'query timed out' }],
    ['another result', { status: 'success', data: { resultType: 'matrix', result: [] } }],
    ['no list', { status: 'success', data: { resultType: 'vector', result: {} } }],
    ['a part of the data', { ...answer, warnings: ['store 10.0.0.1 did not answer'] }],
  ])('with %s counts as none', (_, body) => {
    expect(() => requireWholeAnswer(body)).toThrow(/its answer is/);
  });

  it('with series that nobody asked for is read all the same', () => {
    const odd = new Set([null, 3, { metric: [] }, { value: 1 }].flatMap(sightingsOf));
    expect(watchOver(heard(knowingNothing(at(0)), odd, at(0), TOLERANCE), managedVM())).toEqual(undecided);
  });
});

/** The same answer every minute. */
function minutes(to: number, answer: Answer, from = 0): readonly (readonly [number, Answer])[] {
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, answer] as const);
}

function lacks(...needs: Answers['lacks']): Answers {
  return { state: 'answers', lacks: needs };
}
