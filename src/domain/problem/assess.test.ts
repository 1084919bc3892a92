import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LISTED_INCIDENTS, type Problem, type ProblemHandling, ProblemStatus } from '../../api/problem.ts';
import { assessProblem, type ProblemFacts } from './assess.ts';
import { problemPartOf } from './partof.ts';
import { changeNamed, day, dayText, incidentOn, problemOf, terms } from './problem.fixtures.ts';

const assessed = (facts: Partial<ProblemFacts> & { readonly problem: Problem }, now = 0) =>
  assessProblem({ incidents: [], problems: [facts.problem], change: undefined, terms, ...facts, now: day(now) });
const solved = (found: ReturnType<typeof assessed>) => found.conditions.find(({ type }) => type === 'Solved');
const on = (...days: readonly number[]) => days.map(each => incidentOn(each));

const knownError = { text: 'A leak in 3.2', by: 'kim' };
const remedy = { change: { name: 'chg-9' }, by: 'kim' };
const done = changeNamed('chg-9', 'chg-uid', 5);

describe('GE-8: a copy of a Problem that Steward has opened', () => {
  const original = problemOf();
  const named = (metadata: Partial<Problem['metadata']>): Problem => ({
    ...original,
    metadata: { ...original.metadata, ...metadata },
  });
  const copies: readonly [string, Problem][] = [
    ['under another name', named({ name: `${original.metadata.name}-copy`, uid: 'copy' })],
    ['restored an hour later', named({ creationTimestamp: dayText(1 / 24), uid: 'restored' })],
  ];

  it.each(copies)('%s counts nothing, is not open, and takes no incident from the original', (_, copy) => {
    const facts = { problems: [original, copy], incidents: on(0, 1) };
    const found = assessed({ ...facts, problem: copy }, 2);
    expect(found.status).toEqual({ observedGeneration: 1 });
    expect(found.isOpen).toBe(false);
    expect(solved(found)).toMatchObject({ status: 'Unknown', reason: 'Copied' });
    expect(assessed({ ...facts, problem: original }, 2)).toEqual(
      assessed({ ...facts, problems: [original], problem: original }, 2),
    );
    expect(problemPartOf('vm-1', incidentOn(1), [copy, original], terms)).toBe(original);
  });

  it('is not what Steward itself wrote minutes later, nor what a person opens', () => {
    expect(solved(assessed({ problem: named({ creationTimestamp: '2026-12-01T12:09:00Z' }) }))?.reason).not.toBe(
      'Copied',
    );
    const { ordinal: _, ...spec } = original.spec;
    const opened = { ...spec.opened, because: 'ByHand', by: 'kim' } as const;
    const byHand = { ...named({ name: 'disk-again', creationTimestamp: dayText(9) }), spec: { ...spec, opened } };
    expect(solved(assessed({ problem: byHand }, 9))?.reason).toBe('CauseUnknown');
  });
});

