/** Lines for what stood: fees of systems and applications, and metered licences (GE-1, AP-1). */
import { type Facts, type History, type Stay, textOf } from './history.ts';
import { type Draft, type Item, type Line, type LineKind, lineOf, type Open } from './line.ts';
import { centsOf, type Fraction } from './money.ts';
import { type Month, spansOf } from './month.ts';
import { daysOf, type SystemDay, staysByUid, type ZoneOf } from './systemdays.ts';
import type { BilledContract, PriceList, PriceLists } from './terms.ts';

/** What lines are made with. */
export type Making = {
  readonly history: History;
  readonly contract: BilledContract;
  readonly month: Month;
  readonly lists: PriceLists;
  /** Until when it is known what stood, in milliseconds. */
  readonly until: number;
  readonly zoneOf: ZoneOf;
};

export type Made = { readonly lines: readonly Line[]; readonly open: readonly Open[] };

/** One day of something that costs, before days that cost the same are put together. */
type Charge = {
  readonly date: string;
  readonly kind: LineKind;
  readonly level: string;
  readonly item?: Item | undefined;
  readonly list: PriceList;
  readonly rate: bigint;
  /** How many of them. */
  readonly amount: bigint;
  readonly note?: string | undefined;
  readonly records: readonly number[];
};
type Missing = { readonly date: string; readonly item?: Item | undefined; readonly why: string };

const isMissing = (each: Charge | Missing): each is Missing => 'why' in each;

/** A line for each system, level and price list; the days of its lines are the days on which it stood, each once. */
export function systemLines(making: Making): Made {
  return together(
    staysIn(making, 'ManagedVM').map(([stay, days]) =>
      linesOf(
        making,
        stay,
        days.map(day => systemCharge(making, day)),
      ),
    ),
  );
}

/** The same of applications, by the price list of the VM's level, and of their licences. */
export function applicationLines(making: Making): Made {
  const levels = vmLevels(making);
  return together(
    staysIn(making, 'ManagedApplication').map(([stay, days]) => {
      const charges = days.flatMap(day => applicationCharges(making, stay, day, levels));
      return linesOf(making, stay, charges);
    }),
  );
}

function staysIn(making: Making, kind: string): (readonly [Stay, readonly SystemDay[]])[] {
  const { history, contract, month, until, zoneOf } = making;
  return [...staysByUid(history, kind).values()].flatMap(stays =>
    stays
      .filter(({ stream }) => stream === contract.stream)
      .map(stay => [stay, daysOf(stay, stays, month, until, zoneOf)] as const),
  );
}

function systemCharge({ contract, lists }: Making, day: SystemDay): Charge | Missing {
  const { date, level, records } = day;
  const { list, missing } = lists.on(contract, level, date);
  if (list === undefined) return { date, why: missing };
  return { ...{ date, kind: 'SystemFee', level, list, amount: 1n, records }, ...fee(list.prices.perMonth, list, day) };
}

/** What a day of a month costs; nothing while services have ceased, and while it is powered off where the plan says so. */
function fee(
  perMonth: string,
  { prices }: PriceList,
  { isCeased, isStopped }: SystemDay,
): Pick<Charge, 'rate' | 'note'> {
  if (isCeased) return { rate: 0n, note: 'services ceased' };
  if (isStopped && !prices.billWhenStopped) return { rate: 0n, note: 'powered off' };
  return { rate: centsOf(perMonth) };
}

/** Level of the VM of a name in a namespace, by day. */
type VmLevels = ReadonlyMap<string, ReadonlyMap<string, string>>;

function vmLevels(making: Making): VmLevels {
  const levels = new Map<string, Map<string, string>>();
  for (const [{ object }, days] of staysIn(making, 'ManagedVM')) {
    const key = `${object.namespace}/${object.name}`;
    const known = levels.get(key) ?? new Map<string, string>();
    for (const { date, level } of days) known.set(date, level);
    levels.set(key, known);
  }
  return levels;
}

function applicationCharges(
  { contract, lists }: Making,
  { object }: Stay,
  day: SystemDay,
  levels: VmLevels,
): (Charge | Missing)[] {
  const { date, level, records, states } = day;
  const facts = states.at(-1) ?? {};
  const vms = facts['spec.managedVMs'];
  const vm = Array.isArray(vms) ? String(vms[0]) : '';
  const vmLevel = levels.get(`${object.namespace}/${vm}`)?.get(date);
  if (vmLevel === undefined) return [{ date, why: `ManagedVM ${vm}, on which it runs, is not billed on that day` }];
  const { list, missing } = lists.on(contract, vmLevel, date);
  if (list === undefined) return [{ date, why: missing }];
  const price = list.prices.applications.find(each => each.level === level);
  const own: Charge | Missing =
    price === undefined
      ? { date, why: `ServicePlan ${list.name} has no price of an application at ${level}` }
      : { ...{ date, kind: 'ApplicationFee', level, list, amount: 1n, records }, ...fee(price.perMonth, list, day) };
  return [own, ...licenceCharges(list, day)];
}

/** The most that was metered on the day. A powered-off VM holds its licence. */
function licenceCharges(list: PriceList, { date, level, records, states }: SystemDay): (Charge | Missing)[] {
  const amount = BigInt(Math.max(0, ...states.map(meteredIn)));
  if (amount === 0n) return [];
  const product = states.map(facts => textOf(facts, 'spec.product')).findLast(name => name !== undefined) ?? '';
  const item = { kind: 'Product', name: product };
  const price = list.prices.licences.find(each => each.product === product);
  if (price === undefined)
    return [{ date, item, why: `ServicePlan ${list.name} has no price of a licence of ${product}` }];
  return [{ date, kind: 'Licence', level, item, list, rate: centsOf(price.perMonth), amount, records }];
}

function meteredIn(facts: Facts): number {
  const { billed, amount } = (facts['status.licence'] ?? {}) as Facts;
  return billed === true && Number.isSafeInteger(amount) ? Number(amount) : 0;
}

function linesOf({ contract, month }: Making, { object }: Stay, charges: readonly (Charge | Missing)[]): Made {
  const paid = charges.filter((each): each is Charge => !isMissing(each));
  const missing = charges.filter(isMissing);
  const alike = Map.groupBy(paid, ({ kind, level, item, list, rate, amount, note }) =>
    JSON.stringify([kind, level, item ?? null, list.name, list.revision, String(rate), String(amount), note ?? null]),
  );
  const lines = [...alike.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const { kind, level, item, list, rate, amount, note } = first;
    const days = [first, ...more];
    const quantity: Fraction = { numerator: BigInt(days.length) * amount, denominator: BigInt(month.days.length) };
    const draft: Draft = {
      ...{ kind, contract: contract.name, billingId: contract.billingId, month: month.name, subject: object, level },
      ...(item && { item }),
      days: spansOf(days.map(({ date }) => date)),
      ...{ quantity, unit: 'Months', rate, list },
      ...(note !== undefined && { note }),
      records: [...new Set(days.flatMap(({ records }) => records))].sort((a, b) => a - b),
    };
    return [lineOf(draft)];
  });
  const gaps = Map.groupBy(missing, ({ item, why }) => JSON.stringify([item ?? null, why]));
  const open = [...gaps.values()].flatMap(([first, ...more]) =>
    first === undefined
      ? []
      : [
          {
            subject: object,
            item: first.item,
            why: first.why,
            days: spansOf([first, ...more].map(({ date }) => date)),
          },
        ],
  );
  return { lines, open };
}

export function together(made: readonly Made[]): Made {
  return { lines: made.flatMap(({ lines }) => lines), open: made.flatMap(({ open }) => open) };
}
