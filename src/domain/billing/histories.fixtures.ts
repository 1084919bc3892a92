/** Random lives of systems under two contracts, and what each of their days was, found by looking at moments: nothing here is shared with what makes bills. */
import fc from 'fast-check';
import { customer, plan, pricesOf, vmNamed, Written } from './history.fixtures.ts';
import type { Facts } from './history.ts';

export const RANKS = ['Admin', 'MonitoringAndPatching', 'AdvancedMonitoringAndPatching'];
const MINUTE = 60_000;

export type Act =
  | { readonly act: 'Level'; readonly level: number }
  | { readonly act: 'Power' | 'Provisioned' | 'Gone' | 'Moved' };
/** `at`: minutes after the first record, even. */
type Event = Act & { readonly at: number };
export type Life = { readonly begins: number; readonly level: number; readonly events: readonly Event[] };
export type World = {
  readonly month: string;
  readonly zones: readonly [string, string];
  /** Cents a month by level, for two plans of each, of which the second begins on this day of the month. */
  readonly prices: readonly number[];
  readonly second: number;
  readonly billWhenStopped: boolean;
  readonly lives: readonly Life[];
};

/** Sixty days around the month. */
const SPAN = 60 * 1440;
const even = fc.oneof(
  fc.integer({ min: 0, max: SPAN / 2 - 1 }).map(half => half * 2),
  // Around midnights, where mistakes are.
  fc
    .tuple(
      fc.integer({ min: 1, max: 58 }),
      fc.integer({ min: -3, max: 3 }),
      fc.constantFrom(0, -60, -120, 240, 300, -330),
    )
    .map(([day, step, zone]) => day * 1440 + zone + step * 2),
);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ act: fc.constant('Level' as const), level: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ act: fc.constantFrom('Power' as const, 'Provisioned' as const) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('Gone' as const, 'Moved' as const) }) },
);
const life: fc.Arbitrary<Life> = fc
  .record({
    begins: even,
    level: fc.integer({ min: 0, max: 2 }),
    events: fc.uniqueArray(
      fc.tuple(even, act).map(([at, of]) => ({ ...of, at })),
      { selector: ({ at }) => at, maxLength: 9 },
    ),
  })
  .map(({ begins, level, events }) => ({
    ...{ begins, level },
    // The most are set up soon.
    events: [{ act: 'Provisioned' as const, at: begins + 2 }, ...events]
      .filter(({ at }, index, all) => at > begins && all.findIndex(other => other.at === at) === index)
      .toSorted((a, b) => a.at - b.at),
  }));

export const world: fc.Arbitrary<World> = fc.record({
  month: fc.constantFrom('2026-02', '2026-03', '2026-10', '2026-11', '2028-02'),
  zones: fc.tuple(
    fc.constantFrom('Europe/Berlin', 'UTC', 'America/New_York', 'Asia/Kolkata'),
    fc.constantFrom('Europe/Berlin', 'America/New_York'),
  ),
  prices: fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 6, maxLength: 6 }),
  second: fc.integer({ min: 1, max: 28 }),
  billWhenStopped: fc.boolean(),
  lives: fc.array(life, { minLength: 1, maxLength: 4 }),
});

export const CONTRACTS = ['acme', 'other'] as const;
const streamOf = (contract: number) => `contract-${CONTRACTS[contract] ?? ''}`;

/** When the first record can be. */
export function originOf({ month }: World): number {
  return Date.parse(`${month}-01T00:00:00Z`) - 15 * 1440 * MINUTE;
}

const cents = (amount: number) => `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`;

/** The fee in cents that was agreed at a level on a date. */
export function feeOn({ prices, second, month }: World, level: number, date: string): number {
  return prices[level + (date >= `${month}-${String(second).padStart(2, '0')}` ? 3 : 0)] ?? 0;
}

