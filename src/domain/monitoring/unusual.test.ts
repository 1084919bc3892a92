import { describe, expect, it } from 'vitest';
import { GUEST_METRICS } from './scrape.ts';
import { RATED, ratingRules, unusualAlert } from './unusual.ts';

const rules = ratingRules('acme');
const every = [...rules, unusualAlert('acme')];

describe('MO-13: the rating of the unusual', () => {
  it('looks at series of its namespace only', () => {
    for (const { expr } of every) {
      const selectors = expr.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      expect(selectors.filter(selector => !selector.startsWith('{namespace="acme"'))).toEqual([]);
    }
  });

  it('reads raw samples of no more than an hour: what looks back further looks at what is recorded', () => {
    for (const { expr } of every) {
      for (const [, series, range] of expr.matchAll(/([\w:]+)\{[^}]*\}\[(\w+)\]/g)) {
        if (!series?.startsWith('managedvm:')) expect(range).toBe('1h');
      }
    }
  });

  it('needs no series that is not taken from guests', () => {
    const taken = new RegExp(`^(?:${[...GUEST_METRICS.Linux, ...GUEST_METRICS.Windows].join('|')})$`);
    const read = rules.flatMap(({ expr }) =>
      [...expr.matchAll(/(?<![\w:])((?:node|windows)_\w+)\{/g)].map(([, name = '']) => name),
    );
    expect(read.length).toBeGreaterThan(10);
    expect(read.filter(name => !taken.test(name))).toEqual([]);
  });

  it('looks back no further than the 36 days that docs/adr/0200 asks of a Prometheus', () => {
    const days = every.flatMap(({ expr }) =>
      [...expr.matchAll(/\[3h\] offset (\d+)h30m/g)].map(([, hours]) => (Number(hours) + 3.5) / 24),
    );
    expect(Math.max(...days)).toBeGreaterThan(35);
    expect(Math.max(...days)).toBeLessThan(36);
  });

  it('records before it is read: the mean, what is usual, how far above, what is unusual', () => {
    const order = [RATED.mean, RATED.usualHigh, RATED.usualLow, RATED.above, RATED.unusual];
    expect([...new Set(rules.map(({ record }) => record))]).toEqual(order);
  });
});
