import { contract } from '../../api/contract.ts';
import { type Incident, incident } from '../../api/incident.ts';
import { managedApplication } from '../../api/managedapplication.ts';
import { managedVM } from '../../api/managedvm.ts';
import { type ServiceCalendar, ServiceCalendarSpec, serviceCalendar } from '../../api/servicecalendar.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import { textAt } from '../../domain/contract/json.ts';
import { agreedAt } from '../../domain/incident/agreement.ts';
import { assessIncident, type IncidentFacts } from '../../domain/incident/assess.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
  type WatchedKind,
} from '../../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from '../contracts.ts';
import { agreementOn } from '../managedvm/service.ts';
import { type Reporter, STATUS_INTERVALS } from '../report.ts';
import { unreadableAt } from '../unreadable.ts';
import { SUBJECT_WATCHES, subjectOf, vmLevelOf } from './subject.ts';

type Opened = Incident & KubeObject;

/** Incidents by what they concern: `kind namespace/name`. */
const SUBJECT_INDEX = 'concerns';
/** Incidents that are not rated yet, by their namespace; and all of them under ''. */
const UNRATED_INDEX = 'unrated';

const hoursIn = readOnce(ServiceCalendarSpec);

/** What others know of an incident, who keep records of their own: it is shown in its status, of which there is one writer. */
export type Gathered = {
  readonly watches: readonly WatchedKind[];
  /** The Problem that it is part of (MO-15). */
  readonly problem: (object: Opened, read: Reader) => string | undefined;
  /** What Steward has done about it, in its order (MO-6). */
  readonly remediation: (object: Opened, read: Reader) => NonNullable<Incident['status']>['remediation'];
};

/** What is there already. */
const AS_STORED: Gathered = {
  watches: [],
  problem: ({ status }) => status?.problem,
  remediation: ({ status }) => status?.remediation,
};

/** Rates each incident once, by the terms of the time at which it was detected, and says where it stands, how its clocks run, and when it is over (MO-6, MO-14). */
export function incidentController(reporter: Reporter, gathered: Gathered = AS_STORED): ControllerDefinition<Opened> {
  return defineController<Opened>({
    name: 'incident',
    kind: incident,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: hasHappened },
    indexes: { [SUBJECT_INDEX]: concerned, [UNRATED_INDEX]: unrated },
    owns: [],
    watches: [
      ...SUBJECT_WATCHES.map(watch => ({ ...watch, toKeys: concerning })),
      {
        kind: contract,
        indexes: { contractOf: namespacesOf },
        part: ({ spec }) => spec,
        toKeys: (object, read) => namespacesOf(object).flatMap(namespace => waiting(read, namespace)),
      },
      { kind: servicePlan, part: ({ spec }) => spec, toKeys: (_, read) => waiting(read, '') },
      { kind: serviceCalendar, part: ({ spec }) => spec, toKeys: (_, read) => waiting(read, '') },
      ...gathered.watches,
    ],
    forget: reporter.forget,
    reconcile: async context => {
      const { object, deleteObject } = context;
      const assessment = assessIncident(factsOf(context, gathered));
      if (assessment.rated) return rate(context, assessment.rated);
      if (assessment.isOver) return deleteObject(incident, object);
      await reporter.reportOpen(context, assessment);
      return { requeueAt: assessment.nextEdge };
    },
  });
}

function factsOf({ object, read, now }: ReconcileContext<Opened>, gathered: Gathered): IncidentFacts {
  const { namespace = '', creationTimestamp } = object.metadata;
  const isUnknown =
    unreadableAt(read, [
      [contract, ''],
      [servicePlan, ''],
      [serviceCalendar, ''],
    ]).length > 0;
  const detectedAt = new Date(object.spec?.detectedAt ?? creationTimestamp ?? now);
  const ground = {
    ...agreementOn(namespace, read),
    calendar: (name: string) =>
      hoursIn(read.get<ServiceCalendar & KubeObject>(serviceCalendar, { namespace: '', name })?.spec).spec,
  };
  return {
    incident: object,
    subject: subjectOf(object, read),
    agreed: isUnknown ? undefined : agreedAt(vmLevelOf(object, read), ground, detectedAt),
    contract: ground.contract?.name,
    problem: gathered.problem(object, read),
    remediation: gathered.remediation(object, read) ?? [],
    now,
  };
}

/** In the version that was judged: the next pass judges by it. */
async function rate({ object, mergePatch, event }: ReconcileContext<Opened>, rated: object): Promise<void> {
  await mergePatch(incident, object, { spec: rated });
  const { rating } = rated as Pick<Incident['spec'], 'rating'>;
  event('Normal', rating?.priority ?? 'Rated', rating?.reason ?? 'It is rated.');
}

/** What happened is written at once: its instants are those at which it was seen. */
function hasHappened(previous: { readonly timeline?: unknown }, next: { readonly timeline?: unknown }): boolean {
  const length = ({ timeline }: { readonly timeline?: unknown }) => (Array.isArray(timeline) ? timeline.length : 0);
  return length(previous) !== length(next);
}

function concerned({ metadata, spec }: KubeObject): readonly string[] {
  return [`${textAt(spec, 'subject', 'kind')} ${metadata.namespace}/${textAt(spec, 'subject', 'name')}`];
}

/** It may have been stored under another schema. */
function unrated({ metadata, spec }: Opened): readonly string[] {
  return spec?.rating === undefined ? ['', metadata.namespace ?? ''] : [];
}

function waiting(read: Reader, namespace: string): readonly ObjectKey[] {
  return read.byIndex(incident, UNRATED_INDEX, namespace).map(keyOf);
}

function concerning({ kind, metadata }: KubeObject, read: Reader): readonly ObjectKey[] {
  return read.byIndex(incident, SUBJECT_INDEX, `${kind} ${metadata.namespace}/${metadata.name}`).map(keyOf);
}

/** Kinds that an incident can concern. */
export const SUBJECT_KINDS = [managedVM, managedApplication] as const;
