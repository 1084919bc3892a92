/** What is news, as data: what happened to what, since when, and whom it concerns. */
import { createHash } from 'node:crypto';
import type { Action, Fact, FactName, Severity, Subject } from '../../api/notice.ts';
import { FACT_LENGTH } from '../../api/notice.ts';
import type { ContactRole } from '../../api/people.ts';
import type { ServiceCalendarSpec } from '../../api/servicecalendar.ts';
import type { NewsKind } from '../../api/telling.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { instant } from '../contract/condition.ts';
import { cut, redact } from '../contract/excerpt.ts';

const HOUR_MS = 3_600_000;
/** Older news is no news: nobody is told of it, however long its notice has been forgotten. */
export const FRESH_MS = 7 * 24 * HOUR_MS;

export type News = {
  readonly kind: NewsKind;
  readonly subject: Subject;
  /** What belongs together for who counts what is open. */
  readonly topic: string;
  /** What tells it from other news of its kind and topic; the same for the same news, whoever looks and when. */
  readonly occasion: string;
  readonly action: Action;
  readonly severity: Severity;
  readonly at: Date;
  /** From when on it is worth nothing to anybody. */
  readonly until: Date;
  readonly facts: readonly Fact[];
  /** In whose hours it is handled; absent: at any time. */
  readonly calendar?: ServiceCalendarSpec | undefined;
  /** Contacts of which roles the customer is told by; none: it is no matter of his. */
  readonly roles: readonly ContactRole[];
};

/** News of one object, and when time alone makes more of it. */
export type Tidings = { readonly news: readonly News[]; readonly nextEdge?: Date | undefined };

export const NO_TIDINGS: Tidings = { news: [] };

type Told = Omit<News, 'topic' | 'until' | 'facts'> & {
  /** What of the subject it is about; '' for all of it. */
  readonly matter: string;
  readonly until?: Date | undefined;
  readonly facts: readonly (Fact | undefined)[];
};

/** Bounds it in time, and names its topic. */
export function newsOf({ matter, until, facts, ...rest }: Told): News {
  const stale = new Date(rest.at.getTime() + FRESH_MS);
  return {
    ...rest,
    topic: hashOf(rest.subject.kind, rest.subject.uid, matter).slice(0, 32),
    until: until !== undefined && until < stale ? until : stale,
    facts: facts.filter(each => each !== undefined),
  };
}

/** Whether somebody is still to be told. */
export function isCurrent({ at, until }: Pick<News, 'at' | 'until'>, now: Date): boolean {
  return at <= now && now < until;
}

/** Words of guests, tenants and other systems become one bounded line without what opens something; nothing where nothing is said. */
export function fact(name: FactName, value: string | Date | undefined): Fact | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Date) return { name, value: instant(value) };
  const line = cut(redact(value.slice(0, 4_000)).replace(/\s+/g, ' ').trim(), FACT_LENGTH)
    .toWellFormed()
    .trim();
  return line === '' ? undefined : { name, value: line };
}

/** Undefined where the API server has not made it yet. */
export function subjectOf({ kind, metadata }: Pick<KubeObject, 'kind' | 'metadata'>): Subject | undefined {
  const { namespace, name, uid } = metadata;
  return namespace === undefined || uid === undefined ? undefined : { kind, namespace, name, uid };
}

/** SHA-256 of a list of texts, in hex: no two lists are written alike. */
export function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