describe('where a Problem stands', () => {
  const rows: readonly [string, ProblemHandling, Partial<ProblemFacts>, number, string, string][] = [
    ['nobody knows the cause', {}, {}, 0, 'Open', 'CauseUnknown'],
    ['the cause is known', { knownError }, {}, 0, 'KnownError', 'NoRemedy'],
    [
      'the change is agreed and not done',
      { remedy },
      { change: changeNamed('chg-9', 'chg-uid') },
      0,
      'Remedying',
      'RemedyUnderWay',
    ],
    ['there is no such change', { remedy, knownError }, {}, 0, 'KnownError', 'RemedyNotFound'],
    [
      'the change was rolled back',
      { remedy },
      { change: changeNamed('chg-9', 'u', 5, 'RolledBack') },
      6,
      'Open',
      'RemedyNotDone',
    ],
    ['the change has just succeeded', { remedy }, { change: done }, 6, 'Proving', 'RemedyOnProof'],
    ['13 days without an incident', { remedy }, { change: done }, 18, 'Proving', 'RemedyOnProof'],
    ['14 days without an incident', { remedy }, { change: done }, 19, 'Closed', 'RemedyHeld'],
    [
      'an incident on the last of them',
      { remedy, knownError },
      { change: done, incidents: on(18) },
      30,
      'KnownError',
      'CameBack',
    ],
    [
      'an incident before the change was over',
      { remedy },
      { change: done, incidents: on(4) },
      30,
      'Closed',
      'RemedyHeld',
    ],
    [
      'an incident 30 days after it was closed',
      { remedy },
      { change: done, incidents: on(49) },
      49,
      'Open',
      'CameBack',
    ],
    [
      'an incident from before that began anew',
      { remedy },
      { change: done, incidents: [incidentOn(4, { last: dayText(6) })] },
      30,
      'Open',
      'CameBack',
    ],
    ['an incident much later', { remedy }, { change: done, incidents: on(50) }, 50, 'Closed', 'RemedyHeld'],
    [
      'closed by a person',
      { closed: { cause: 'The customer bears it', at: dayText(2), by: 'kim' } },
      {},
      3,
      'Closed',
      'ClosedByHand',
    ],
    [
      'closed by a person in a day',
      { closed: { cause: 'x', at: dayText(2), by: 'kim' } },
      {},
      1,
      'Open',
      'CauseUnknown',
    ],
    [
      'closed by a person, and it came back',
      { closed: { cause: 'x', at: dayText(2), by: 'kim' } },
      { incidents: on(3) },
      4,
      'Open',
      'CameBack',
    ],
  ];
  it.each(rows)('MO-15: %s', (_, handling, facts, now, phase, reason) => {
    const found = assessed({ problem: problemOf({ handling }), ...facts }, now);
    expect([found.status.phase, solved(found)?.reason]).toEqual([phase, reason]);
    expect(found.isOpen).toBe(phase !== 'Closed');
    expect(ProblemStatus.safeParse(found.status).error).toBeUndefined();
  });

  it('MO-15: says the arithmetic in full sentences, and when it looks again', () => {
    const found = assessed({ problem: problemOf({ handling: { remedy } }), change: done, incidents: on(-1, 0) }, 6);
    expect(solved(found)?.message).toBe(
      '2 incidents of ManagedVM shop-db by ManagedVMServiceNotRunning, the last one inc-0 on 2026-12-01T12:00:00Z. ChangeRequest chg-9 has succeeded; if none comes before 2026-12-20T12:00:00Z, it has held.',
    );
    expect(found.nextEdge).toEqual(day(19));
    expect(found.status.heldUntil).toBe(dayText(19));
  });

  it('MO-15: is opened again by another remedy for what came back, which is proven anew', () => {
    const again = { remedy: { ...remedy, change: { name: 'chg-10' } } };
    const found = assessed(
      {
        problem: problemOf({ handling: again }, { remedy: { name: 'chg-9', uid: 'chg-uid', succeededAt: dayText(5) } }),
        change: changeNamed('chg-10', 'other', 20),
        incidents: on(18),
      },
      25,
    );
    expect([found.status.phase, found.status.heldUntil]).toEqual(['Proving', dayText(34)]);
  });

  it('GE-8: another change under the name of the remedy is not the remedy, and what it did stays when it is gone', () => {
    const bound = problemOf({ handling: { remedy } }, { remedy: { name: 'chg-9', uid: 'chg-uid' } });
    const impostor = assessed({ problem: bound, change: changeNamed('chg-9', 'impostor', 5) }, 19);
    expect(solved(impostor)).toMatchObject({ reason: 'RemedyNotFound', message: expect.stringContaining('chg-uid') });
    expect(impostor.status.remedy?.uid).toBe('chg-uid');
    const succeeded = problemOf(
      { handling: { remedy } },
      { remedy: { name: 'chg-9', uid: 'chg-uid', succeededAt: dayText(5) } },
    );
    expect(assessed({ problem: succeeded }, 19).status.phase).toBe('Closed');
  });

  it('GE-8: keeps what was counted while nothing can be read, and says that it does not know', () => {
    const noted = {
      phase: 'Open',
      count: 4,
      incidents: on(0).map(({ alert: _, times: __, ...each }) => each),
    } as const;
    const unreadable = { kind: 'Incident', namespace: 'acme', why: 'forbidden' };
    const found = assessed({ problem: problemOf({}, noted as ProblemStatus), unreadable });
    expect(found.status).toMatchObject(noted);
    expect(found.conditions.map(({ status }) => status)).toEqual(['Unknown', 'Unknown']);
    const invalid = { ...problemOf({}, noted as ProblemStatus), spec: { subject: 'x' } } as unknown as Problem;
    expect(assessed({ problem: invalid }).status).toMatchObject(noted);
  });
});

