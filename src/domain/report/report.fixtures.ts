/** A stream of records as a contract has it, and days closed from it. */
import { type Entry, type Facts, NOTHING_BEFORE } from '../record/entry.ts';
import { closeDay, type DayFacts, type Measured } from './day.ts';
import { type ClosedDay, type PlanLine, readDay } from './format.ts';
import { hashOfLines } from './hash.ts';

export const LEVEL = 'AdvancedMonitoringAndPatching';

export const PLAN: PlanLine = {
  ...{ line: 'Plan', level: LEVEL, plan: 'advanced-2026', revision: 'sha256:1', from: '2026-01-01' },
  spec: { availability: { target: '99.9' }, prices: { currency: 'EUR', perMonth: '49.00' } },
};

/** What a test tells of an object; sequences, hashes and times that it does not name are given. */
export type Said = {
  readonly at: string;
  readonly what?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly uid?: string;
  readonly person?: string;
  readonly before?: Facts;
  readonly after?: Facts;
};

/** Entries as they are read from pages; signatures are the matter of others. */
export function entriesOf(said: readonly Said[]): Entry[] {
  return said.map(
    ({ at, what = 'Appeared', kind = 'ManagedVM', name = 'shop-db', uid = name, person, before, after }, index) => ({
      ...{ stream: 'contract-acme', sequence: index + 1, at, what },
      object: { kind, namespace: 'acme', name, uid },
      ...(person !== undefined && { who: { person } }),
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
      ...{ previous: NOTHING_BEFORE, hash: NOTHING_BEFORE, signature: '' },
    }),
  );
}

export const DAY: DayFacts = {
  contract: { name: 'acme', uid: 'ctr-1', customer: 'Acme GmbH', billingId: '10042' },
  ...{ day: '2026-12-01', timeZone: 'Europe/Berlin' },
  span: { from: new Date('2026-11-30T23:00:00Z'), to: new Date('2026-12-01T23:00:00Z'), minutes: 1440 },
  closedAt: new Date('2026-12-01T23:30:00Z'),
  previous: NOTHING_BEFORE,
  ...{ stream: 'contract-acme', entries: [], range: { first: 1, last: 1000, head: NOTHING_BEFORE } },
  plans: [PLAN],
  measured: (): Measured => ({ bad: [], noData: [] }),
  isWatched: (_, level) => level !== 'Admin',
  promises: {
    counted: new Map([['ManagedVM', new Set(['PatchCompliant', 'Supported'])]]),
    notOwed: new Set(['NotIncluded', 'PoweredOff']),
  },
  missing: [],
};

/** What a day of these records says. */
export function dayOf(said: readonly Said[], more: Partial<DayFacts> = {}): ClosedDay {
  return readDay(closeDay({ ...DAY, entries: entriesOf(said), ...more }));
}

/** With its hash, as a month takes it. */
export function hashed(lines: readonly string[]): { readonly day: ClosedDay; readonly sha256: string } {
  return { day: readDay(lines), sha256: hashOfLines(lines) };
}

export const VM: Facts = {
  'spec.serviceLevel': LEVEL,
  'spec.powerState': 'Running',
  'condition.PatchCompliant': 'True InTime',
};

export const DAY_MS = 86_400_000;
export const START = Date.parse('2026-11-30T23:00:00Z');

/** The lines of a day of December 2026, counted from 0. */
export function closed(
  index: number,
  entries: DayFacts['entries'],
  range: { first: number; last: number },
  more: Partial<DayFacts> = {},
) {
  const from = new Date(START + index * DAY_MS);
  return closeDay({
    ...DAY,
    ...{ day: `2026-12-${String(index + 1).padStart(2, '0')}`, entries, range: { ...range, head: DAY.range.head } },
    span: { from, to: new Date(from.getTime() + DAY_MS), minutes: 1440 },
    closedAt: new Date(from.getTime() + DAY_MS + 1_800_000),
    ...more,
  });
}
