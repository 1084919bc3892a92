import { describe, expect, test } from 'vitest';
import { watched } from '../application/watched.fixtures.ts';
import { type Measured, measuredOf } from './applicationmeasured.ts';
import type { Figures } from './applicationwatch.ts';

const MONTH_MINUTES = 30 * 24 * 60;
const figures = (measuredMinutes: number, down: number, milliseconds = 12): Figures => ({
  ...{ month: '2026-11', measuredMinutes, workingMinutes: measuredMinutes - down },
  responseSeconds: new Map([['transaction', milliseconds / 1000]]),
});
const of = (now: Figures | undefined, before?: Measured) => measuredOf(watched(), now, before);

describe('the availability of a month in status (AP-11)', () => {
  test.each([
    ['nothing failed', figures(1000, 0), '100.000', 2592],
    ['a minute failed', figures(10_000, 1), '99.990', 2532],
    ['more failed than the objective of 99.9 % leaves', figures(10_000, 50), '99.500', -408],
    ['the least that can fail', figures(MONTH_MINUTES, 1), '99.997', 2532],
  ])('%s', (_, now, percent, budgetLeftSeconds) => {
    expect(of(now).availability).toEqual({ month: '2026-11', percent, budgetLeftSeconds });
  });

  test('has no budget where the level promises no number', () => {
    expect(measuredOf(watched('Expert', {}), figures(100, 0), undefined).availability).toEqual({
      ...{ month: '2026-11', percent: '100.000' },
    });
  });

  test('stands still while nothing fails, and a new month begins anew', () => {
    const before = of(figures(10_000, 5));
    expect(of(figures(11_000, 5), before).availability).toBe(before.availability);
    expect(of(figures(13_000, 5), before).availability?.percent).toBe('99.961');
    expect(of(figures(10_100, 6), before).availability?.budgetLeftSeconds).toBe(2232);
    expect(of({ ...figures(1, 0), month: '2026-12' }, before).availability).toMatchObject({
      month: '2026-12',
      percent: '100.000',
    });
  });

  test('stays as it was where Prometheus says nothing', () => {
    const before = of(figures(10_000, 5));
    expect(of(undefined, before)).toEqual(before);
    expect(of(undefined)).toEqual({});
  });
});

describe('response times in status (AP-11)', () => {
  const told = (milliseconds: number, before?: number) =>
    of(figures(10, 0, milliseconds), before === undefined ? undefined : of(figures(10, 0, before))).responseTime;

  test.each([
    [0.2, 1],
    [12.4, 13],
    [123, 130],
    [1234, 1300],
  ])('%d ms are told as %d', (measured, milliseconds) => {
    expect(told(measured)).toEqual([{ probe: 'transaction', month: '2026-11', percent: 95, milliseconds }]);
  });

  test('stand still within a tenth, but not across the objective', () => {
    expect(told(109, 100)?.[0]?.milliseconds).toBe(100);
    expect(told(120, 100)?.[0]?.milliseconds).toBe(120);
    expect(told(510, 500)?.[0]?.milliseconds).toBe(510);
  });

  test('a probe that the Product does not have is not told', () => {
    const now = { ...figures(10, 0), responseSeconds: new Map([['another', 1]]) };
    expect(of(now).responseTime).toBeUndefined();
  });
});
