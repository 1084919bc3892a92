import type { Problem } from '../../api/problem.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { fact, type News, NO_TIDINGS, newsOf, subjectOf, type Tidings } from './news.ts';

type Told = Problem & KubeObject;
type Happening = Pick<News, 'kind' | 'action' | 'severity' | 'occasion'> & {
  readonly at: string | undefined;
  readonly reason?: string | undefined;
  readonly cause?: string | undefined;
};

/**
 * What a Problem has to tell, once Steward has judged it: that it was opened; that it came back after its remedy, or after it was closed; that it is closed
 * (MO-15). One that is a copy has no phase, and tells nobody anything.
 */
export function problemNews(problem: Told): Tidings {
  const { status, metadata } = problem;
  if (status?.phase === undefined || metadata.deletionTimestamp !== undefined) return NO_TIDINGS;
  return { news: [opened(problem), cameBack(problem), closed(problem)].flatMap(each => told(problem, each) ?? []) };
}

function told({ metadata, kind, spec, status }: Told, happened: Happening | undefined): News | undefined {
  const subject = subjectOf({ metadata, kind });
  if (subject === undefined || happened?.at === undefined) return undefined;
  const { at, reason, cause, ...rest } = happened;
  const { handling = {} } = spec;
  return newsOf({
    ...{ ...rest, subject, matter: '', roles: ['Technical'], at: new Date(at) },
    facts: [
      fact('system', `${spec.subject.kind} ${spec.subject.name}`),
      fact('message', spec.alert),
      fact('reason', reason),
      fact('phase', status?.phase),
      fact('since', new Date(spec.opened.at)),
      fact('cause', cause ?? handling.knownError?.text),
      fact('workaround', handling.workaround?.text),
      fact('remedy', handling.remedy && `ChangeRequest ${handling.remedy.change.name}`),
    ],
  });
}

function opened({ spec: { opened: how } }: Told): Happening {
  return {
    ...{ kind: 'ProblemOpened', action: 'Opened', severity: 'Warning', occasion: 'Opened' },
    at: how.at,
    reason: how.reason,
  };
}

/** Once for each remedy, and each closing, that did not hold. */
function cameBack({ spec, status }: Told): Happening | undefined {
  const solved = status?.conditions?.find(({ type }) => type === 'Solved');
  const of = status?.remedy?.succeededAt ?? spec.handling?.closed?.at;
  if (solved?.reason !== 'CameBack' || of === undefined) return undefined;
  return {
    ...{ kind: 'ProblemOpened', action: 'Opened', severity: 'Warning' },
    ...{ occasion: `CameBack ${of}`, at: status?.last, reason: solved.message },
  };
}

function closed({ spec, status }: Told): Happening | undefined {
  if (status?.phase !== 'Closed' || status.closedAt === undefined) return undefined;
  return {
    ...{ kind: 'ProblemClosed', action: 'Ended', severity: 'Info' },
    ...{ occasion: status.closedAt, at: status.closedAt, cause: spec.handling?.closed?.cause },
  };
}
