/** A month that is closed never changes. What is found of it later is told by lines that correct it, and only by the difference (GE-1). */
import { createHash } from 'node:crypto';
import { fractionOf, type Line } from './line.ts';
import { amountOf, centsOf } from './money.ts';

/** A line as it was closed: once, in one generation of the month. */
export type ClosedLine = Omit<Line, 'id'> & {
  /** Unlike any other of the customer, also where a line was taken back and comes again. */
  readonly id: string;
  /** The line that it is, or takes back. */
  readonly of: string;
  readonly generation: number;
  readonly entry: 'Charge' | 'Reversal';
};

/** The lines that a generation adds to those that are closed, so that all of them together are the bill; none where they are already. */
export function nextGeneration(closed: readonly ClosedLine[], bill: readonly Line[]): ClosedLine[] {
  const generation = closed.reduce((last, line) => Math.max(last, line.generation), 0) + 1;
  const standing = standingIn(closed);
  const wanted = new Set(bill.map(({ id }) => id));
  const reversals = [...standing.values()]
    .filter(({ of }) => !wanted.has(of))
    .map(line => reversalOf(line, generation));
  const charges = bill.filter(({ id }) => !standing.has(id)).map(line => chargeOf(line, generation));
  return [...reversals, ...charges];
}

/** By the id of the line: charges that were not taken back. */
export function standingIn(closed: readonly ClosedLine[]): ReadonlyMap<string, ClosedLine> {
  const standing = new Map<string, ClosedLine>();
  for (const line of closed.toSorted((a, b) => a.generation - b.generation))
    if (line.entry === 'Charge') standing.set(line.of, line);
    else standing.delete(line.of);
  return standing;
}

function chargeOf(line: Line, generation: number): ClosedLine {
  return { ...line, ...placed(line.id, generation, 'Charge') };
}

function reversalOf(line: ClosedLine, generation: number): ClosedLine {
  const { numerator, denominator } = fractionOf(line.quantity);
  return {
    ...line,
    quantity: `${-numerator}/${denominator}`,
    amount: amountOf(-centsOf(line.amount)),
    ...placed(line.of, generation, 'Reversal'),
  };
}

function placed(of: string, generation: number, entry: ClosedLine['entry']) {
  const isFirst = generation === 1 && entry === 'Charge';
  const id = isFirst ? of : createHash('sha256').update(`${of} ${entry} ${generation}`).digest('hex');
  return { id, of, generation, entry };
}
