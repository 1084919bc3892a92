/** When Steward opens a Problem by itself (MO-15). */
import { millisecondsOf } from '../../api/duration.ts';
import { type Problem, type ProblemSpec, type ProblemTerms, problem } from '../../api/problem.ts';
import { instant } from '../contract/condition.ts';
import { timeAt } from '../contract/json.ts';
import { STEWARD } from '../contract/setout.ts';
import { reopenableUntil } from './closing.ts';
import { chainOf, type Fault, type FaultIncident, problemName } from './fault.ts';

export type OpeningFacts = {
  readonly subject: ProblemSpec['subject'] & { readonly namespace: string };
  /** Those of exactly this subject that count. */
  readonly incidents: readonly FaultIncident[];
  /** Those that there are in its namespace. */
  readonly problems: readonly Problem[];
  /** The provider's. */
  readonly terms: ProblemTerms;
  readonly now: Date;
};

/** As it is created. */
export type NewProblem = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: ProblemSpec;
};

type Cause = Pick<ProblemSpec['opened'], 'because' | 'reason'>;

/** Problems that are to be opened now: at most one for each alert, and none beside one that is open. */
export function problemsToOpen(facts: OpeningFacts): readonly NewProblem[] {
  const alerts = [...new Set(facts.incidents.map(({ alert }) => alert))];
  return alerts.flatMap(alert => openedFor({ subjectUid: facts.subject.uid, alert }, facts) ?? []);
}

function openedFor(fault: Fault, facts: OpeningFacts): NewProblem | undefined {
  const { subject, terms, now } = facts;
  const chain = chainOf(facts.problems, fault);
  if (chain.some(({ status }) => status?.phase !== 'Closed')) return undefined;
  const since = takesOverAt(chain, terms);
  const from = Math.max(now.getTime() - millisecondsOf(terms.within), since ?? 0);
  const counted = facts.incidents.filter(each => each.alert === fault.alert && Date.parse(each.detectedAt) >= from);
  const cause = causeOf(fault, counted, facts);
  if (cause === undefined) return undefined;
  const ordinal = Math.max(0, ...chain.map(({ spec }) => spec.ordinal ?? 0)) + 1;
  const { namespace, ...named } = subject;
  return {
    apiVersion: `${problem.group}/${problem.version}`,
    kind: problem.kind,
    metadata: { name: problemName(fault, ordinal), namespace },
    spec: {
      subject: named,
      ...(fault.alert && { alert: fault.alert }),
      opened: { ...cause, by: STEWARD, at: instant(now) },
      ordinal,
      ...(since && { since: instant(new Date(since)) }),
      terms,
    },
  };
}

function causeOf(fault: Fault, counted: readonly FaultIncident[], { subject, terms }: OpeningFacts): Cause | undefined {
  const whose = `${subject.kind} ${subject.name}`;
  const critical = counted.find(({ priority }) => priority === 'P1');
  if (critical !== undefined) {
    const reason = `Incident ${critical.name} of ${whose} has priority P1.`;
    return { because: 'CriticalIncident', reason };
  }
  // What people report is as different as they are: it does not recur by itself.
  const times = counted.flatMap(each => each.times).length;
  if (fault.alert === undefined || times < terms.incidents) return undefined;
  const again = times === counted.length ? '' : `, which came ${times} times`;
  const incidents = `${counted.length} ${counted.length === 1 ? 'incident' : 'incidents'}`;
  const reason = `${incidents} of ${whose} by ${fault.alert} within ${terms.within}${again}; ${terms.incidents} times are a recurrence.`;
  return { because: 'Recurrence', reason };
}

/** What comes earlier opens the last one again; undefined: there was none. Milliseconds. */
function takesOverAt(chain: readonly Problem[], terms: ProblemTerms): number | undefined {
  const ends = chain.flatMap(({ spec, status }) => {
    const closedAt = timeAt(status, 'closedAt');
    return closedAt === undefined ? [] : [reopenableUntil(closedAt.getTime(), spec.terms ?? terms)];
  });
  return ends.length === 0 ? undefined : Math.max(...ends);
}
