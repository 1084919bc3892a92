import type { KindDefinition } from '../../api/kind.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { type Problem, problem } from '../../api/problem.ts';
import { textAt } from '../../domain/contract/json.ts';
import { problemsToOpen } from '../../domain/problem/opening.ts';
import { type KubeObject, keyOf } from '../../runtime/api/object.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import type { Settings } from '../settings.ts';
import { aboutSubject, incidentsOf, incidentWatch, SUBJECT_INDEX, subjectOf, subjectPath } from './incidents.ts';

/** What incidents are about. */
const SUBJECTS: readonly KindDefinition[] = [managedVM, managedApplication];

/** Opens a Problem of each system whose incidents recur, or are critical (MO-15). Where it stands then, its own controller says. */
export function problemOpeningControllers(settings: Settings): readonly ControllerDefinition<KubeObject>[] {
  return SUBJECTS.map(kind => problemOpeningController(kind, settings));
}

function problemOpeningController(kind: KindDefinition, { problemTerms }: Settings): ControllerDefinition<KubeObject> {
  return defineController<KubeObject>({
    name: `problemopening-${kind.plural}`,
    kind,
    // A record: it outlives its subject.
    owns: [
      {
        kind: problem,
        selector: '',
        indexes: { [SUBJECT_INDEX]: aboutSubject },
        prune: () => false,
        reap: () => false,
      },
    ],
    watches: [
      incidentWatch(({ kind: about, namespace, name }) => (about === kind.kind ? [{ namespace, name }] : [])),
      {
        kind: problem,
        part: ({ status }) => [textAt(status, 'phase'), textAt(status, 'closedAt')],
        toKeys: object => {
          const { kind: about, namespace, name } = subjectOf(object);
          return about === kind.kind ? [{ namespace, name }] : [];
        },
      },
    ],
    reconcile: async ({ object, read, now, apply }) => {
      const { name, namespace = '', uid = '' } = object.metadata;
      // What cannot be read may be open.
      if (read.state(problem, namespace) !== 'served') return;
      const subject = { kind: kind.kind as 'ManagedVM' | 'ManagedApplication', name, namespace, uid };
      const incidents = incidentsOf(subject, uid, read);
      if (incidents.length === 0) return;
      const problems = read.byIndex<Problem & KubeObject>(problem, SUBJECT_INDEX, subjectPath(subject));
      const opened = problemsToOpen({ subject, incidents, problems, terms: problemTerms, now });
      // Once: what stands is the provider's, and never healed.
      const missing = opened.filter(each => read.get(problem, keyOf(each)) === undefined);
      await apply(missing.map(each => ({ object: each, ownerReference: false })));
    },
  });
}
