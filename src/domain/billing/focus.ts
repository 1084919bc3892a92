/**
 * The FinOps Open Cost and Usage Specification (FOCUS) 1.2, with the names that 1.3 gives to what it renames as columns more: a reader of either finds its own.
 * Instants are UTC with exclusive ends, so a month in Berlin begins on the evening before its first day: `x_BillingMonth` says which month it is.
 */
import type { ClosedLine } from './corrections.ts';
import { fractionOf, type LineKind } from './line.ts';
import { amountOf, centsOf, decimalOf } from './money.ts';
import { monthIn, spanOf } from './month.ts';

export type FocusParts = {
  /** Who bills, as the provider calls himself. */
  readonly issuer: string;
  readonly timeZone: string;
  readonly month: string;
};

type Column = readonly [string, (line: ClosedLine, parts: Placed) => string];
type Placed = FocusParts & { readonly begins: string; readonly ends: string };

const CATEGORIES: Readonly<Record<LineKind, string>> = {
  ...{ SystemFee: 'Usage', ApplicationFee: 'Usage', Licence: 'Usage', OnDemand: 'Purchase', Effort: 'Purchase' },
};
const SERVICES: Readonly<Record<LineKind, string>> = {
  SystemFee: 'Managed OS',
  ApplicationFee: 'Managed VM Application',
  Licence: 'Software licence',
  OnDemand: 'Service on demand',
  Effort: 'Work by effort',
};
const UNITS = { Months: 'Months', Hours: 'Hours', Times: 'Units' } as const;

/** The mandatory columns of 1.2, then those that say more. */
const COLUMNS: readonly Column[] = [
  ['BilledCost', ({ amount }) => amount],
  ['BillingAccountId', ({ billingId }) => billingId],
  ['BillingAccountName', ({ contract }) => contract],
  ['BillingCurrency', ({ currency }) => currency],
  ['BillingPeriodStart', (_line, { begins }) => begins],
  ['BillingPeriodEnd', (_line, { ends }) => ends],
  ['ChargeCategory', ({ kind }) => CATEGORIES[kind]],
  ['ChargeClass', ({ generation }) => (generation === 1 ? '' : 'Correction')],
  ['ChargeDescription', describe],
  ['ChargeFrequency', ({ kind }) => (CATEGORIES[kind] === 'Usage' ? 'Recurring' : 'One-Time')],
  ['ChargePeriodStart', (line, parts) => periodOf(line, parts).begins],
  ['ChargePeriodEnd', (line, parts) => periodOf(line, parts).ends],
  ['ConsumedQuantity', line => (CATEGORIES[line.kind] === 'Usage' ? decimalOf(fractionOf(line.quantity), 10) : '')],
  ['ConsumedUnit', ({ kind, unit }) => (CATEGORIES[kind] === 'Usage' ? UNITS[unit] : '')],
  ['ContractedCost', costOf],
  ['ContractedUnitPrice', ({ rate }) => rate],
  ['EffectiveCost', ({ amount }) => amount],
  ['InvoiceIssuer', (_line, { issuer }) => issuer],
  ['ListCost', costOf],
  ['ListUnitPrice', ({ rate }) => rate],
  ['PricingCategory', () => 'Standard'],
  ['PricingCurrency', ({ currency }) => currency],
  ['PricingQuantity', ({ quantity }) => decimalOf(fractionOf(quantity), 10)],
  ['PricingUnit', ({ unit }) => UNITS[unit]],
  ['Provider', (_line, { issuer }) => issuer],
  ['Publisher', (_line, { issuer }) => issuer],
  ['ResourceId', ({ subject }) => subject.uid],
  ['ResourceName', ({ subject }) => subject.name],
  ['ResourceType', ({ subject }) => subject.kind],
  ['ServiceCategory', () => 'Management and Governance'],
  ['ServiceName', ({ kind }) => SERVICES[kind]],
  ['ServiceSubcategory', () => 'Other (Management and Governance)'],
  ['SkuId', ({ level, item }) => level ?? item?.kind ?? ''],
  ['SkuPriceId', ({ plan }) => (plan === undefined ? '' : `${plan.name}@${plan.revision}`)],
  ['SubAccountId', ({ subject }) => subject.namespace ?? ''],
  ['SubAccountName', ({ subject }) => subject.namespace ?? ''],
  // Names of 1.3.
  ['ServiceProviderName', (_line, { issuer }) => issuer],
  ['HostProviderName', (_line, { issuer }) => issuer],
  ['x_BillingMonth', ({ month }) => month],
  ['x_Entry', ({ entry }) => entry],
  ['x_Generation', ({ generation }) => String(generation)],
  ['x_LineId', ({ id }) => id],
  ['x_LineOf', ({ of }) => of],
  ['x_ServiceLevel', ({ level }) => level ?? ''],
];

/** The whole file: RFC 4180, UTF-8 without a byte order mark. */
export function focusCsv(lines: readonly ClosedLine[], parts: FocusParts): string {
  const { begins, ends } = spanOf(monthIn(parts.timeZone, parts.month));
  const placed = { ...parts, begins: utc(begins), ends: utc(ends) };
  const rows = [COLUMNS.map(([name]) => name), ...lines.map(line => COLUMNS.map(([, cell]) => cell(line, placed)))];
  return rows.map(row => `${row.map(quoted).join(',')}\r\n`).join('');
}

/** What the specification wants beside the data. */
export function focusMetadata(): object {
  const columns = COLUMNS.map(([name]) => ({
    ColumnName: name,
    ProviderVersion: name.startsWith('x_') ? '1' : undefined,
  }));
  return { FocusVersion: '1.2', AdditionalNamesOf: '1.3', DataGenerator: 'steward', ColumnDefinition: columns };
}

/** The price by quantity: of what is not due, what it would have cost is not told. */
function costOf({ amount }: ClosedLine): string {
  return amountOf(centsOf(amount));
}

/** From the first to the last day that a line is for; of work, the month in which it was booked. */
function periodOf({ days }: ClosedLine, { timeZone, begins, ends }: Placed) {
  const [first, last] = [days?.[0], days?.at(-1)];
  if (first === undefined || last === undefined) return { begins, ends };
  const startOf = (date: Temporal.PlainDate) => utc(date.toZonedDateTime(timeZone).epochMilliseconds);
  return {
    begins: startOf(Temporal.PlainDate.from(first.slice(0, 10))),
    ends: startOf(Temporal.PlainDate.from(last.slice(-10)).add({ days: 1 })),
  };
}

function describe({ kind, level, item, subject, days, note }: ClosedLine): string {
  const what = [SERVICES[kind], level, item && `${item.kind} ${item.name}`].filter(part => part !== undefined);
  const when = days === undefined ? '' : `, ${days.join(' and ')}`;
  return `${what.join(' ')}: ${subject.name}${when}${note === undefined ? '' : ` (${note})`}`;
}

function utc(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 19)}Z`;
}

function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
