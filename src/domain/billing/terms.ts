import { z } from 'zod';
import { ServiceLevel } from '../../api/common.ts';
import type { PlanFromDay } from '../../api/contract.ts';
import { Amount, Currency } from '../../api/money.ts';
import { planOn } from '../contract/plans.ts';
import { type Facts, type History, lastState, part, type Stay, stateAt, textOf } from './history.ts';

/** A customer, as bills need him. */
export type BilledContract = {
  readonly name: string;
  readonly stream: string;
  readonly billingId: string;
  readonly timeZone: string;
  /** Which plan applies at a level from which day on; with the revision that it had when it began. */
  readonly plans: readonly PinnedPlan[];
};
export type PinnedPlan = PlanFromDay & { readonly revision?: string | undefined };

/** What a plan says of money. */
export type PriceList = {
  readonly name: string;
  readonly revision: string;
  readonly prices: z.infer<typeof Prices>;
};

const Prices = z.object({
  currency: Currency,
  perMonth: Amount,
  billWhenStopped: z.boolean(),
  effortPerHour: Amount,
  onDemand: z.array(z.object({ service: z.string(), price: Amount })).default([]),
  applications: z.array(z.object({ level: z.string(), perMonth: Amount })).default([]),
  licences: z.array(z.object({ product: z.string(), perMonth: Amount })).default([]),
});

/** A price list as it applies, or why there is none. */
export type Priced =
  | { readonly list: PriceList; readonly missing?: undefined }
  | { readonly list?: undefined; readonly missing: string };

/** Of a contract by its name; undefined where the records tell of none. Zone and number of the month are those at its end, the plans those that are known now: contracts are signed late. */
export function contractIn(history: History, name: string, month: string): BilledContract | undefined {
  const own = history.staysOf('Contract').filter(({ object }) => object.name === name);
  const stay = own.at(-1);
  if (stay === undefined) return undefined;
  const monthEnd = Date.parse(`${Temporal.PlainYearMonth.from(month).add({ months: 1 }).toString()}-01T00:00:00Z`);
  const then = stateAt(own.findLast(({ states: [first] }) => (first?.at ?? 0) <= monthEnd) ?? stay, monthEnd);
  return {
    name,
    stream: stay.stream,
    billingId: textOf(then, 'spec.billingId') ?? '',
    timeZone: textOf(then, 'spec.timeZone') ?? 'UTC',
    plans: plansIn(lastState(stay)),
  };
}

/** Names of all contracts that the records tell of. */
export function contractNames(history: History): string[] {
  return [...new Set(history.staysOf('Contract').map(({ object }) => object.name))].sort();
}

const AGREED = /^spec\.plans\.([A-Za-z]+)\.([0-9-]{10})$/;

/** Each plan is a fact of its own; records of earlier versions have a list. */
function plansIn(facts: Facts): PinnedPlan[] {
  const listed = Array.isArray(facts['spec.plans']) ? facts['spec.plans'] : [];
  const told = Object.entries(facts).flatMap(([name, plan]) => {
    const [, level, from] = AGREED.exec(name) ?? [];
    return level === undefined ? [] : [{ level, from, plan }];
  });
  const begun = Array.isArray(facts['status.plans']) ? facts['status.plans'] : [];
  return [...listed, ...told].flatMap(entry => {
    const read = Agreed.safeParse(entry);
    if (!read.success) return [];
    const { level, from, plan } = read.data;
    const inList = begun.find(each => each?.level === level && each?.from === from)?.revision;
    const revision = textOf(facts, `status.plans.${level}.${from}.revision`) ?? inList;
    return [{ level, from, plan, ...(typeof revision === 'string' && { revision }) }];
  });
}

const Agreed = z.object({ level: ServiceLevel, from: z.string().length(10), plan: z.string() });

/** Price lists by what the catalogue's records tell of them. */
export class PriceLists {
  readonly #byName: ReadonlyMap<string, readonly Stay[]>;
  readonly #found = new Map<PinnedPlan, Priced>();

  constructor(history: History) {
    this.#byName = Map.groupBy(history.staysOf('ServicePlan'), ({ object }) => object.name);
  }

  /** What applies at a level on a day of a contract. */
  on({ name, plans }: BilledContract, level: string, date: string): Priced {
    const isLevel = ServiceLevel.safeParse(level);
    const entry = isLevel.success ? (planOn(plans, isLevel.data, date) as PinnedPlan | undefined) : undefined;
    if (entry === undefined) return { missing: `Contract ${name} names no ServicePlan that applies at ${level}` };
    const known = this.#found.get(entry) ?? this.#find(entry);
    this.#found.set(entry, known);
    return known;
  }

  /** The one that was agreed: of the revision that was noted when it began; where none was, the last one of its name. */
  #find({ plan, revision }: PinnedPlan): Priced {
    const stays = this.#byName.get(plan) ?? [];
    const states = stays.map(lastState);
    const facts = states.findLast(each => revision === undefined || each['status.revision'] === revision);
    if (facts === undefined) {
      const which = states.length === 0 ? 'is not in the records' : `has no record with the revision ${revision}`;
      return { missing: `ServicePlan ${plan} ${which}` };
    }
    const { success, data } = Prices.safeParse(
      Object.fromEntries(Object.keys(Prices.shape).map(key => [key, part(facts, `spec.prices.${key}`)])),
    );
    if (!success) return { missing: `the prices of ServicePlan ${plan} cannot be read from its record` };
    return { list: { name: plan, revision: textOf(facts, 'status.revision') ?? revision ?? '', prices: data } };
  }
}