/** What the record writer would have written. */
export function recordsOf(of: World): Written {
  const written = new Written();
  const origin = originOf(of);
  const iso = (minutes: number) => new Date(origin + minutes * MINUTE).toISOString();
  const first = new Date(origin - MINUTE).toISOString();
  const second = `${of.month}-${String(of.second).padStart(2, '0')}`;
  for (const [level, name] of RANKS.entries())
    for (const [which, at] of ['one', 'two'].entries())
      written.is('cluster', first, plan(`${name.toLowerCase()}-${at}`), {
        ...pricesOf(cents(of.prices[level + which * 3] ?? 0)),
        ...{ 'spec.prices.billWhenStopped': of.billWhenStopped, 'status.revision': `sha256:${level}${which}` },
      });
  for (const [index, name] of CONTRACTS.entries())
    written.is(streamOf(index), first, customer(name), {
      ...{ 'spec.billingId': `100${index}`, 'spec.timeZone': of.zones[index] },
      ...Object.fromEntries(
        RANKS.flatMap(level => [
          [`spec.plans.${level}.2020-01-01`, `${level.toLowerCase()}-one`],
          [`spec.plans.${level}.${second}`, `${level.toLowerCase()}-two`],
        ]),
      ),
    });
  for (const [index, each] of of.lives.entries()) {
    const object = vmNamed(`vm-${index}`);
    let holder = 0;
    let facts: Facts = {
      ...{
        'spec.serviceLevel': RANKS[each.level],
        'spec.powerState': 'Running',
        'condition.Provisioned': 'False Pending',
      },
    };
    written.is(streamOf(holder), iso(each.begins), object, facts);
    for (const event of each.events) {
      const at = iso(event.at);
      if (event.act === 'Gone') {
        written.gone(streamOf(holder), at, object);
        break;
      }
      if (event.act === 'Moved') {
        // First there, then here, as it is recorded.
        written.is(streamOf(1 - holder), at, object, facts).gone(streamOf(holder), iso(event.at + 1), object, 'Moved');
        holder = 1 - holder;
        continue;
      }
      facts = changed(facts, event);
      written.is(streamOf(holder), at, object, facts);
    }
  }
  const end = new Date(origin + (SPAN + 1440) * MINUTE).toISOString();
  for (const stream of ['cluster', ...CONTRACTS.map((_name, index) => streamOf(index))])
    written.add(stream, end, 'KeyRotated');
  return written;
}

function changed(facts: Facts, event: Act): Facts {
  if (event.act === 'Level') return { ...facts, 'spec.serviceLevel': RANKS[event.level] };
  if (event.act === 'Power')
    return { ...facts, 'spec.powerState': facts['spec.powerState'] === 'Running' ? 'Stopped' : 'Running' };
  return { ...facts, 'condition.Provisioned': 'True Provisioned' };
}

/** What a day of a system was. */
export type DayFound = { readonly level: number; readonly isStopped: boolean };

/** By contract, system and date: found by asking, a minute and a half after every half hour and every event, how things stand. */
export function daysFound(of: World): Map<string, DayFound> {
  const found = new Map<string, DayFound>();
  const origin = originOf(of);
  for (const [index, each] of of.lives.entries()) {
    const halves = Array.from({ length: 62 * 48 }, (_, half) => half * 30);
    const moments = [...halves, each.begins, ...each.events.map(({ at }) => at)].map(at => at + 1.5);
    const handed = each.events.find(({ act: what }) => what === 'Provisioned')?.at ?? Number.POSITIVE_INFINITY;
    const gone = each.events.find(({ act: what }) => what === 'Gone')?.at ?? Number.POSITIVE_INFINITY;
    for (const moment of moments) {
      if (moment < each.begins || moment < handed || moment > gone) continue;
      const past = each.events.filter(({ at }) => at < moment);
      const contract = past.filter(({ act: what }) => what === 'Moved').length % 2;
      const date = dateIn(of.zones[contract] ?? '', origin + moment * MINUTE);
      if (!date.startsWith(of.month)) continue;
      const level = past.reduce((last, event) => (event.act === 'Level' ? event.level : last), each.level);
      const isStopped = past.filter(({ act: what }) => what === 'Power').length % 2 === 1;
      const key = `${CONTRACTS[contract]} vm-${index} ${date}`;
      const before = found.get(key);
      found.set(key, {
        level: Math.max(level, before?.level ?? 0),
        isStopped: isStopped && (before?.isStopped ?? true),
      });
    }
  }
  return found;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const dates = new Map<string, string>();

/** Not by Temporal, by which bills are made. */
function dateIn(timeZone: string, at: number): string {
  const key = `${timeZone} ${at}`;
  const known = dates.get(key);
  if (known !== undefined) return known;
  const options = { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' } as const;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', options);
  formats.set(timeZone, format);
  const date = format.format(at);
  if (dates.size < 200_000) dates.set(key, date);
  return date;
}
