import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Problem } from '../../api/problem.ts';
import { assessProblem } from './assess.ts';
import { problemPartOf } from './partof.ts';
import { day, dayText, incidentOn, problemOf, subject, terms } from './problem.fixtures.ts';

const partOf = (on: number, ...problems: readonly Problem[]) =>
  problemPartOf(subject.uid, incidentOn(on), problems, terms)?.metadata.uid;

describe('the Problem that an incident shows', () => {
  it('MO-15: is the open one of its system and alert', () => {
    expect(partOf(3, problemOf())).toBe('prb-uid-1');
    expect(partOf(3, problemOf({ alert: 'Another' }))).toBeUndefined();
    expect(partOf(3, problemOf({ subject: { kind: 'ManagedVM', name: 'shop-db', uid: 'before' } }))).toBeUndefined();
    expect(partOf(3)).toBeUndefined();
  });

  it('MO-15: is a closed one only where the fault comes back in time', () => {
    const closed = problemOf({}, { phase: 'Closed', closedAt: dayText(10) });
    expect([partOf(40, closed), partOf(41, closed)]).toEqual(['prb-uid-1', undefined]);
  });

  it('MO-15: is the one that has counted it, whatever becomes of that', () => {
    const { alert: _, times: __, ...listed } = incidentOn(-20);
    const noted = problemOf({}, { phase: 'Closed', closedAt: dayText(1), incidents: [listed] });
    expect(partOf(-20, problemOf({}, undefined, 'other'), noted)).toBe('prb-uid-1');
  });

  it('MO-15: is the one that counts it as soon as it looks', () => {
    fc.assert(
      fc.property(fc.integer({ min: -40, max: 80 }), fc.integer({ min: 1, max: 60 }), (on, begins) => {
        const opened = { because: 'Recurrence', by: 'steward', at: dayText(begins + 2), reason: 'x' } as const;
        const problems = [problemOf(), problemOf({ ordinal: 2, since: dayText(begins), opened }, undefined, 'second')];
        const counting = problems.filter(problem => {
          const facts = { problem, problems, incidents: [incidentOn(on)], change: undefined, terms, now: day(90) };
          return assessProblem(facts).status.count === 1;
        });
        expect(partOf(on, ...problems)).toBe(counting[0]?.metadata.uid);
      }),
    );
  });
});
