import { expect, test } from 'vitest';
import { adviceRules } from './advicerules.ts';
import { watched } from './watched.fixtures.ts';

test('nothing is recorded for advice at Basic (AP-5)', () => {
  expect(adviceRules(watched('Basic'))).toEqual([]);
});

test.each(['Advanced', 'Expert'] as const)(
  'a Product that says nothing has the advisors of every guest at %s (AP-12)',
  level => {
    const [used] = adviceRules(watched(level));
    expect(
      used?.rules.map(({ record, labels }) => [record.replace('managedapplication:advisor_', ''), labels.advisor]),
    ).toEqual([
      ['used', 'cpu'],
      ['used', 'memory'],
      ['used', 'disk'],
      ['capacity_bytes', 'disk'],
    ]);
  },
);

test('every selector is of this application, or of its guest, alone (AP-5)', () => {
  const guest = /\{namespace="acme",managed_vm="shop-db",application=""[,}]/;
  const own = /\{namespace="acme",managed_vm="shop-db",application="shop-orders",advisor="[a-z]+"\}/;
  const selectors = adviceRules(watched())
    .flatMap(({ rules }) => rules)
    .flatMap(({ expr }) => expr.match(/[a-zA-Z_:]+\{[^}]*\}/g) ?? []);
  expect(selectors.length).toBeGreaterThan(20);
  expect(selectors.filter(selector => !guest.test(selector) && !own.test(selector))).toEqual([]);
});
