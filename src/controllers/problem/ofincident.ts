import { incident } from '../../api/incident.ts';
import { type Problem, problem } from '../../api/problem.ts';
import { textAt } from '../../domain/contract/json.ts';
import { problemPartOf } from '../../domain/problem/partof.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';
import { aboutSubject, countedAs, SUBJECT_INDEX, subjectOf, subjectPath } from './incidents.ts';

/** For whoever looks at Incidents, indexed by {@link SUBJECT_INDEX}: each shows the Problem that it is part of. */
export const PROBLEM_WATCH: WatchedKind = {
  kind: problem,
  indexes: { [SUBJECT_INDEX]: aboutSubject },
  part: ({ spec, status }) => [textAt(spec, 'alert'), textAt(spec, 'since'), textAt(status, 'closedAt')],
  toKeys: (object, read) => read.byIndex(incident, SUBJECT_INDEX, subjectPath(subjectOf(object))).map(keyOf),
};

/** Name of the Problem that an Incident is part of; undefined: of none, or it makes none. */
export function problemOfIncident(
  object: KubeObject,
  read: Reader,
  { problemTerms }: Pick<Settings, 'problemTerms'>,
): string | undefined {
  const counted = countedAs(object);
  if (counted === undefined) return undefined;
  const problems = read.byIndex<Problem & KubeObject>(problem, SUBJECT_INDEX, subjectPath(subjectOf(object)));
  return problemPartOf(counted.subjectUid, counted, problems, problemTerms)?.metadata.name;
}
