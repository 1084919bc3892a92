import { incident } from '../../api/incident.ts';
import { Priority } from '../../api/serviceplan.ts';
import { at, listAt, textAt } from '../../domain/contract/json.ts';
import type { FaultIncident } from '../../domain/problem/fault.ts';
import type { KubeObject, ObjectKey } from '../../runtime/api/object.ts';
import type { Reader, WatchedKind } from '../../runtime/pass/controller.ts';

/** Incidents and Problems by what they are about. */
export const SUBJECT_INDEX = 'about';

export type Subject = { readonly kind: string; readonly namespace: string; readonly name: string };

export function subjectPath({ kind, namespace, name }: Subject): string {
  return `${kind}/${namespace}/${name}`;
}

/** Of an Incident or a Problem, as it names it; it may have been stored under another schema. */
export function subjectOf({ metadata, spec }: KubeObject): Subject {
  const [kind = '', name = ''] = ['kind', 'name'].map(field => textAt(spec, 'subject', field));
  return { kind, name, namespace: metadata.namespace ?? '' };
}

export function aboutSubject(object: KubeObject): readonly string[] {
  return [subjectPath(subjectOf(object))];
}

/** Incidents, as far as they make Problems. */
export function incidentWatch(toKeys: (subject: Subject, read: Reader) => readonly ObjectKey[]): WatchedKind {
  return {
    kind: incident,
    indexes: { [SUBJECT_INDEX]: aboutSubject },
    part: object => [subjectOf(object), countedAs(object)],
    toKeys: (object, read) => toKeys(subjectOf(object), read),
  };
}

/** Those of a subject with exactly this UID that count. */
export function incidentsOf(subject: Subject, uid: string, read: Reader): readonly FaultIncident[] {
  return read.byIndex(incident, SUBJECT_INDEX, subjectPath(subject)).flatMap(object => {
    const counted = countedAs(object);
    return counted?.subjectUid === uid ? [counted] : [];
  });
}

type Counted = FaultIncident & { readonly subjectUid: string };

/**
 * Undefined: it makes no Problem. Only what Steward has rated counts, and of that neither what is unproven nor what is the customer's to mend (MO-9). A rating
 * names the UID of its Incident: a copy, or one that was restored, is none.
 */
export function countedAs(object: KubeObject): Counted | undefined {
  const { metadata, spec, status } = object;
  const { name, uid = '', creationTimestamp = '' } = metadata;
  const rating = at(spec, 'rating');
  const priority = Priority.safeParse(at(rating, 'priority')).data;
  const subjectUid = textAt(status, 'subject') ?? textAt(spec, 'subject', 'uid');
  const isOwn = textAt(rating, 'incident') === uid && uid !== '';
  const isOurs = textAt(spec, 'proof', 'verdict') !== 'Unproven' && textAt(rating, 'scope') !== 'Customer';
  if (priority === undefined || subjectUid === undefined || !isOwn || !isOurs) return undefined;
  const times = timesOf(spec, textAt(spec, 'detectedAt') ?? creationTimestamp);
  const [detectedAt = ''] = times;
  const last = times.at(-1);
  const alert = textAt(spec, 'alert', 'name');
  return { name, uid, detectedAt, ...(last !== detectedAt && { last }), priority, subjectUid, alert, times };
}

/** When it was detected, and each time that its alert fired anew. Never before what was before. */
function timesOf(spec: unknown, detectedAt: string): readonly string[] {
  const again = listAt(spec, 'signals').flatMap(each =>
    at(each, 'firing') === true ? (textAt(each, 'at') ?? []) : [],
  );
  return [detectedAt, ...again.filter(time => time >= detectedAt)];
}
