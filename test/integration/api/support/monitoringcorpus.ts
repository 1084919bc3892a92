/** What is measured of a Product, as the corpus of applications draws it. */
import fc from 'fast-check';
import { mostly, named } from './drawn.ts';

const metric = mostly(fc.constantFrom('pg_up', 'pg_stat_activity_count', 'a1'), 'Pg', '1a', 'a:b', 'a'.repeat(129));
const decimal = mostly(fc.constantFrom('0', '0.8', '-1.5', '123456789012.123456'), '', '01', '1.', '1e3', '.5');
const terms = mostly<object[]>(
  fc.array(
    fc.record(
      {
        metric,
        where: mostly<object[]>(
          fc.constantFrom([], [{ label: 'state', value: 'idle in transaction' }]),
          [{ label: 'a', value: '"' }],
          [
            { label: 'a', value: 'b' },
            { label: 'a', value: 'c' },
          ],
        ),
        rateSeconds: mostly(fc.integer({ min: 120, max: 86_400 }), 119, 86_401),
        series: mostly(fc.constantFrom('Sum', 'Greatest', 'Least'), 'Average'),
      },
      { requiredKeys: ['metric'] },
    ),
    { minLength: 1, maxLength: 2 },
  ),
  [],
);
const indicator = fc
  .tuple(
    fc.record(
      {
        name: mostly(fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/), 'A', 'a-', ''),
        value: terms,
        dividedBy: terms,
        forSeconds: mostly(fc.integer({ min: 60, max: 86_400 }), 59, 86_401),
        severity: mostly(fc.constantFrom('Warning', 'Critical'), 'Info'),
        says: mostly(fc.constant('Soon nobody can connect.'), '', '{{ $value }}', 'a\nb'),
      },
      { requiredKeys: ['name', 'value', 'says'] },
    ),
    decimal,
    mostly(fc.constantFrom<readonly string[]>(['above'], ['below']), [], ['above', 'below']),
  )
  .map(([what, limit, sides]) => ({ ...what, ...Object.fromEntries(sides.map(side => [side, limit])) }));

const objective = mostly<object>(
  fc.oneof(
    fc.record({
      level: fc.constantFrom('Basic', 'Advanced', 'Expert'),
      availability: mostly(fc.constantFrom('99.9', '10', '99.999'), '100', '9', '99.90', '99.9999', '1e'),
    }),
    fc.record({
      level: fc.constantFrom('Advanced', 'Expert'),
      responseTime: fc.record({
        percent: mostly(fc.integer({ min: 50, max: 99 }), 49, 100),
        milliseconds: mostly(fc.integer({ min: 1, max: 30_000 }), 0, 30_001),
      }),
    }),
  ) as fc.Arbitrary<object>,
  { level: 'Expert' },
  { level: 'Basic', responseTime: { percent: 95, milliseconds: 1 } },
  { level: 'Gold', availability: '99' },
);

const exporter = fc.record({
  port: mostly(fc.integer({ min: 1, max: 65_535 }), 0, 65_536),
  prefixes: mostly<string[]>(fc.constantFrom(['pg_'], ['pg_', 'process_']), [], ['pg'], ['_'], ['a_', 'a_']),
  metrics: mostly<string[]>(fc.constantFrom(['pg_up'], ['pg_up', 'a1']), [], ['a', 'a'], ['A']),
});

const objectives = fc.uniqueArray(objective, {
  selector: each => (each as { level: string }).level,
  ...{ maxLength: 3 },
});
export const monitoring = mostly<object>(
  fc.oneof(
    fc.record({ objectives }),
    fc.record({ exporter }),
    fc.record({ exporter, indicators: named(indicator, { maxLength: 1 }) }),
  ) as fc.Arbitrary<object>,
  { indicators: [] },
  {
    objectives: [
      { level: 'Basic', availability: '99' },
      { level: 'Basic', availability: '98' },
    ],
  },
);
