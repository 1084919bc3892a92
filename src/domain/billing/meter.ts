/** Closed lines as CloudEvents 1.0 for a meter, and whether what the meter says of a month is what was closed (GE-1). */
import type { Manifest } from './closing.ts';
import type { ClosedLine } from './corrections.ts';
import { centsOf } from './money.ts';
import { monthIn, spanOf } from './month.ts';

/** Told by it a meter takes each line once, however often it is sent. */
export const EVENT_TYPE = 'systems.managed.billing.line';

/** In one request. */
export const TOGETHER = 100;

export type MeterEvent = {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: typeof EVENT_TYPE;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: object;
};

/** A line as an event: at the last second of its month, also where it corrects. Cents are whole, so that sums of a meter are exact. */
export function eventOf(line: ClosedLine, timeZone: string): MeterEvent {
  const { id, contract, month, kind, subject, level, currency, amount, entry, generation, of } = line;
  const { ends } = spanOf(monthIn(timeZone, month));
  return {
    ...{ specversion: '1.0', id, source: `steward/billing/${contract}`, type: EVENT_TYPE, subject: contract },
    ...{ time: `${new Date(ends - 1000).toISOString().slice(0, 19)}Z`, datacontenttype: 'application/json' },
    data: {
      ...{ month, kind, system: subject.name, systemUid: subject.uid, namespace: subject.namespace ?? '' },
      ...{ level: level ?? '', currency, amount, cents: Number(centsOf(amount)), entry, generation, of },
    },
  };
}

/** Cents of all that was closed of a month. @throws RangeError where it is in several currencies: one meter counts one. */
export function centsClosed({ standing }: Manifest): bigint {
  if (standing.length > 1) throw new RangeError('a month in several currencies cannot be summed by one meter');
  return centsOf(standing[0]?.amount ?? '0.00');
}

/** What is asked of a meter for the month of a contract: from its first instant until the next one's. */
export function questionTo(meter: string, { contract, month, timeZone }: Manifest): string {
  const { begins, ends } = spanOf(monthIn(timeZone, month));
  const [from, to] = [begins, ends].map(at => `${new Date(at).toISOString().slice(0, 19)}Z`);
  const query = new URLSearchParams({ subject: contract, from: from ?? '', to: to ?? '' });
  return `api/v1/meters/${encodeURIComponent(meter)}/query?${query}`;
}

/** The total that a meter answers with, in cents; undefined: it is no such answer. */
export function totalIn(answer: unknown): bigint | undefined {
  const data = (answer as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return undefined;
  let sum = 0n;
  for (const each of data) {
    const value = (each as { value?: unknown } | null)?.value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return undefined;
    sum += BigInt(value);
  }
  return sum;
}
