/**
 * The next rung of a ladder of remedies, gentlest first, a person last (AP-3, AP-4, MO-6). What is forbidden is passed over; what one rung did is waited for
 * before any other is taken; each has a limit, so that every ladder has an end (docs/adr/0186).
 */
import { earliest, instant } from './condition.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export type Rung = {
  readonly name: string;
  /** How often it is taken at most within any so many hours; then the next rung follows. */
  readonly maxPer: { readonly count: number; readonly hours: number };
  /** For so long after it nothing of the ladder is done, so that what it did can be seen. */
  readonly cooldownMinutes: number;
};

/** A rung that was taken. */
export type Taken = { readonly rung: string; readonly at: Date };

export type NoRung = {
  readonly none: 'Cooldown' | 'Forbidden' | 'Exhausted';
  readonly message: string;
  /** When the answer may be another by the clock alone. */
  readonly nextEdge?: Date;
};

export type Climb<R extends Rung> = {
  readonly ladder: readonly R[];
  /** Those of it that are for what is wrong, in its order. */
  readonly candidates: readonly R[];
  readonly history: readonly Taken[];
  /** What forbids a rung now, in words. */
  readonly forbids: (rung: R) => readonly string[];
  readonly now: Date;
};

/** The rung that would be taken now, or why none would be. */
export function nextRung<R extends Rung>(climb: Climb<R>): { readonly rung: R } | NoRung {
  return inCooldown(climb) ?? firstFree(climb);
}

/** What one rung did is waited for before any other is taken. */
function inCooldown({ ladder, history, now }: Pick<Climb<Rung>, 'ladder' | 'history' | 'now'>): NoRung | undefined {
  const ends = history.flatMap(({ rung, at }) => {
    const cooldown = ladder.find(({ name }) => name === rung)?.cooldownMinutes ?? 0;
    return [{ rung, end: new Date(at.getTime() + cooldown * MINUTE) }];
  });
  const running = ends.filter(({ end }) => end > now).toSorted((a, b) => b.end.getTime() - a.end.getTime());
  const [last] = running;
  return last && none('Cooldown', `What rung ${last.rung} did is waited for until ${instant(last.end)}.`, last.end);
}

function firstFree<R extends Rung>({ candidates, forbids, history, now }: Climb<R>): { readonly rung: R } | NoRung {
  const found = candidates.map(rung => ({ rung, forbidden: forbids(rung), freeAt: freeAt(rung, history, now) }));
  const free = found.find(({ forbidden, freeAt: at }) => forbidden.length === 0 && at === undefined);
  if (free) return { rung: free.rung };
  const nextEdge = earliest(...found.flatMap(({ freeAt: at }) => at ?? []));
  const reasons = found.map(({ rung, forbidden }) =>
    forbidden.length > 0
      ? `rung ${rung.name} is forbidden by ${forbidden.join(', ')}`
      : `rung ${rung.name} was taken ${rung.maxPer.count} times within ${rung.maxPer.hours} hours`,
  );
  const isForbidden = found.some(({ forbidden }) => forbidden.length > 0);
  return none(isForbidden ? 'Forbidden' : 'Exhausted', `No rung is left: ${reasons.join('; ')}.`, nextEdge);
}

/** When its limit lets it be taken again; undefined: now. */
function freeAt({ name, maxPer }: Rung, history: readonly Taken[], now: Date): Date | undefined {
  const within = history
    .filter(({ rung, at }) => rung === name && now.getTime() - at.getTime() < maxPer.hours * HOUR)
    .map(({ at }) => at)
    .toSorted((a, b) => b.getTime() - a.getTime());
  const oldestThatCounts = within[maxPer.count - 1];
  return oldestThatCounts && new Date(oldestThatCounts.getTime() + maxPer.hours * HOUR);
}

function none(why: NoRung['none'], message: string, nextEdge?: Date): NoRung {
  return { none: why, message, ...(nextEdge && { nextEdge }) };
}
