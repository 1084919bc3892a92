/**
 * What becomes of an alert that is not proven, and that goes on: it is kept as an incident whose proof says so, for a person to see, and nothing follows from it.
 * Whoever can raise alerts raises as many as he likes, so few are kept; all are counted.
 */
import { type Incident, MOST_LABELS } from '../../api/incident.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';
import { incidentName } from '../incident/identity.ts';
import { incidentFor } from '../incident/opened.ts';
import { isFiring } from '../incident/timeline.ts';
import { fingerprintOf } from './fingerprint.ts';
import { isClosed } from './merging.ts';
import type { Named, Pointer } from './pointer.ts';
import type { Doubtful } from './proof.ts';

/** An alert that was told, about a system that there is and that is watched, and refused each time. */
export type Doubt = {
  readonly pointer: Pointer;
  readonly subject: Named & { readonly uid: string };
  readonly why: Doubtful;
  /** The same in a full sentence. */
  readonly message: string;
  /** When it was refused first, and last. */
  readonly since: Date;
  readonly last: Date;
};

/** So long it must have been told and refused: a rule that was just written is not loaded yet, and an alert may have ended while it was told. Milliseconds. */
export const DOUBT_MS = 3 * 60_000;
/** Not told for so long, it is over. Milliseconds. */
export const DOUBT_OVER_MS = 10 * 60_000;
/** Unproven incidents that are not closed: of one system, in one namespace, and in all. */
export const MOST_OF_SYSTEM = 1;
export const MOST_IN_NAMESPACE = 10;
export const MOST_UNPROVEN = 100;

export function isUnproven({ spec }: Incident): boolean {
  return spec?.proof?.verdict === 'Unproven';
}

/** The incident that a doubt is kept as; undefined: it is young, or enough are kept. `incidents`: all that there are. */
export function keptAs(doubt: Doubt, incidents: readonly Incident[], now: Date): Incident | undefined {
  const { subject, pointer, why, message, since } = doubt;
  if (now.getTime() - since.getTime() < DOUBT_MS) return undefined;
  const kept = incidents.filter(each => isUnproven(each) && !isClosed(each));
  const near = kept.filter(({ metadata }) => metadata.namespace === subject.namespace);
  const same = near.filter(({ spec }) => spec.subject.uid === subject.uid);
  if (same.length >= MOST_OF_SYSTEM || near.length >= MOST_IN_NAMESPACE || kept.length >= MOST_UNPROVEN)
    return undefined;
  const fingerprint = fingerprintOf(pointer.labels);
  const startsAt = instant(since);
  const { kind, name, uid, namespace } = subject;
  const opened = incidentFor(
    {
      ...{ namespace, subject: { kind, name, uid } },
      // Its own words are left out: they are whoever's.
      alert: { ...{ name: pointer.name, fingerprint, startsAt, severity: 'info' }, labels: labelsOf(pointer) },
      proof: { verdict: 'Unproven', at: instant(now), message: cut(`${why}: ${message}`, 500) },
    },
    now,
  );
  // Of the same alert, should it be proven after all, there is an incident of the plain name.
  return {
    ...opened,
    metadata: { ...opened.metadata, name: `${incidentName(uid, { fingerprint, startsAt })}-unproven` },
  };
}

/** Whether an unproven incident is over: nobody has told of its alert for long. */
export function isDoubtOver(
  incident: Incident,
  told: (fingerprint: string) => Date | undefined,
  began: Date,
  now: Date,
) {
  const fingerprint = incident.spec.alert?.fingerprint ?? '';
  const last = told(fingerprint) ?? began;
  return isFiring(incident.spec) === true && now.getTime() - last.getTime() >= DOUBT_OVER_MS;
}

function labelsOf({ labels }: Pointer) {
  return [...labels]
    .filter(([name]) => /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/.test(name) && name !== 'alertname')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, MOST_LABELS)
    .map(([name, value]) => ({ name, value }));
}
