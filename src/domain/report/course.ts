/** How what is recorded of an object held over a day: stretches of minutes. */
import { textAt } from '../contract/json.ts';
import type { Facts } from '../record/entry.ts';
import type { Stretch } from './format.ts';
import type { History } from './history.ts';
import { joined } from './stretches.ts';

/** Instants between which a day lies, and how many minutes it has. */
export type Span = { readonly from: Date; readonly to: Date; readonly minutes: number };

/** While these facts held. */
export type Part = { readonly from: number; readonly to: number; readonly facts: Facts };

/** The minute of the day in which an instant lies: 0 before it, all of its minutes after it. */
export function minuteOf(at: Date, { from, minutes }: Span): number {
  return Math.min(minutes, Math.max(0, Math.floor((at.getTime() - from.getTime()) / 60_000)));
}

/** What held when, in order; nothing where it was not there. A clock that was set back takes no minute away. */
export function partsOf({ before, told }: History, span: Span): Part[] {
  const parts: Part[] = [];
  let [facts, since] = [before, 0];
  for (const { at, facts: then } of told) {
    const minute = Math.max(since, minuteOf(at, span));
    if (facts !== undefined && since < minute) parts.push({ from: since, to: minute, facts });
    [facts, since] = [then, minute];
  }
  if (facts !== undefined && since < span.minutes) parts.push({ from: since, to: span.minutes, facts });
  return parts;
}

/** When it was so. */
export function stretchesWhere(parts: readonly Part[], holds: (facts: Facts) => boolean): Stretch[] {
  return joined(parts.flatMap(({ from, to, facts }) => (holds(facts) ? [[from, to] as Stretch] : [])));
}

/** Stretches with what held, joined while it is the same. */
export function valuesOver(
  parts: readonly Part[],
  told: (facts: Facts) => string | undefined,
): { readonly value: string; readonly from: number; readonly to: number }[] {
  const found: { value: string; from: number; to: number }[] = [];
  for (const { from, to, facts } of parts) {
    const value = told(facts);
    const last = found.at(-1);
    if (value === undefined) continue;
    if (last !== undefined && last.value === value && last.to === from) last.to = to;
    else found.push({ value, from, to });
  }
  return found;
}

/** What is known of it at the end of the day; of one that is gone, what was known last. */
export function lastFacts({ before, told }: History): Facts {
  return told.findLast(({ facts }) => facts !== undefined)?.facts ?? before ?? {};
}

/** A text in a fact, whether it was told with its field or by itself: a field whose own fields are told one by one has them under their paths. */
export function factAt(facts: Facts | undefined, ...path: readonly string[]): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const name = path.slice(0, length).join('.');
    if (facts !== undefined && Object.hasOwn(facts, name)) return textAt(facts[name], ...path.slice(length));
  }
  return undefined;
}
