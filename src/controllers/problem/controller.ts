import { type ChangeRequest, changeRequest } from '../../api/changerequest.ts';
import { incident } from '../../api/incident.ts';
import { type Problem, problem } from '../../api/problem.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import { assessProblem } from '../../domain/problem/assess.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import type { OpenRegistry } from '../../runtime/observe/registry.ts';
import { type ControllerDefinition, defineController, type Reader } from '../../runtime/pass/controller.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import type { Settings } from '../settings.ts';
import { unreadableAt } from '../unreadable.ts';
import {
  aboutSubject,
  incidentsOf,
  incidentWatch,
  SUBJECT_INDEX,
  type Subject,
  subjectOf,
  subjectPath,
} from './incidents.ts';

import { problemMetrics } from './metrics.ts';

type Stored = Problem & KubeObject;

/** Problems by the change that is their remedy: `namespace/name`. */
const REMEDY_INDEX = 'remedy';

/** Says of each Problem which incidents belong to it, how its remedy stands, and whether it has held (MO-15). */
export function problemController(
  reporter: Reporter,
  { problemTerms }: Settings,
  registry: OpenRegistry,
): ControllerDefinition<Stored> {
  const metrics = problemMetrics(registry);
  return defineController<Stored>({
    name: 'problem',
    kind: problem,
    statusIntervals: STATUS_INTERVALS,
    indexes: { [SUBJECT_INDEX]: aboutSubject, [REMEDY_INDEX]: remedyPath },
    owns: [],
    watches: [
      incidentWatch(problemsAbout),
      // The next one takes over its incidents.
      {
        kind: problem,
        part: ({ spec }) => [at(spec, 'subject'), at(spec, 'alert'), at(spec, 'since')],
        toKeys: (object, read) => problemsAbout(subjectOf(object), read),
      },
      {
        kind: changeRequest,
        part: ({ metadata, spec, status }) => [metadata.uid, at(spec, 'result'), isDone(status)],
        toKeys: ({ metadata: { namespace = '', name } }, read) =>
          read.byIndex(problem, REMEDY_INDEX, `${namespace}/${name}`).map(keyOf),
      },
    ],
    reconcile: async context => {
      const { object, read, now } = context;
      const { namespace = '' } = object.metadata;
      const subject = subjectOf(object);
      const assessment = assessProblem({
        problem: object,
        incidents: incidentsOf(subject, textAt(object.spec, 'subject', 'uid') ?? '', read),
        problems: read.byIndex<Stored>(problem, SUBJECT_INDEX, subjectPath(subject)),
        change: changeOf(object, read),
        unreadable: unreadableAt(read, [
          [incident, namespace],
          [changeRequest, namespace],
        ])[0],
        ...{ terms: problemTerms, now },
      });
      await reporter.reportOpen(context, assessment);
      metrics.record(object, assessment.status);
      return { requeueAt: assessment.nextEdge };
    },
    forget: uid => {
      reporter.forget(uid);
      metrics.forget(uid);
    },
  });
}

function problemsAbout(subject: Subject, read: Reader): readonly ObjectKey[] {
  return read.byIndex(problem, SUBJECT_INDEX, subjectPath(subject)).map(keyOf);
}

function changeOf({ metadata, spec }: Stored, read: Reader): (ChangeRequest & KubeObject) | undefined {
  const name = remedyName(spec);
  return name === undefined ? undefined : read.get(changeRequest, { namespace: metadata.namespace ?? '', name });
}

function remedyPath({ metadata, spec }: KubeObject): readonly string[] {
  const name = remedyName(spec);
  return name === undefined ? [] : [`${metadata.namespace}/${name}`];
}

function remedyName(spec: unknown): string | undefined {
  return textAt(spec, 'handling', 'remedy', 'change', 'name');
}

function isDone(status: unknown): boolean {
  return listAt(status, 'conditions').some(
    each => textAt(each, 'type') === 'Done' && textAt(each, 'status') === 'True',
  );
}
