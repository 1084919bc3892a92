/**
 * What a closed day and a closed month consist of: lines of canonical JSON (docs/reports.md has the format for those who recompute it). Whoever reads a
 * line that a later version wrote ignores fields that he does not know. Minutes are counted from the beginning of the day in the zone of the Contract:
 * a day has 1440 of them, or 1380 or 1500 where clocks change.
 */
import { z } from 'zod';

export const FORMAT = 1;

/** [from, to) in minutes of the day. */
export const Stretch = z.tuple([z.int().min(0).max(1500), z.int().min(0).max(1500)]);
export type Stretch = z.infer<typeof Stretch>;
const Stretches = z.array(Stretch);

export const SYSTEM_KINDS = ['ManagedVM', 'ManagedApplication'] as const;

/** Who has agreed to what, as it is told beside what it excuses. */
const Excuse = z.looseObject({
  /** Why these minutes do not count against the provider. */
  because: z.enum(['PoweredOff', 'Window', 'Change', 'WaitingForCustomer']),
  from: z.int(),
  to: z.int(),
  /** What shows it: `Kind name`, or the field of the order. */
  object: z.string(),
  /** Who has agreed to it, or ordered it: names, or the policy that pre-approves. */
  approved: z.string(),
});
export type Excuse = z.infer<typeof Excuse>;

/** A condition of a system over a day. */
const PromiseState = z.looseObject({
  condition: z.string(),
  /** `status reason` at the end of the day, or when the system went. */
  end: z.string(),
  /** Minutes of the day in which it was False. */
  broken: z.int().min(0),
  /** Minutes of the day in which it was Unknown for another reason than that it is not promised, or the customer's. */
  unknown: z.int().min(0),
  /** Minutes of the day in which it was True. */
  kept: z.int().min(0),
});
export type PromiseState = z.infer<typeof PromiseState>;

const Level = z.looseObject({ level: z.string(), from: z.int(), to: z.int() });

/** A system on one day. */
export const SystemDay = z.looseObject({
  line: z.literal('System'),
  kind: z.enum(SYSTEM_KINDS),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** When it was there. */
  there: Stretches,
  /** At which level, without a gap while it was there. */
  levels: z.array(Level),
  /** When it was ordered to be powered off. */
  off: Stretches,
  /** When its level promises that it is watched (MO-5): of these minutes those are good that are neither bad nor without data. */
  measured: Stretches,
  /** When it was seen not to be up. */
  bad: Stretches,
  /** When nobody can say: never taken for good. */
  noData: Stretches,
  excused: z.array(Excuse),
  promises: z.array(PromiseState),
});
export type SystemDay = z.infer<typeof SystemDay>;

export const Plan = z.looseObject({
  line: z.literal('Plan'),
  level: z.string(),
  /** Name of the ServicePlan. */
  plan: z.string(),
  /** SHA-256 of what it said when it began to apply. */
  revision: z.string(),
  /** First day on which it applied. */
  from: z.string(),
  /** What it says, as it is written; absent: it is not there any more, or says something else since. */
  spec: z.record(z.string(), z.unknown()).optional(),
});
export type PlanLine = z.infer<typeof Plan>;

/** What became of an object that is no system, by the records of the day. */
export const ObjectDay = z.looseObject({
  line: z.literal('Object'),
  kind: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  /** When the first and the last record of the day about it were written. */
  first: z.string(),
  last: z.string(),
  /** `Appeared`, `Changed`, `Gone`, … in their order, each once. */
  what: z.array(z.string()),
  /** Persons whom the API server held to their names, in the order of the alphabet. */
  persons: z.array(z.string()),
  /** What was recorded of it at the end of the day. */
  facts: z.record(z.string(), z.unknown()),
});
export type ObjectDay = z.infer<typeof ObjectDay>;

/**
 * How a clock of an incident ended: told on the day on which that was recorded, and on no other, so that each breach is in exactly one report. `Kept` of
 * the resolution is told when the incident is closed, for until then it can be opened again.
 */
export const ClockEnd = z.looseObject({
  line: z.literal('Clock'),
  namespace: z.string(),
  incident: z.string(),
  uid: z.string(),
  clock: z.enum(['response', 'resolution']),
  outcome: z.enum(['Kept', 'Breached']),
  target: z.string(),
  /** When it was recorded. */
  at: z.string(),
});
export type ClockEnd = z.infer<typeof ClockEnd>;

export const DayHeader = z.looseObject({
  line: z.literal('Day'),
  format: z.literal(FORMAT),
  contract: z.string(),
  contractUid: z.string(),
  customer: z.string(),
  billingId: z.string(),
  day: z.string(),
  timeZone: z.string(),
  /** Instants between which it lies. */
  from: z.string(),
  to: z.string(),
  minutes: z.int(),
  closedAt: z.string(),
  /** SHA-256 of the day before, of this contract; zeros where this is the first. */
  previous: z.string(),
  /** Which records of which stream belong to it. `head`: hash of the last of them. Of a day without records, `last` is one less than `first`. */
  records: z.looseObject({ stream: z.string(), first: z.int(), last: z.int(), head: z.string() }),
  /** What could not be read, in sentences. */
  missing: z.array(z.string()),
});
export type DayHeader = z.infer<typeof DayHeader>;

export const DayLine = z.discriminatedUnion('line', [DayHeader, Plan, SystemDay, ObjectDay, ClockEnd]);
export type DayLine = z.infer<typeof DayLine>;

/** The first line is the Day; then Plans, Systems, Objects and Clocks, each in the order of their texts. */
export type ClosedDay = {
  readonly header: DayHeader;
  readonly plans: readonly PlanLine[];
  readonly systems: readonly SystemDay[];
  readonly objects: readonly ObjectDay[];
  readonly clocks: readonly ClockEnd[];
};

/** Reads the lines of a day. Throws where they are none: what is closed is bound by its hash, so nothing is guessed. */
export function readDay(lines: readonly string[]): ClosedDay {
  const read = lines.map(line => DayLine.parse(JSON.parse(line)));
  const of = <Name extends DayLine['line']>(name: Name) =>
    read.filter((each): each is Extract<DayLine, { line: Name }> => each.line === name);
  const [header] = of('Day');
  if (header === undefined || read[0]?.line !== 'Day') throw new Error('the first line of a day must be its Day');
  return { header, plans: of('Plan'), systems: of('System'), objects: of('Object'), clocks: of('Clock') };
}
