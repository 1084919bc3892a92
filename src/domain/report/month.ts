/**
 * A month of a Contract from its closed days: pure, and nothing but them, so that whoever has the days comes to the same bytes (hack/recompute does, by the
 * format alone). What is recorded after a day was closed belongs to the day on which it is recorded: each breach is in exactly one report.
 */
import { textAt } from '../contract/json.ts';
import { canonicalJson } from '../record/canonicaljson.ts';
import type { Facts } from '../record/entry.ts';
import { factAt } from './course.ts';
import type { ClockEnd, ClosedDay, ObjectDay } from './format.ts';
import { FORMAT } from './format.ts';
import { byText } from './order.ts';
import { type SystemMonth, systemMonth } from './systemmonth.ts';

export type MonthFacts = {
  /** `YYYY-MM`. */
  readonly month: string;
  /** First day of the month on which the contract was served. */
  readonly since: string;
  /** In the order of time, each with the SHA-256 of its lines. */
  readonly days: readonly { readonly day: ClosedDay; readonly sha256: string }[];
  /** Days that were never closed. */
  readonly gaps: readonly string[];
};

/** The lines of the report. Throws where there is not a single day: there is nothing to tell then. */
export function closeMonth({ month, since, days, gaps }: MonthFacts): string[] {
  const last = days.at(-1)?.day.header;
  if (last === undefined) throw new Error(`no day of ${month} is closed`);
  const { contract, contractUid, customer, billingId, timeZone } = last;
  const all = days.map(({ day }) => day);
  const systems = systemsIn(all, gaps.length > 0);
  const objects = objectsIn(all);
  const clocks = all.flatMap(day => day.clocks.map(clock => clockLine(clock, objects)));
  const plans = new Set(all.flatMap(day => day.plans.map(plan => canonicalJson(plan))));
  const header = {
    ...{ line: 'Report', format: FORMAT, contract, contractUid, customer, billingId, month, since, timeZone },
    ...{ days: days.map(({ day, sha256 }) => ({ day: day.header.day, sha256 })), gaps: [...gaps] },
    missing: all.flatMap(({ header: { day, missing } }) => missing.map(what => ({ day, what }))),
  };
  const rest = [systems, clocks, objects].map(lines => lines.map(line => canonicalJson(line)).toSorted(byText));
  return [
    canonicalJson(header),
    canonicalJson(summary(systems, clocks, objects)),
    ...[...plans].toSorted(byText),
    ...rest.flat(),
  ];
}

function systemsIn(days: readonly ClosedDay[], hasGaps: boolean): SystemMonth[] {
  const told = days.flatMap(({ header, plans, systems }) => systems.map(system => ({ header, plans, system })));
  const byUid = Map.groupBy(told, ({ system }) => system.uid);
  return [...byUid.values()].map(of => systemMonth(of, hasGaps));
}

type ObjectMonth = ObjectDay & { readonly facts: Readonly<Record<string, unknown>> };

/** Each object once, as it was told last. Of systems all that was ordered otherwise. */
function objectsIn(days: readonly ClosedDay[]): ObjectMonth[] {
  const byUid = Map.groupBy(
    days.flatMap(({ objects }) => objects),
    ({ uid }) => uid,
  );
  return [...byUid.values()].flatMap(of => {
    const [first, last] = [of.find(each => each.first !== ''), of.at(-1)];
    if (last === undefined) return [];
    const isOrder = last.kind === 'ManagedVM' || last.kind === 'ManagedApplication';
    return [
      {
        ...last,
        first: first?.first ?? '',
        last: of.findLast(each => each.last !== '')?.last ?? '',
        what: [...new Set(of.flatMap(({ what }) => what))],
        persons: [...new Set(of.flatMap(({ persons }) => persons))].toSorted(byText),
        facts: isOrder ? Object.assign({}, ...of.map(({ facts }) => facts)) : last.facts,
      },
    ];
  });
}

/** With what its incident was about, and its cause as far as that is known at the end of the month. */
function clockLine(clock: ClockEnd, objects: readonly ObjectMonth[]) {
  const facts = objects.find(({ uid }) => uid === clock.uid)?.facts;
  const of = (...path: readonly string[]) => factAt(facts as Facts | undefined, ...path) ?? '';
  return {
    ...clock,
    subject: `${of('spec.subject', 'kind')} ${of('spec.subject', 'name')}`,
    priority: of('spec.rating', 'priority'),
    cause: of('spec.handling', 'resolution', 'cause'),
  };
}

function summary(systems: readonly SystemMonth[], clocks: readonly ClockEnd[], objects: readonly ObjectMonth[]) {
  const verdicts = [
    ...systems.flatMap(({ periods, promises }) => [...periods, ...promises].map(({ verdict }) => verdict)),
    ...clocks.map(({ outcome }) => (outcome === 'Kept' ? 'Kept' : 'Broken')),
  ];
  const count = (verdict: string) => verdicts.filter(each => each === verdict).length;
  const [kept, broken, unproven] = [count('Kept'), count('Broken'), count('Unproven')];
  return {
    line: 'Summary',
    promises: { kept, broken, unproven, of: kept + broken + unproven },
    systems: systems.length,
    incidents: objects.filter(({ kind }) => kind === 'Incident').length,
    breaches: clocks.filter(({ outcome }) => outcome === 'Breached').length,
    decisions: objects.filter(isOwed).map(({ namespace, name, facts }) => ({
      ...{ namespace, change: name, title: typeof facts['spec.title'] === 'string' ? facts['spec.title'] : '' },
      ...{
        what: textAt(facts['status.waitingFor'], 'what') ?? '',
        until: textAt(facts['status.waitingFor'], 'until') ?? '',
      },
    })),
  };
}

/** What the customer is waited for when the month ends (GE-4). */
function isOwed({ kind, what, facts }: ObjectMonth): boolean {
  const whom = (facts['status.waitingFor'] as { whom?: unknown } | undefined)?.whom;
  return kind === 'ChangeRequest' && !what.includes('Gone') && Array.isArray(whom) && whom.includes('Customer');
}
