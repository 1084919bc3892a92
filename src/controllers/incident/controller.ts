import { contract } from '../../api/contract.ts';
import { guestState } from '../../api/gueststate.ts';
import { type Incident, incident } from '../../api/incident.ts';
import { managedVM } from '../../api/managedvm.ts';
import { operatingSystem } from '../../api/operatingsystem.ts';
import { product } from '../../api/product.ts';
import { type ServiceCalendar, ServiceCalendarSpec, serviceCalendar } from '../../api/servicecalendar.ts';
import { servicePlan } from '../../api/serviceplan.ts';
import { earliest } from '../../domain/contract/condition.ts';
import { at } from '../../domain/contract/json.ts';
import { agreedAt } from '../../domain/incident/agreement.ts';
import { assessIncident, type IncidentFacts } from '../../domain/incident/assess.ts';
import { type KubeObject, keyOf, type ObjectKey } from '../../runtime/api/object.ts';
import {
  type ControllerDefinition,
  defineController,
  type Reader,
  type ReconcileContext,
  type Result,
} from '../../runtime/pass/controller.ts';
import { namespacesOf, readOnce } from '../contracts.ts';
import { agreementOn } from '../managedvm/service.ts';
import type { OpenIncidents } from '../openincidents.ts';
import { aboutSubject, SUBJECT_INDEX, subjectPath } from '../problem/incidents.ts';
import { PROBLEM_WATCH, problemOfIncident } from '../problem/ofincident.ts';
import { REMEDY_CHANGES, REMEDY_WATCHES, type Remediator } from '../remediation/remediation.ts';
import { reportRecord, STATUS_INTERVALS } from '../report.ts';
import type { Settings } from '../settings.ts';
import { unreadableAt } from '../unreadable.ts';
import { linesOf, SUBJECT_WATCHES, subjectOf, vmLevelOf } from './subject.ts';

type Opened = Incident & KubeObject;

/** Incidents that are not rated yet, by their namespace; and all of them under ''. */
const UNRATED_INDEX = 'unrated';

const hoursIn = readOnce(ServiceCalendarSpec);

/** Who says what the one writer of its status shows. */
export type IncidentParts = {
  readonly settings: Pick<Settings, 'problemTerms'>;
  /** What Steward does about it (MO-6). */
  readonly remediator: Remediator;
  /** Series of those that are open. */
  readonly open: OpenIncidents;
};

/** Rates each incident once, by the terms of the time at which it was detected, and says where it stands, how its clocks run, and when it is over (MO-6, MO-14). */
export function incidentController(parts: IncidentParts): ControllerDefinition<Opened> {
  const { open } = parts;
  return defineController<Opened>({
    name: 'incident',
    kind: incident,
    statusIntervals: { ...STATUS_INTERVALS, isRecord: hasHappened },
    indexes: { [SUBJECT_INDEX]: aboutSubject, [UNRATED_INDEX]: unrated },
    owns: [REMEDY_CHANGES],
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
      // By what they say it is rated once; what becomes of them later is of no concern.
      { kind: operatingSystem, part: ({ spec }) => spec, toKeys: (_, read) => waiting(read, '') },
      { kind: product, part: ({ spec }) => spec, toKeys: (_, read) => waiting(read, '') },
      {
        kind: guestState,
        part: ({ status }) => at(status, 'lines'),
        toKeys: ({ metadata }, read) => concerning({ kind: managedVM.kind, metadata }, read),
      },
      ...REMEDY_WATCHES,
      PROBLEM_WATCH,
    ],
    forget: open.forget,
    reconcile: context => pass(context, parts),
  });
}

/** Until the cache has what was written. Milliseconds. */
const SOON_MS = 100;

/** Rated first; then judged, with what is done about it. */
async function pass(
  context: ReconcileContext<Opened>,
  { settings, remediator, open }: IncidentParts,
): Promise<Result | undefined> {
  const { object, read, now, deleteObject } = context;
  const problem = problemOfIncident(object, read, settings);
  const remedy = object.spec?.rating === undefined ? undefined : remediator.of(context);
  const assessment = assessIncident({
    ...factsOf(context),
    problem,
    remediation: remedy?.steps ?? [],
    remedy: remedy?.message,
  });
  if (assessment.rated) {
    await rate(context, assessment.rated);
    // What is written by ourselves is no news that brings another pass.
    return { requeueAt: new Date(now.getTime() + SOON_MS) };
  }
  if (assessment.isOver) {
    await deleteObject(incident, object);
    return;
  }
  // No series of its own: a storm brings thousands.
  await reportRecord(context, assessment);
  open.record({ ...object, status: assessment.status });
  if (assessment.isJudged) await remedy?.carryOut();
  return { requeueAt: earliest(assessment.nextEdge, remedy?.nextEdge) };
}

function factsOf({ object, read, now }: ReconcileContext<Opened>): Omit<IncidentFacts, 'problem' | 'remediation'> {
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
    lines: linesOf(object, read),
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

/** It may have been stored under another schema. */
function unrated({ metadata, spec }: Opened): readonly string[] {
  return spec?.rating === undefined ? ['', metadata.namespace ?? ''] : [];
}

function waiting(read: Reader, namespace: string): readonly ObjectKey[] {
  return read.byIndex(incident, UNRATED_INDEX, namespace).map(keyOf);
}

function concerning(
  { kind = '', metadata: { namespace = '', name } }: Pick<KubeObject, 'kind' | 'metadata'>,
  read: Reader,
): readonly ObjectKey[] {
  return read.byIndex(incident, SUBJECT_INDEX, subjectPath({ kind, namespace, name })).map(keyOf);
}
