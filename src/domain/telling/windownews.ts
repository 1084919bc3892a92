import type { MaintenanceWindow } from '../../api/maintenancewindow.ts';
import type { WindowOccurrence } from '../../api/windowtimes.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { earliest } from '../contract/condition.ts';
import { fact, type News, NO_TIDINGS, newsOf, subjectOf, type Tidings } from './news.ts';

const DAY_MS = 86_400_000;
/** How long before work begins the customer is told of it. */
export const AHEAD_MS = 3 * DAY_MS;
/** 1970-01-05 was a Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** Systems that are named; of more it is said how many. */
const MOST_NAMED = 20;

type Window = MaintenanceWindow & KubeObject;

/** What is done in a window: the policies and applications that name it, and the systems that these work on. */
export type WindowUse = { readonly usedBy: readonly string[]; readonly systems: readonly string[] };

/**
 * That a window opens within 72 hours (MO-4, GE-4). One in which nothing would be done is not told; one that opens so often that the next
 * opening is near when this one is told, once a week, with its schedule.
 */
export function windowNews(window: Window, use: WindowUse, now: Date): Tidings {
  const { metadata, status } = window;
  const subject = subjectOf(window);
  if (subject === undefined || status === undefined || status.observedGeneration !== metadata.generation)
    return NO_TIDINGS;
  if (metadata.deletionTimestamp !== undefined || use.usedBy.length === 0) return NO_TIDINGS;
  const openings = status.next ?? [];
  const often = isOften(openings);
  const told = often ? firstOfWeeks(openings) : openings;
  const news = told.map(opening => ahead(window, opening, { use, often }));
  return {
    news: news.filter(each => each !== undefined),
    nextEdge: earliest(...news.flatMap(each => (each !== undefined && each.at > now ? [each.at] : []))),
  };
}

function ahead(
  window: Window,
  { start, end, date }: WindowOccurrence,
  { use, often }: { readonly use: WindowUse; readonly often: boolean },
): News | undefined {
  const subject = subjectOf(window);
  if (subject === undefined) return undefined;
  const opens = new Date(start);
  return newsOf({
    ...{ kind: 'WindowAhead', subject, action: 'Opened', severity: 'Info', until: opens },
    matter: often ? `week ${weekOf(opens)}` : date,
    occasion: often ? `week ${weekOf(opens)}` : start,
    at: new Date(opens.getTime() - AHEAD_MS),
    roles: ['Approver', 'Technical'],
    facts: [
      fact('window', window.metadata.name),
      fact('opensAt', opens),
      fact('closesAt', new Date(end)),
      often ? fact('schedule', `${window.spec.schedule} (${window.spec.timeZone})`) : undefined,
      fact('usedBy', named(use.usedBy)),
      fact('systems', named(use.systems)),
    ],
  });
}

function isOften([first, second]: readonly WindowOccurrence[]): boolean {
  return first !== undefined && second !== undefined && Date.parse(second.start) - Date.parse(first.start) < AHEAD_MS;
}

function firstOfWeeks(openings: readonly WindowOccurrence[]): WindowOccurrence[] {
  const weeks = Map.groupBy(openings, ({ start }) => weekOf(new Date(start)));
  return [...weeks.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

/** Weeks since the first Monday of 1970, by UTC: which week it is must not depend on who looks. */
function weekOf(time: Date): number {
  return Math.floor((time.getTime() - FIRST_MONDAY_MS) / (7 * DAY_MS));
}

function named(names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined;
  const sorted = names.toSorted();
  const more = sorted.length - MOST_NAMED;
  return `${sorted.slice(0, MOST_NAMED).join(', ')}${more > 0 ? `, … (+${more})` : ''}`;
}
