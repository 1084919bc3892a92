import { describe, expect, it } from 'vitest';
import { billOf } from './bill.ts';
import { closeMonth, type Files, faultsIn, type Generation, readGeneration } from './closing.ts';
import { acme, running, vmNamed, type Written } from './history.fixtures.ts';
import { amountOf, centsOf, decimalOf, rounded } from './money.ts';

const STREAM = 'contract-acme';
const SOURCES = [{ stream: STREAM, sequence: 2, hash: 'a'.repeat(64) }];

function written(): Written {
  return acme()
    .is(STREAM, '2026-11-21T10:00:00Z', vmNamed('shop-db'), running())
    .is(STREAM, '2026-11-01T10:00:00Z', vmNamed('shop-web'), running({ 'spec.serviceLevel': 'Admin' }));
}
function closed(of: Written, before: readonly Generation[] = []): Files | undefined {
  const bill = billOf(of.add('cluster', '2027-01-01T00:00:00Z', 'KeyRotated').history, 'acme', '2026-11');
  if (bill === undefined) throw new Error('the contract of the tests is in the records');
  return closeMonth(bill, before, SOURCES, 'Example GmbH');
}
function generation(files: Files | undefined): Generation {
  if (files === undefined) throw new Error('nothing was closed');
  return readGeneration(files);
}

describe('GE-1: money', () => {
  it.each([
    ['49.00', 4900n],
    ['-0.34', -34n],
    ['123456789.01', 12345678901n],
  ])('%s is %d cents and back', (text, cents) => {
    expect(centsOf(text)).toBe(cents);
    expect(amountOf(cents)).toBe(text);
  });

  it.each(['49', '49.0', '1e3', '-', '', '4.900'])('%s is no amount', text => {
    expect(() => centsOf(text)).toThrow(RangeError);
  });

  it('a half is rounded away from zero, as merchants do', () => {
    const half = (numerator: bigint) => rounded({ numerator, denominator: 2n });
    expect([half(1n), half(3n), half(-1n), half(-3n)]).toEqual([1n, 2n, -1n, -2n]);
    expect(decimalOf({ numerator: 10n, denominator: 30n }, 10)).toBe('0.3333333333');
    expect(decimalOf({ numerator: -1n, denominator: 200n }, 2)).toBe('-0.01');
  });
});

describe('GE-1: a month that is closed', () => {
  it('is written once: closed again from the same records it is as it is', () => {
    const first = generation(closed(written()));
    expect(first.manifest.totals).toEqual([{ currency: 'EUR', amount: '35.33' }]);
    expect(closed(written(), [first])).toBeUndefined();
    expect(faultsIn([first])).toEqual([]);
  });

  it('is the same bytes, whoever makes it and whenever', () => {
    expect(closed(written())).toEqual(closed(written()));
  });

  it('never changes: what is found later are lines of another generation, which take back and charge', () => {
    const first = generation(closed(written()));
    const late = written().gone(STREAM, '2026-11-25T10:00:00Z', vmNamed('shop-db'));
    const second = generation(closed(late, [first]));
    expect(second.lines.map(({ entry, amount, generation: of }) => [entry, amount, of])).toEqual([
      ['Reversal', '-16.33', 2],
      ['Charge', '8.17', 2],
    ]);
    expect(second.manifest.totals).toEqual([{ currency: 'EUR', amount: '-8.16' }]);
    expect(second.manifest.standing).toEqual([{ currency: 'EUR', amount: '27.17' }]);
    expect(faultsIn([first, second])).toEqual([]);
    // And back again: no id comes twice, for whoever takes each id once.
    const third = generation(closed(written(), [first, second]));
    expect(third.manifest.standing).toEqual(first.manifest.standing);
    expect(faultsIn([first, second, third])).toEqual([]);
  });

  it('is held to its files: a byte, a file, a line twice, another sum, a generation that was exchanged', () => {
    const files = new Map(closed(written()));
    const first = generation(files);
    const csv = files.get('billing.de.csv') ?? '';
    expect(() => readGeneration(new Map([...files, ['billing.de.csv', csv.replace('16,33', '61,33')]]))).toThrow(
      'billing.de.csv is not the file that was closed: its SHA-256 is another',
    );
    expect(() => readGeneration(new Map([...files].filter(([name]) => name !== 'focus.csv')))).toThrow(
      'focus.csv is missing',
    );
    expect(() => readGeneration(new Map([...files, ['more.csv', '']]))).toThrow(
      'more.csv is not named by manifest.json',
    );
    const [line] = first.lines;
    if (line === undefined) throw new Error('there is a line');
    expect(faultsIn([{ ...first, lines: [line, line] }])).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/is there twice$/),
        expect.stringMatching(/do not add to its totals$/),
      ]),
    );
    const dearer = { ...first, lines: first.lines.map(each => ({ ...each, amount: '99.00' })) };
    expect(faultsIn([dearer])).toContainEqual(expect.stringMatching(/10\/30 of 49.00 is not 99.00$/));
    const late = written().gone(STREAM, '2026-11-25T10:00:00Z', vmNamed('shop-db'));
    const second = generation(closed(late, [first]));
    expect(faultsIn([{ ...first, hash: 'b'.repeat(64) }, second])).toContainEqual(
      expect.stringMatching(/not bound to the generation before/),
    );
  });
});

describe('GE-1: what accounting reads', () => {
  const files = new Map(closed(written()));

  it('is semicolons, decimal commas, CRLF and a byte order mark, with no quotes and no formula', () => {
    const csv = files.get('billing.de.csv') ?? '';
    expect(csv.startsWith('\uFEFFKundennummer;Vertrag;Abrechnungsmonat;')).toBe(true);
    const [, first] = csv.split('\r\n');
    expect(first).toMatch(
      /^10042;acme;2026-11;Grundgebuehr System;Grundgebuehr System AdvancedMonitoringAndPatching shop-db;shop-db;acme;AdvancedMonitoringAndPatching;advanced-2026;21\.11\.2026;30\.11\.2026;10;0,3333333333;Monat;49,00;16,33;EUR;Belastung;1;/,
    );
    expect(csv).not.toMatch(/(^|;)[=+@]/m);
  });

  it('FOCUS 1.2 has all mandatory columns, the names of 1.3, plain decimals and instants in UTC', () => {
    const [header = '', first = ''] = (files.get('focus.csv') ?? '').split('\r\n');
    const columns = header.split(',');
    const mandatory =
      'BilledCost BillingAccountId BillingAccountName BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass ChargeDescription ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuer ListCost PricingQuantity PricingUnit Provider Publisher ServiceCategory ServiceName';
    expect(mandatory.split(' ').filter(name => !columns.includes(name))).toEqual([]);
    expect(columns).toEqual(expect.arrayContaining(['ServiceProviderName', 'HostProviderName', 'x_BillingMonth']));
    const cells = first.match(/"[^"]*"|[^,]+/g);
    expect(cells).toEqual(
      expect.arrayContaining([
        '16.33',
        '2026-10-31T23:00:00Z',
        '2026-11-30T23:00:00Z',
        '2026-11-20T23:00:00Z',
        '2026-11',
      ]),
    );
  });
});
