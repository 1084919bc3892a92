/** Stretches of a day in whole minutes, [from, to): in order, and none touches the next. */
import type { Stretch } from './format.ts';

/** In order, joined where they touch or overlap; empty ones are left out. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const all = stretches.filter(([from, to]) => from < to).toSorted(([a], [b]) => a - b);
  const found: Stretch[] = [];
  for (const [from, to] of all) {
    const last = found.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else found.push([from, to]);
  }
  return found;
}

/** What lies in both. */
export function common(one: readonly Stretch[], other: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const [from, to] of joined(one))
    for (const [start, end] of joined(other)) {
      const both: Stretch = [Math.max(from, start), Math.min(to, end)];
      if (both[0] < both[1]) found.push(both);
    }
  return found;
}

/** What lies in the first and not in the second. */
export function without(one: readonly Stretch[], other: readonly Stretch[]): Stretch[] {
  const gaps = joined(other);
  return joined(one).flatMap(([from, to]) => {
    const left: Stretch[] = [];
    let start = from;
    for (const [gap, end] of gaps) {
      if (end <= start || gap >= to) continue;
      left.push([start, gap]);
      start = end;
    }
    left.push([start, to]);
    return joined(left);
  });
}

/** Minutes in them, each once. */
export function minutesIn(stretches: readonly Stretch[]): number {
  return joined(stretches).reduce((sum, [from, to]) => sum + to - from, 0);
}
