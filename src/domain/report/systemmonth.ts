/** A system over a month, from its days. */
import { textAt } from '../contract/json.ts';
import { availabilityVerdict, type Minutes, type Shares, sharesOf, type Verdict } from './availability.ts';
import type { DayHeader, Excuse, PlanLine, Stretch, SystemDay } from './format.ts';
import { byText } from './order.ts';
import { common, minutesIn, without } from './stretches.ts';

export type SystemOnDay = {
  readonly header: DayHeader;
  readonly plans: readonly PlanLine[];
  readonly system: SystemDay;
};

/** Of outages, excuses and times without data at most so many are listed one by one; the sums hold all of them. */
export const MOST_LISTED = 100;

/** In the order in which a minute is said to be excused. */
const CAUSES = ['PoweredOff', 'Window', 'Change', 'WaitingForCustomer'] as const;

/** While one level and one plan applied. */
export type Period = {
  readonly level: string;
  readonly plan: string;
  readonly revision: string;
  /** First and last day of it. */
  readonly from: string;
  readonly to: string;
  /** Percent; empty: none is promised. */
  readonly target: string;
  /** As measured. */
  readonly raw: Minutes & Shares;
  readonly excused: readonly { readonly because: string; readonly minutes: number }[];
  /** Without what is excused. */
  readonly adjusted: Minutes & Shares;
  readonly verdict: Verdict | 'NotPromised';
};

export type SystemMonth = {
  readonly line: 'System';
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly days: number;
  readonly there: number;
  readonly off: number;
  readonly periods: readonly Period[];
  readonly promises: readonly {
    readonly condition: string;
    readonly end: string;
    readonly kept: number;
    readonly broken: number;
    readonly unknown: number;
    readonly verdict: 'Kept' | 'Broken' | 'Unproven' | 'NotPromised';
  }[];
  readonly outages: readonly Interval[];
  readonly noData: readonly Interval[];
  readonly excuses: readonly (Interval & Pick<Excuse, 'because' | 'object' | 'approved'>)[];
  /** How many are not listed. */
  readonly notListed: number;
};

type Interval = { readonly from: string; readonly to: string };

/** `days`: at least one, in the order of time. `hasGaps`: of some days of the month nothing is known, so that nothing is proven kept. */
export function systemMonth(days: readonly SystemOnDay[], hasGaps: boolean): SystemMonth {
  const last = days.at(-1);
  if (last === undefined) throw new Error('a system without a day');
  const { kind, namespace, name, uid } = last.system;
  const sum = (of: (system: SystemDay) => readonly Stretch[]) =>
    days.reduce((total, { system }) => total + minutesIn(of(system)), 0);
  const intervals = (of: (system: SystemDay) => readonly Stretch[]) =>
    days.flatMap(({ header, system }) => of(system).map(stretch => interval(stretch, header)));
  const outages = intervals(system => without(system.bad, stretchesOf(system.excused)));
  const noData = intervals(system => system.noData);
  const excuses = days.flatMap(({ header, system }) =>
    system.excused.map(({ because, from, to, object, approved }) => ({
      ...interval([from, to], header),
      ...{ because, object, approved },
    })),
  );
  const lists = [outages, noData, excuses];
  return {
    ...{ line: 'System', kind, namespace, name, uid, days: days.length },
    ...{ there: sum(({ there }) => there), off: sum(({ off }) => off) },
    periods: periodsOf(days, hasGaps),
    promises: promisesOf(days, hasGaps),
    outages: outages.slice(0, MOST_LISTED),
    noData: noData.slice(0, MOST_LISTED),
    excuses: excuses.slice(0, MOST_LISTED),
    notListed: lists.reduce((total, list) => total + Math.max(0, list.length - MOST_LISTED), 0),
  };
}

type Sums = { from: string; to: string; raw: Minutes; adjusted: Minutes; excused: Map<string, number>; target: string };

