import { createHash } from 'node:crypto';
import type { RecordedAs } from './history.ts';
import { amountOf, type Fraction, share } from './money.ts';
import type { PriceList } from './terms.ts';

/** What a line is for (GE-1 to GE-3). */
export type LineKind = 'SystemFee' | 'ApplicationFee' | 'Licence' | 'OnDemand' | 'Effort';

/** A line of a bill. It says everything that its amount follows from, and the records that prove it. */
export type Line = {
  /** SHA-256 of what is billed, not of how it is told: made again from the same records it is the same. */
  readonly id: string;
  readonly kind: LineKind;
  readonly contract: string;
  readonly billingId: string;
  /** `YYYY-MM`, in the contract's zone. */
  readonly month: string;
  /** The system, or the application. */
  readonly subject: RecordedAs;
  readonly level?: string | undefined;
  /** What was done, of work; which product, of a licence. */
  readonly item?: Item | undefined;
  readonly plan?: { readonly name: string; readonly revision: string } | undefined;
  /** Days that it is for, as spans with both ends. */
  readonly days?: readonly string[] | undefined;
  /** Exact: `10/30` of a month, `90/60` of an hour. */
  readonly quantity: string;
  readonly unit: 'Months' | 'Hours' | 'Times';
  readonly rate: string;
  readonly currency: string;
  readonly amount: string;
  /** Why nothing is due for these days, or what else is to be known. */
  readonly note?: string | undefined;
  /** Sequences of the records, in the contract's stream, that it follows from. */
  readonly records: readonly number[];
};

export type Item = { readonly kind: string; readonly name: string; readonly uid?: string | undefined };

/** What cannot be billed, because no price was agreed or something is not known. */
export type Open = {
  readonly subject: RecordedAs;
  readonly item?: Item | undefined;
  readonly days?: readonly string[] | undefined;
  readonly why: string;
};

export type Draft = Omit<Line, 'id' | 'quantity' | 'amount' | 'rate' | 'currency' | 'plan'> & {
  readonly quantity: Fraction;
  /** Cents of one unit. */
  readonly rate: bigint;
  readonly list: PriceList;
};

/** The line: its amount is rounded here, once. */
export function lineOf({ quantity, rate, list, ...told }: Draft): Line {
  const line = {
    ...told,
    plan: { name: list.name, revision: list.revision },
    quantity: `${quantity.numerator}/${quantity.denominator}`,
    rate: amountOf(rate),
    currency: list.prices.currency,
    amount: amountOf(share(rate, quantity)),
  };
  return { id: idOf(line), ...line };
}

/** Neither names that a person may change nor texts are part of it, so that it does not change with them. */
function idOf(line: Omit<Line, 'id'>): string {
  const { kind, contract, month, subject, level, item, plan, days, quantity, unit, rate, currency, amount } = line;
  const said = [
    ...['steward billing line v1', kind, contract, month, subject.uid, level ?? null],
    ...[item?.kind ?? null, item?.uid ?? item?.name ?? null, plan?.revision ?? null, days ?? null],
    ...[quantity, unit, rate, currency, amount],
  ];
  return createHash('sha256').update(JSON.stringify(said)).digest('hex');
}

/** A quantity as it is written in a line. @throws RangeError for a text that is none. */
export function fractionOf(quantity: string): Fraction {
  const [, numerator, denominator] = /^(-?\d+)\/([1-9]\d*)$/.exec(quantity) ?? [];
  if (numerator === undefined || denominator === undefined) throw new RangeError(`${quantity} is not a quantity`);
  return { numerator: BigInt(numerator), denominator: BigInt(denominator) };
}
