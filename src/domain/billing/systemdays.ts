/** On which days a system or an application was there, at which level, and whether it stood still: the day is the smallest unit of a bill. */
import { beginOf, type Facts, type History, type Stay, textOf } from './history.ts';
import type { Day, Month } from './month.ts';

/**
 * What ends within the first minute of a day has ended on the day before: records notice what people do within seconds, and nobody pays a day for them.
 */
export const NOTICED_WITHIN_MS = 60_000;

/** A day of a system. */
export type SystemDay = {
  readonly date: string;
  /** The highest of the day. */
  readonly level: string;
  /** Powered off for as long as it stood on that day. */
  readonly isStopped: boolean;
  /** Its services had ceased for all of that day (GE-12). */
  readonly isCeased: boolean;
  /** How it was on that day, one state after the other. */
  readonly states: readonly Facts[];
  readonly records: readonly number[];
};

/** From the lowest to the highest, of systems and of applications. */
const LEVELS = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching', 'Basic', 'Advanced', 'Expert'];

type Phase = { readonly from: number; readonly until: number; readonly sequence: number; readonly facts: Facts };

/** The zone of a stream. The day on which a system moves is that of the contract it comes to, by whose zone: so two contracts never bill one date. */
export type ZoneOf = (stream: string) => string;

/** All stays of a kind by UID, in their order. */
export function staysByUid(history: History, kind: string): ReadonlyMap<string, readonly Stay[]> {
  return Map.groupBy(history.staysOf(kind), ({ object }) => object.uid);
}

/** The days of a month that one stay is billed for. `stays`: all of the object, this one among them. */
export function daysOf(stay: Stay, stays: readonly Stay[], month: Month, until: number, zoneOf: ZoneOf): SystemDay[] {
  const handedOver = firstProvisioned(stays);
  if (handedOver === undefined) return [];
  const phases = phasesOf(stay, Math.max(handedOver, beginOf(stay)), until);
  const [comes, leaves] = firstDates(stays, zoneOf).slice(stays.indexOf(stay));
  return month.days
    .filter(({ date }) => (comes === undefined || date >= comes) && (leaves === undefined || date < leaves))
    .flatMap(day => dayOf(day, phases) ?? []);
}

/** It is paid for from when it was first set up, wherever that was. */
function firstProvisioned(stays: readonly Stay[]): number | undefined {
  return stays
    .flatMap(({ states }) => states)
    .find(({ facts }) => textOf(facts, 'condition.Provisioned')?.startsWith('True ') === true)?.at;
}

/** The first date of each stay; never before that of the one before, where what comes later lies on an earlier date by another zone. */
function firstDates(stays: readonly Stay[], zoneOf: ZoneOf): string[] {
  const dates: string[] = [];
  for (const stay of stays) {
    const [before = ''] = dates.slice(-1);
    const own = dates.length === 0 ? '' : dateOf(stay, zoneOf(stay.stream));
    dates.push([before, own].sort().at(-1) ?? own);
  }
  return dates;
}

function dateOf(stay: Stay, timeZone: string): string {
  return Temporal.Instant.fromEpochMilliseconds(beginOf(stay)).toZonedDateTimeISO(timeZone).toPlainDate().toString();
}

function phasesOf(stay: Stay, from: number, until: number): Phase[] {
  const end = Math.min(stay.until ?? until, until);
  return stay.states.flatMap(({ at, sequence, facts }, index) => {
    const [begins, ends] = [Math.max(at, from), Math.min(stay.states[index + 1]?.at ?? end, end)];
    return begins < ends ? [{ from: begins, until: ends, sequence, facts }] : [];
  });
}

function dayOf({ date, begins, ends }: Day, phases: readonly Phase[]): SystemDay | undefined {
  const of = phases.filter(
    ({ from, until }) => from < ends && until > begins && !(from < begins && until <= begins + NOTICED_WITHIN_MS),
  );
  if (of.length === 0) return undefined;
  const levels = of.map(({ facts }) => textOf(facts, 'spec.serviceLevel') ?? '');
  const level = levels.toSorted((a, b) => LEVELS.indexOf(a) - LEVELS.indexOf(b)).at(-1) ?? '';
  return {
    date,
    level,
    isStopped: of.every(({ facts }) => textOf(facts, 'spec.powerState') === 'Stopped'),
    isCeased: of.every(({ facts }) => isCeasedBy(facts, begins)),
    states: of.map(({ facts }) => facts),
    records: of.map(({ sequence }) => sequence),
  };
}

function isCeasedBy(facts: Facts, begins: number): boolean {
  const ceased = textOf(facts, 'status.endOfLife.ceased');
  return ceased !== undefined && Date.parse(ceased) <= begins;
}
