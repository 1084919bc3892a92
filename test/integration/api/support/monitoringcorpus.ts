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

const outside = mostly<object>(
  fc.constantFrom<object>(
    ...[{ protocol: 'TCP' }, { protocol: 'TCP', module: 'steward_valkey' }],
    ...[{ protocol: 'HTTP' }, { protocol: 'HTTP', path: '/health' }],
  ),
  { protocol: 'UDP' },
  { protocol: 'TCP', path: '/' },
  { protocol: 'HTTP', path: 'health' },
  { protocol: 'TCP', module: '' },
  { protocol: 'TCP', module: 'two words' },
  { path: '/' },
);

const objectives = fc.uniqueArray(objective, {
  selector: each => (each as { level: string }).level,
  ...{ maxLength: 3 },
});
export const monitoring = mostly<object>(
  fc.oneof(
    fc.record({ objectives }),
    fc.record({ outside }),
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

const ofDisk = fc.record(
  {
    path: mostly(fc.constantFrom('/', '/var/lib/postgresql'), '', 'var', '/a/', '/a b', '/a|/b', `/${'a'.repeat(101)}`),
  },
  { requiredKeys: ['path'] },
);
const ofParameter = fc.record({
  parameter: mostly(fc.constant('max_connections'), '', 'A', 'a'.repeat(64)),
  ...{ used: terms, capacity: terms },
});
/** What an advisor needs for its resource, and now and then what another needs. */
const ofResource = fc.oneof(
  {
    weight: 40,
    arbitrary: fc.oneof(
      fc.record({ resource: fc.constantFrom('CPU', 'Memory') }),
      ofDisk.map(disk => ({ resource: 'Disk', ...disk })),
      ofParameter.map(parameter => ({ resource: 'Parameter', ...parameter })),
    ) as fc.Arbitrary<object>,
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<object>(
      { resource: 'Disk' },
      { resource: 'CPU', path: '/' },
      { resource: 'Parameter', parameter: 'a' },
      { resource: 'Memory', used: [{ metric: 'pg_up' }] },
      { resource: 'Network' },
    ),
  },
);
const advisor = fc
  .tuple(
    fc.record(
      {
        name: mostly(fc.stringMatching(/^[a-z]([-a-z0-9]{0,8}[a-z0-9])?$/), 'A', 'a-', ''),
        atPercent: mostly(fc.integer({ min: 1, max: 99 }), 0, 100),
        forMinutes: mostly(fc.integer({ min: 5, max: 60 }), 4, 61, 10_080, 10_081),
        windowHours: mostly(fc.integer({ min: 1, max: 168 }), 0, 169),
        growth: fc.record(
          {
            overHours: mostly(fc.integer({ min: 6, max: 336 }), 5, 337),
            exhaustedWithinDays: mostly(fc.integer({ min: 1, max: 365 }), 0, 366),
          },
          { requiredKeys: ['exhaustedWithinDays'] },
        ),
        proposal: mostly(fc.constant('Order more.'), '', '{{ $value }}', 'a\nb'),
      },
      { requiredKeys: ['name', 'atPercent', 'proposal'] },
    ),
    ofResource,
  )
  .map(([what, resource]) => ({ ...what, ...resource }));
const simple = { advisors: [{ name: 'cpu', resource: 'CPU', atPercent: 85, proposal: 'Order more.' }] };
/** A Product has much else that can be wrong: nearly always advisors that are right. */
export const performance = fc.oneof(
  { weight: 50, arbitrary: fc.constant<object>(simple) },
  {
    weight: 10,
    arbitrary: fc.record({ advisors: named(advisor, { minLength: 1, maxLength: 1 }) }) as fc.Arbitrary<object>,
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<object>({ advisors: [] }, {}, { advisors: [...simple.advisors, ...simple.advisors] }),
  },
);
