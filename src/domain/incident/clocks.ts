/**
 * The clocks of an incident: pure functions of what happened, the terms pinned when it was taken up, and the time (MO-6, GE-4, GE-5). Time is counted in the
 * core hours of the pinned calendar, or at every hour where the terms name none. The response clock never stands; the resolution clock stands while the
 * customer is waited for, and while it is resolved.
 * @throws RangeError of a zone that the IANA database does not have; admission lets none in.
 */
import { durationOf, millisecondsOf } from '../../api/duration.ts';
import type { IncidentClock, IncidentTerms, TimelineEntry } from '../../api/incident.ts';
import { instant } from '../contract/condition.ts';
import { afterBusinessTime, businessTime, isOpen, nextOpen } from '../time/businesstime.ts';

/** A time in which a clock runs; `to` is absent while it does. */
export type Spell = { readonly from: Date; readonly to?: Date };

export type Clocks = {
  readonly response: IncidentClock;
  readonly resolution: IncidentClock;
  /** When the next clock runs out, by itself. */
  readonly nextEdge: Date | undefined;
};

type Hours = Pick<IncidentTerms, 'calendar'>;

export function clocksOf(timeline: readonly TimelineEntry[], terms: IncidentTerms, now: Date): Clocks {
  const [first, last] = [responseSpells(timeline), resolutionSpells(timeline)];
  const response = clockOf(first, terms, millisecondsOf(terms.response), now, { target: terms.response });
  const isWaiting = timeline.findLast(({ what }) => what === 'Waiting' || what === 'Continued' || what === 'Resolved');
  const resolution = clockOf(last, terms, millisecondsOf(terms.resolution), now, {
    target: terms.resolution,
    isPaused: isWaiting?.what === 'Waiting',
  });
  return { response: response.clock, resolution: resolution.clock, nextEdge: soonest(response.edge, resolution.edge) };
}

/** From detection until somebody has begun, or nothing is left to begin. It never stands. */
export function responseSpells(timeline: readonly TimelineEntry[]): Spell[] {
  const start = timeline.find(({ what }) => what === 'Detected');
  const end = timeline.find(({ what }) => what === 'Responded' || what === 'Resolved');
  return start === undefined ? [] : [{ from: new Date(start.at), ...(end && { to: new Date(end.at) }) }];
}

/** From detection until it is resolved, and again from each reopening; not while the customer is waited for. */
export function resolutionSpells(timeline: readonly TimelineEntry[]): Spell[] {
  const spells: Spell[] = [];
  let from: Date | undefined;
  for (const { what, at } of timeline) {
    const then = new Date(at);
    if (what === 'Detected' || what === 'Continued' || what === 'Reopened') from ??= then;
    if ((what === 'Waiting' || what === 'Resolved') && from !== undefined) {
      spells.push({ from, to: then });
      from = undefined;
    }
  }
  return from === undefined ? spells : [...spells, { from }];
}

/** Milliseconds that count of these spells until an instant. */
export function counted(spells: readonly Spell[], hours: Hours, until: Date): number {
  return spells.reduce((sum, { from, to }) => sum + countedBetween(hours, from, earlier(to, until)), 0);
}

function clockOf(
  spells: readonly Spell[],
  hours: Hours,
  target: number,
  now: Date,
  said: { readonly target: string; readonly isPaused?: boolean },
): { readonly clock: IncidentClock; readonly edge: Date | undefined } {
  const elapsed = counted(spells, hours, now);
  const breached = elapsed > target;
  const last = spells.at(-1);
  if (last !== undefined && last.to === undefined) {
    const due = dueOf(spells, hours, target);
    const edge = breached ? undefined : edgeOf(due, hours, now);
    return { clock: { target: said.target, state: 'Running', ...(due && { due: instant(due) }), breached }, edge };
  }
  const spent = { elapsed: durationOf(elapsed), breached };
  if (said.isPaused) {
    const remaining = durationOf(Math.max(0, target - elapsed));
    return { clock: { target: said.target, state: 'Paused', remaining, ...spent }, edge: undefined };
  }
  const at = last?.to && { at: instant(last.to) };
  return { clock: { target: said.target, state: 'Stopped', ...at, ...spent }, edge: undefined };
}

/** When the time that was promised is over, or was; undefined: the calendar is never open as long. */
function dueOf(spells: readonly Spell[], hours: Hours, target: number): Date | undefined {
  let left = target;
  for (const { from, to } of spells) {
    const length = to === undefined ? Number.POSITIVE_INFINITY : countedBetween(hours, from, to);
    if (left < length) return after(hours, from, left);
    left -= length;
  }
  return undefined;
}

/** The first instant at which a clock that runs may be breached: time goes on only in the hours that count. */
function edgeOf(due: Date | undefined, { calendar }: Hours, now: Date): Date | undefined {
  if (due === undefined) return undefined;
  const from = due > now ? due : now;
  const counts = calendar === undefined ? from : nextOpen(calendar.spec, from);
  return counts && new Date(counts.getTime() + 1000);
}

function countedBetween({ calendar }: Hours, from: Date, to: Date): number {
  if (calendar === undefined) return Math.max(0, to.getTime() - from.getTime());
  return businessTime(calendar.spec, from, to);
}

function after({ calendar }: Hours, from: Date, duration: number): Date | undefined {
  return calendar === undefined
    ? new Date(from.getTime() + duration)
    : afterBusinessTime(calendar.spec, from, duration);
}

/** Whether time counts at an instant. */
export function counts({ calendar }: Hours, at: Date): boolean {
  return calendar === undefined || isOpen(calendar.spec, at);
}

function earlier(one: Date | undefined, other: Date): Date {
  return one !== undefined && one < other ? one : other;
}

function soonest(one: Date | undefined, other: Date | undefined): Date | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? one : other;
}