describe('incidents of a Problem', () => {
  it('MO-15: an incident that was restored or copied under a name that is noted is counted once', () => {
    const first = assessed({ problem: problemOf(), incidents: on(-1, 0) });
    const restored = on(-1, 0).map(each => ({ ...each, uid: `${each.uid}-restored` }));
    const again = assessed({ problem: problemOf({}, first.status), incidents: restored });
    expect(again.status).toEqual(first.status);
  });

  it('MO-15: when it began anew for the last time is kept, whatever is found later', () => {
    const first = assessed({ problem: problemOf(), incidents: [incidentOn(-1, { last: dayText(2) })] });
    expect(first.status.last).toBe(dayText(2));
    const again = assessed({ problem: problemOf({}, first.status), incidents: [incidentOn(-1, { last: dayText(1) })] });
    expect(again.status).toEqual(first.status);
    const later = assessed({ problem: problemOf({}, first.status), incidents: [incidentOn(-1, { last: dayText(3) })] });
    expect([later.status.last, later.status.count]).toEqual([dayText(3), 1]);
  });

  it('MO-15: those that are gone stay counted, and of many the newest are named', () => {
    const many = Array.from({ length: LISTED_INCIDENTS + 20 }, (_, at) => incidentOn(at / 10));
    const first = assessed({ problem: problemOf(), incidents: many }, 20);
    expect([first.status.count, first.status.incidents?.length]).toEqual([120, 100]);
    expect(first.status.incidents?.at(-1)?.name).toBe('inc-11.9');
    expect(assessed({ problem: problemOf({}, first.status), incidents: [] }, 20).status).toEqual(first.status);
    expect(ProblemStatus.safeParse(first.status).error).toBeUndefined();
  });

  it('MO-15: another alert, what is long ago, and what the next Problem has taken over do not count', () => {
    const next = problemOf(
      {
        ordinal: 2,
        since: dayText(10),
        opened: { because: 'Recurrence', by: 'steward', at: dayText(12), reason: 'x' },
      },
      undefined,
      'second',
    );
    const first = problemOf();
    const incidents = [...on(-31, -30, 9, 10), incidentOn(1, { alert: 'Another' })];
    const names = (problem: Problem) =>
      assessed({ problem, problems: [next, first], incidents }, 12).status.incidents?.map(({ name }) => name);
    expect([names(first), names(next)]).toEqual([['inc--30', 'inc-9'], ['inc-10']]);
  });

  const days = fc.uniqueArray(fc.integer({ min: -30, max: 80 }), { maxLength: 20 });
  const handlings = fc.constantFrom<ProblemHandling>(
    {},
    { remedy },
    { closed: { cause: 'x', at: dayText(3), by: 'kim' } },
    { remedy, closed: { cause: 'x', at: dayText(30), by: 'kim' } },
  );

  it('MO-15: the order in which they come, replays and double delivery change nothing', () => {
    fc.assert(
      fc.property(
        days,
        handlings,
        fc.array(fc.array(fc.nat(19), { maxLength: 20 }), { maxLength: 6 }),
        (all, handling, looks) => {
          // Every other one began anew.
          const incidents = all.map((each, index) =>
            incidentOn(each, index % 2 ? { last: dayText(each + index) } : {}),
          );
          const facts = { problem: problemOf({ handling }), change: done };
          const atOnce = assessed({ ...facts, incidents }, 90);
          let { status } = assessed(facts, 90);
          const seen = new Set<number>();
          for (const look of looks) {
            for (const each of look) seen.add(each);
            const delivered = look.concat([...seen]).flatMap(index => incidents[index] ?? []);
            ({ status } = assessed({ ...facts, problem: problemOf({ handling }, status), incidents: delivered }, 90));
          }
          const last = assessed(
            { ...facts, problem: problemOf({ handling }, status), incidents: incidents.toReversed() },
            90,
          );
          expect(last).toEqual(atOnce);
          expect(assessed({ ...facts, problem: problemOf({ handling }, last.status), incidents }, 90)).toEqual(atOnce);
        },
      ),
    );
  });

  it('MO-15: none belongs to two Problems of a fault', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 60 }), (all, begins) => {
        const opened = { because: 'Recurrence', by: 'steward', at: dayText(begins + 2), reason: 'x' } as const;
        const problems = [problemOf(), problemOf({ ordinal: 2, since: dayText(begins), opened }, undefined, 'second')];
        const counted = problems.flatMap(problem =>
          (assessed({ problem, problems, incidents: on(...all) }, 90).status.incidents ?? []).map(({ uid }) => uid),
        );
        expect(new Set(counted).size).toBe(counted.length);
      }),
    );
  });
});
