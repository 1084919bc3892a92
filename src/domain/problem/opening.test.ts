import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Problem, ProblemSpec } from '../../api/problem.ts';
import type { FaultIncident } from './fault.ts';
import { type NewProblem, problemsToOpen } from './opening.ts';
import { ALERT, day, dayText, incidentOn, problemOf, subject, terms } from './problem.fixtures.ts';

const opened = (incidents: readonly FaultIncident[], now = 0, problems: readonly Problem[] = []) =>
  problemsToOpen({ subject, incidents, problems, terms, now: day(now) });
const stored = ({ metadata, ...rest }: NewProblem, status: Problem['status']): Problem =>
  ({ ...rest, metadata: { ...metadata, uid: metadata.name }, status }) as Problem;

describe('Steward opens a Problem', () => {
  it.each([
    ['MO-15: at the third incident of an alert within 30 days', [-29, -10, 0], 'Recurrence'],
    ['MO-15: not at the second', [-10, 0], undefined],
    ['MO-15: not where the third is more than 30 days back', [-31, -10, 0], undefined],
  ] as const)('%s', (_, days, because) => {
    const [found] = opened(days.map(on => incidentOn(on)));
    expect(found?.spec.opened.because).toBe(because);
  });

  it('MO-15: says why, with numbers, in a spec that the API server takes', () => {
    const [found] = opened([-2, -1, 0].map(on => incidentOn(on)));
    expect(found?.spec.opened).toEqual({
      because: 'Recurrence',
      by: 'steward',
      at: dayText(0),
      reason: '3 incidents of ManagedVM shop-db by ManagedVMServiceNotRunning within 720h; 3 times are a recurrence.',
    });
    expect(ProblemSpec.safeParse(found?.spec).error).toBeUndefined();
  });

  it('MO-15: at one incident that began anew twice before it was closed', () => {
    const [found] = opened([incidentOn(-1, { times: [-1, -0.5, 0].map(dayText) })]);
    expect(found?.spec.opened.reason).toBe(
      '1 incident of ManagedVM shop-db by ManagedVMServiceNotRunning within 720h, which came 3 times; 3 times are a recurrence.',
    );
    expect(opened([incidentOn(-1, { times: [-1, 0].map(dayText) })])).toEqual([]);
  });

  it('MO-15: at once by an incident of priority P1', () => {
    const [found] = opened([incidentOn(0, { priority: 'P1' })]);
    expect(found?.spec.opened).toMatchObject({ because: 'CriticalIncident', reason: expect.stringContaining('inc-0') });
  });

  it('MO-15: by a P1 that a person reported, and by no number of other reports', () => {
    const report = (on: number, priority: 'P1' | 'P2') => incidentOn(on, { alert: undefined, priority });
    expect(opened([-3, -2, -1, 0].map(on => report(on, 'P2')))).toEqual([]);
    const [found] = opened([report(0, 'P1')]);
    expect(found?.spec).not.toHaveProperty('alert');
    expect(ProblemSpec.safeParse(found?.spec).error).toBeUndefined();
  });

  it('MO-15: for each alert by itself: three different ones are no recurrence', () => {
    expect(opened(['A', 'B', 'C'].map((alert, on) => incidentOn(-on, { alert })))).toEqual([]);
    const both = ['A', 'B'].flatMap(alert =>
      [0, 1, 2].map(on => incidentOn(-on, { alert, name: `inc-${alert}-${on}` })),
    );
    expect(opened(both).map(({ spec }) => spec.alert)).toEqual(['A', 'B']);
  });

  it('MO-15: none beside one that is open, whoever opened it', () => {
    const incidents = [-2, -1, 0].map(on => incidentOn(on));
    const byHand = problemOf({ opened: { because: 'ByHand', by: 'kim', at: dayText(-3), reason: 'x' } });
    expect(opened(incidents, 0, [problemOf()])).toEqual([]);
    expect(opened(incidents, 0, [byHand])).toEqual([]);
    expect(opened(incidents, 0, [problemOf({ alert: 'Another' })])).toHaveLength(1);
    expect(
      opened(incidents, 0, [problemOf({ subject: { kind: 'ManagedVM', name: 'shop-db', uid: 'before' } })]),
    ).toHaveLength(1);
  });

  it('MO-15: another one, with a name of its own, when the last has long been closed', () => {
    const [first] = opened([-2, -1, 0].map(on => incidentOn(on)));
    const closed = [stored(first as NewProblem, { phase: 'Closed', closedAt: dayText(20) })];
    // Up to 30 days after, it is the same Problem that comes back.
    expect(
      opened(
        [48, 49, 50].map(on => incidentOn(on)),
        50,
        closed,
      ),
    ).toEqual([]);
    const [second] = opened(
      [51, 52, 53].map(on => incidentOn(on)),
      53,
      closed,
    );
    expect(second?.spec).toMatchObject({ ordinal: 2, since: dayText(50) });
    expect(second?.metadata.name).not.toBe(first?.metadata.name);
  });
});

describe('whoever looks, in whatever order incidents come', () => {
  const incidents = fc.uniqueArray(fc.integer({ min: -60, max: 0 }), { minLength: 0, maxLength: 12 });

  it('MO-15: opens the same Problem, once', () => {
    fc.assert(
      fc.property(incidents, fc.infiniteStream(fc.nat()), (days, random) => {
        const all = days.map(on => incidentOn(on));
        const shuffled = all.map(each => [random.next().value, each] as const).toSorted(([a], [b]) => a - b);
        const doubled = shuffled
          .flatMap(([, each]) => [each, each])
          .filter((each, index, list) => list.indexOf(each) === index);
        const names = (found: readonly NewProblem[]) => found.map(({ metadata }) => metadata.name);
        expect(names(opened(doubled))).toEqual(names(opened(all)));
      }),
    );
  });

  it('MO-15: a replica that has seen more opens no second one', () => {
    fc.assert(
      fc.property(incidents, fc.nat(12), (days, few) => {
        const all = days.map(on => incidentOn(on));
        const names = new Set([...opened(all.slice(0, few)), ...opened(all)].map(({ metadata }) => metadata.name));
        expect(names.size).toBeLessThanOrEqual(1);
      }),
    );
  });
});

it('MO-15: the Problem is bound to this very system: one of its name that came later has its own', () => {
  const incidents = [-2, -1, 0].map(on => incidentOn(on));
  const [here] = opened(incidents);
  const [later] = problemsToOpen({ subject: { ...subject, uid: 'vm-2' }, incidents, problems: [], terms, now: day(0) });
  expect(here?.spec.alert).toBe(ALERT);
  expect(later?.metadata.name).not.toBe(here?.metadata.name);
});