function periodsOf(days: readonly SystemOnDay[], hasGaps: boolean): Period[] {
  const periods = new Map<
    string,
    Sums & { readonly level: string; readonly plan: string; readonly revision: string }
  >();
  for (const { header, plans, system } of days)
    for (const { level, from, to } of system.levels) {
      const plan = plans.find(each => each.level === level);
      const key = JSON.stringify([level, plan?.plan ?? '', plan?.revision ?? '']);
      const period = periods.get(key) ?? {
        ...{ level, plan: plan?.plan ?? '', revision: plan?.revision ?? '', from: header.day, to: header.day },
        ...{
          raw: NONE,
          adjusted: NONE,
          excused: new Map(),
          target: textAt(plan?.spec, 'availability', 'target') ?? '',
        },
      };
      periods.set(key, {
        ...add(period, system, [from, to]),
        to: header.day,
        level,
        plan: period.plan,
        revision: period.revision,
      });
    }
  return [...periods.values()].map(({ level, plan, revision, from, to, target, raw, adjusted, excused }) => ({
    ...{ level, plan, revision, from, to, target },
    raw: { ...raw, ...sharesOf(raw) },
    excused: CAUSES.map(because => ({ because, minutes: excused.get(because) ?? 0 })).filter(
      ({ minutes }) => minutes > 0,
    ),
    adjusted: { ...adjusted, ...sharesOf(adjusted) },
    verdict: target === '' ? 'NotPromised' : proven(availabilityVerdict(target, adjusted), hasGaps),
  }));
}

const NONE: Minutes = { good: 0, bad: 0, noData: 0 };

function add(period: Sums, { measured, bad, noData, excused }: SystemDay, during: Stretch): Sums {
  const counted = common(measured, [during]);
  const left = without(counted, stretchesOf(excused));
  const of = (minutes: Minutes, among: readonly Stretch[]): Minutes => {
    const [down, unknown] = [minutesIn(common(bad, among)), minutesIn(common(noData, among))];
    const good = minutesIn(among) - down - unknown;
    return { good: minutes.good + good, bad: minutes.bad + down, noData: minutes.noData + unknown };
  };
  const causes = new Map(period.excused);
  let rest: readonly Stretch[] = counted;
  for (const cause of CAUSES) {
    const because = stretchesOf(excused.filter(each => each.because === cause));
    causes.set(cause, (causes.get(cause) ?? 0) + minutesIn(common(rest, because)));
    rest = without(rest, because);
  }
  return { ...period, raw: of(period.raw, counted), adjusted: of(period.adjusted, left), excused: causes };
}

function promisesOf(days: readonly SystemOnDay[], hasGaps: boolean): SystemMonth['promises'] {
  const byName = Map.groupBy(
    days.flatMap(({ system }) => system.promises),
    ({ condition }) => condition,
  );
  const inOrder = [...byName].toSorted(([one], [other]) => byText(one, other));
  return inOrder.map(([condition, of]) => {
    const sum = (name: 'kept' | 'broken' | 'unknown') => of.reduce((total, each) => total + each[name], 0);
    const [kept, broken, unknown] = [sum('kept'), sum('broken'), sum('unknown')];
    const known = unknown > 0 ? 'Unproven' : kept > 0 ? proven('Kept', hasGaps) : 'NotPromised';
    return { condition, end: of.at(-1)?.end ?? '', kept, broken, unknown, verdict: broken > 0 ? 'Broken' : known };
  });
}

function proven<V extends string>(verdict: V, hasGaps: boolean): V | 'Unproven' {
  return hasGaps && verdict === 'Kept' ? 'Unproven' : verdict;
}

function stretchesOf(excuses: readonly Excuse[]): Stretch[] {
  return excuses.map(({ from, to }) => [from, to]);
}

/** As instants. */
function interval([from, to]: Stretch, { from: start }: DayHeader): Interval {
  const at = (minute: number) => `${new Date(Date.parse(start) + minute * 60_000).toISOString().slice(0, 19)}Z`;
  return { from: at(from), to: at(to) };
}
