/** Service reports: each day is closed from the records of incidents, each month from its days, now and then twice. */
import { type Entry, NOTHING_BEFORE, readEntry } from '../../src/domain/record/entry.ts';
import { type Standing, tell } from '../../src/domain/record/standing.ts';
import { closeDay } from '../../src/domain/report/day.ts';
import { type ClosedDay, readDay } from '../../src/domain/report/format.ts';
import { hashOfLines } from '../../src/domain/report/hash.ts';
import { closeMonth } from '../../src/domain/report/month.ts';
import { dayIn, startOfDay } from '../../src/domain/time/day.ts';
import type { World } from './world.ts';

const ZONE = 'Europe/Berlin';
const DAY = 86_400_000;

type Days = { day: ClosedDay; sha256: string }[];

/** Of one contract. */
class Reports {
  readonly #world: World;
  readonly #contract: string;
  readonly #standings = new Map<string, Standing>();
  /** Records of days that are closed, and the days of the month that is open. */
  #sequence = 0;
  #previous = NOTHING_BEFORE;
  #days: Days = [];

  constructor(world: World, contract: string) {
    this.#world = world;
    this.#contract = contract;
  }

  /** Half an hour after the end of a day. */
  close(day: string): void {
    const to = new Date(startOfDay(day, ZONE).getTime());
    const next = startOfDay(dayIn(ZONE, new Date(to.getTime() + 1.5 * DAY)), ZONE);
    const lines = this.#lines(day, to, next);
    this.#previous = hashOfLines(lines);
    this.#days.push({ day: readDay(lines), sha256: this.#previous });
    const isLast = dayIn(ZONE, next).slice(0, 7) !== day.slice(0, 7);
    if (isLast) this.#closeMonth(day.slice(0, 7));
  }

  #lines(day: string, from: Date, to: Date): string[] {
    const stream = `contract-${this.#contract}`;
    const first = this.#sequence + 1;
    const fresh = this.#world.records.linesOf(stream).slice(this.#sequence).map(readEntry);
    const own = fresh.filter(({ at }) => at < to.toISOString());
    const last = own.at(-1)?.sequence ?? this.#sequence;
    const known = [...this.#standings.values()].map(
      ({ object, facts }): Entry => ({
        ...{ stream, sequence: this.#sequence, at: from.toISOString(), what: 'Standing', object, after: facts },
        ...{ previous: NOTHING_BEFORE, hash: NOTHING_BEFORE, signature: '' },
      }),
    );
    const incidents = own.filter(({ object }) => object?.kind === 'Incident');
    const lines = closeDay({
      contract: { name: this.#contract, uid: `contract-${this.#contract}`, customer: this.#contract, billingId: '1' },
      ...{ day, timeZone: ZONE, span: { from, to, minutes: (to.getTime() - from.getTime()) / 60_000 } },
      ...{ closedAt: this.#world.now, previous: this.#previous, stream, entries: [...known, ...incidents] },
      range: { first, last, head: own.at(-1)?.hash ?? NOTHING_BEFORE },
      ...{ plans: [], measured: () => undefined, isWatched: () => false, missing: [] },
      promises: { counted: new Map(), notOwed: new Set<string>() },
    });
    this.#sequence = last;
    for (const entry of incidents) {
      tell(this.#standings, entry);
      const closed = this.#standings.get(entry.object?.uid ?? '');
      if (closed?.facts['status.phase'] === 'Closed') this.#standings.delete(closed.object.uid);
    }
    return lines;
  }

  #closeMonth(month: string): void {
    const facts = { month, since: `${month}-01`, days: this.#days, gaps: [] };
    const lines = closeMonth(facts);
    if (this.#world.fault('a report was closed twice', 0.3) && closeMonth(facts).join('\n') !== lines.join('\n'))
      throw new Error(`the report of ${this.#contract} for ${month} was another the second time`);
    const clocks = lines.map(line => JSON.parse(line)).filter(({ line }) => line === 'Clock');
    const breaches = clocks.filter(({ outcome }) => outcome === 'Breached').map(({ uid, clock }) => `${uid} ${clock}`);
    this.#world.diary.reports.push({ contract: this.#contract, month, breaches });
    this.#days = [];
  }
}

/** From the first day of the year on. */
export function keepReports(world: World): void {
  for (const contract of world.contracts.keys()) {
    const reports = new Reports(world, contract);
    const next = (day: string) => {
      const ends = startOfDay(dayIn(ZONE, new Date(startOfDay(day, ZONE).getTime() + 1.5 * DAY)), ZONE);
      world.simulation.at(ends.getTime() + 1_800_000, () => {
        reports.close(day);
        next(dayIn(ZONE, ends));
      });
    };
    next(dayIn(ZONE, world.now));
  }
}
