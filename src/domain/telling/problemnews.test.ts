import { describe, expect, it } from 'vitest';
import type { Problem, ProblemStatus } from '../../api/problem.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { problemOf } from '../problem/problem.fixtures.ts';
import { problemNews } from './problemnews.ts';

const handling = {
  knownError: { text: 'A leak in 3.2', by: 'kim' },
  workaround: { text: 'Restart it each night', by: 'kim' },
  remedy: { change: { name: 'chg-9' }, by: 'kim' },
};
const problem = (status?: ProblemStatus, spec: Partial<Problem['spec']> = {}) =>
  problemOf(spec, status) as Problem & KubeObject;
const kinds = (of: Problem & KubeObject) =>
  problemNews(of).news.map(({ kind, action, occasion }) => `${kind} ${action} ${occasion}`);
const solved = (reason: string, message = 'inc-9 came after ChangeRequest chg-9 had succeeded.') => ({
  conditions: [
    { type: 'Solved', status: 'False' as const, reason, message, lastTransitionTime: '2026-12-01T12:00:00Z' },
  ],
});

describe('MO-15, GE-4: a Problem', () => {
  it('is news once Steward has judged it, with what is known and how to get by', () => {
    const [news, ...more] = problemNews(problem({ phase: 'KnownError' }, { handling })).news;
    expect(more).toEqual([]);
    expect(news).toMatchObject({ kind: 'ProblemOpened', action: 'Opened', severity: 'Warning', roles: ['Technical'] });
    expect(news?.facts.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      'system: ManagedVM shop-db',
      'message: ManagedVMServiceNotRunning',
      'reason: 3 incidents.',
      'phase: KnownError',
      'since: 2026-12-01T12:00:00Z',
      'cause: A leak in 3.2',
      'workaround: Restart it each night',
      'remedy: ChangeRequest chg-9',
    ]);
  });

  it('is closed once, with the cause that a person gives', () => {
    const closed = { cause: 'The system is taken away', at: '2026-12-05T12:00:00Z', by: 'kim' };
    const of = problem({ phase: 'Closed', closedAt: closed.at }, { handling: { closed } });
    expect(kinds(of)).toEqual(['ProblemOpened Opened Opened', 'ProblemClosed Ended 2026-12-05T12:00:00Z']);
    expect(problemNews(of).news[1]?.facts).toContainEqual({ name: 'cause', value: 'The system is taken away' });
  });

  it('comes back once for each remedy that did not hold, however many incidents follow', () => {
    const remedy = { name: 'chg-9', uid: 'u', succeededAt: '2026-12-03T12:00:00Z' };
    const back = (last: string) => problem({ phase: 'Open', last, remedy, ...solved('CameBack') }, { handling });
    const first = kinds(back('2026-12-04T12:00:00Z'));
    expect(first).toEqual(['ProblemOpened Opened Opened', 'ProblemOpened Opened CameBack 2026-12-03T12:00:00Z']);
    expect(kinds(back('2026-12-09T12:00:00Z'))).toEqual(first);
  });

  it.each<[string, Problem & KubeObject]>([
    ['that nobody has judged', problem()],
    ['that is a copy: it has no phase', problem({ observedGeneration: 1 })],
    [
      'that goes',
      {
        ...problem({ phase: 'Open' }),
        metadata: { ...problem().metadata, deletionTimestamp: '2026-12-01T12:00:00Z' },
      } as Problem & KubeObject,
    ],
  ])('%s tells nobody anything (GE-8)', (_, of) => {
    expect(problemNews(of).news).toEqual([]);
  });
});
