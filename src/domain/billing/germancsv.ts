/**
 * A table for the accounting software of German businesses: semicolons, decimal commas, days as DD.MM.YYYY, CRLF, and UTF-8 with a byte order mark, without
 * which Excel and importers made for it take the text for Windows-1252. No field holds free text: names are those of Kubernetes, so no cell can be taken for
 * a formula, and nothing needs quotes but what has a semicolon.
 */
import type { ClosedLine } from './corrections.ts';
import type { LineKind } from './line.ts';
import { fractionOf } from './line.ts';
import { decimalOf } from './money.ts';

const BYTE_ORDER_MARK = '﻿';

type Column = readonly [string, (line: ClosedLine) => string];

/** Header and content of each column; a column is never renamed nor moved: importers know them by their place. */
const COLUMNS: readonly Column[] = [
  ['Kundennummer', ({ billingId }) => billingId],
  ['Vertrag', ({ contract }) => contract],
  ['Abrechnungsmonat', ({ month }) => month],
  ['Positionsart', ({ kind }) => KINDS[kind]],
  ['Text', textOf],
  ['System', ({ subject }) => subject.name],
  ['Namensraum', ({ subject }) => subject.namespace ?? ''],
  ['Service-Level', ({ level }) => level ?? ''],
  ['Preisliste', ({ plan }) => plan?.name ?? ''],
  ['Von', ({ days }) => germanDay(days?.[0]?.slice(0, 10))],
  ['Bis', ({ days }) => germanDay(days?.at(-1)?.slice(-10))],
  ['Tage', ({ kind, days }) => (kind === 'OnDemand' || kind === 'Effort' ? '' : String(countOf(days)))],
  ['Menge', ({ quantity }) => comma(decimalOf(fractionOf(quantity), 10).replace(/\.?0+$/, ''))],
  ['Einheit', ({ unit }) => UNITS[unit]],
  ['Einzelpreis', ({ rate }) => comma(rate)],
  ['Betrag', ({ amount }) => comma(amount)],
  ['Waehrung', ({ currency }) => currency],
  ['Buchung', ({ entry }) => (entry === 'Charge' ? 'Belastung' : 'Storno')],
  ['Generation', ({ generation }) => String(generation)],
  ['Position', ({ id }) => id],
  ['Bezug', ({ of }) => of],
];

const KINDS: Readonly<Record<LineKind, string>> = {
  SystemFee: 'Grundgebuehr System',
  ApplicationFee: 'Grundgebuehr Anwendung',
  Licence: 'Lizenz',
  OnDemand: 'Einzelauftrag',
  Effort: 'Aufwand',
};
const UNITS = { Months: 'Monat', Hours: 'Stunde', Times: 'Stueck' } as const;

/** The whole file. */
export function germanCsv(lines: readonly ClosedLine[]): string {
  const rows = [COLUMNS.map(([name]) => name), ...lines.map(line => COLUMNS.map(([, cell]) => cell(line)))];
  return `${BYTE_ORDER_MARK}${rows.map(row => `${row.map(quoted).join(';')}\r\n`).join('')}`;
}

function textOf({ kind, level, item, subject, note }: ClosedLine): string {
  const what = [KINDS[kind], level, item && `${item.kind} ${item.name}`, subject.name].filter(
    part => part !== undefined,
  );
  return `${what.join(' ')}${note === undefined ? '' : ` (${NOTES.get(note) ?? note})`}`;
}

const NOTES = new Map([
  ['powered off', 'ausgeschaltet'],
  ['services ceased', 'Leistungen eingestellt'],
]);

/** Days of spans with both ends. */
export function countOf(spans: readonly string[] | undefined): number {
  return (spans ?? []).reduce((sum, span) => {
    const [from, to] = [span.slice(0, 10), span.slice(-10)].map(date => Temporal.PlainDate.from(date));
    return sum + (from === undefined || to === undefined ? 0 : from.until(to, { largestUnit: 'days' }).days + 1);
  }, 0);
}

function germanDay(date: string | undefined): string {
  return date === undefined ? '' : date.split('-').toReversed().join('.');
}

function comma(decimal: string): string {
  return decimal.replace('.', ',');
}

function quoted(cell: string): string {
  return /[;"\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
