import { applicationLines, type Making, systemLines, together } from './feelines.ts';
import type { History } from './history.ts';
import type { Line, Open } from './line.ts';
import { amountOf, centsOf } from './money.ts';
import { monthIn, spanOf } from './month.ts';
import { contractIn, contractNames, PriceLists } from './terms.ts';
import { workLines } from './worklines.ts';

/** What a customer owes for a month. */
export type Bill = {
  readonly contract: string;
  readonly billingId: string;
  readonly timeZone: string;
  readonly month: string;
  /** When the month begins and ends, in milliseconds. */
  readonly begins: number;
  readonly ends: number;
  readonly lines: readonly Line[];
  /** What cannot be billed, and why: it is never left out silently. */
  readonly open: readonly Open[];
};

export type Total = { readonly currency: string; readonly amount: string };

/** The bill of a contract and month, from records alone; undefined where they tell of no such contract. What was recorded after the month changes nothing of it but what was booked for it. */
export function billOf(history: History, name: string, month: string): Bill | undefined {
  const contract = contractIn(history, name, month);
  if (contract === undefined) return undefined;
  const own = monthIn(contract.timeZone, month);
  const { begins, ends } = spanOf(own);
  const zones = new Map(
    contractNames(history).flatMap(each => {
      const of = contractIn(history, each, month);
      return of === undefined ? [] : [[of.stream, of.timeZone] as const];
    }),
  );
  const making: Making = {
    ...{ history, contract, month: own, lists: new PriceLists(history) },
    until: Math.min(ends, (history.recordedUntil ?? 0) + 1),
    zoneOf: stream => zones.get(stream) ?? 'UTC',
  };
  const { lines, open } = together([systemLines(making), applicationLines(making), workLines(making)]);
  const { billingId, timeZone } = contract;
  return { contract: name, billingId, timeZone, month, begins, ends, lines: lines.toSorted(byPlace), open };
}

/** By system, then kind; of one kind by id, so that there is one order. */
function byPlace(a: Line, b: Line): number {
  const place = ({ subject, kind, days, id }: Line) =>
    [subject.namespace ?? '', subject.name, subject.uid, kind, days?.[0] ?? '', id].join('\n');
  const [left, right] = [place(a), place(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Sums by currency: of whole cents, so that lines add to them. */
export function totalsOf(lines: readonly Pick<Line, 'currency' | 'amount'>[]): Total[] {
  const sums = new Map<string, bigint>();
  for (const { currency, amount } of lines) sums.set(currency, (sums.get(currency) ?? 0n) + centsOf(amount));
  return [...sums].sort().map(([currency, cents]) => ({ currency, amount: amountOf(cents) }));
}
