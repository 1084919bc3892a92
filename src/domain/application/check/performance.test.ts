import { expect, test } from 'vitest';
import { product } from '../product.fixtures.ts';
import { MEASURED } from '../watched.fixtures.ts';
import { performanceFaults } from './performance.ts';

const connections = {
  ...{ name: 'connections', resource: 'Parameter', parameter: 'max_connections', atPercent: 80, proposal: 'More.' },
  ...{ used: [{ metric: 'pg_stat_activity_count' }], capacity: [{ metric: 'pg_settings_max_connections' }] },
};
const parameters = [{ name: 'max_connections', type: 'Integer', default: '100', apply: 'Restart' }];
const faultsOf = (advisor: object, more: object = {}) =>
  performanceFaults(product({ ...MEASURED, parameters, performance: { advisors: [advisor] }, ...more }).spec);

test('an advisor of a parameter that there is, by metrics that are missed where they go, is in order (AP-12)', () => {
  expect(faultsOf(connections)).toEqual([]);
});

test.each([
  [
    'a parameter that there is not',
    { ...connections, parameter: 'sessions' },
    {},
    'spec.performance.advisors.connections.parameter: the Product has no parameter sessions.',
  ],
  [
    'a metric that nobody would miss',
    { ...connections, used: [{ metric: 'pg_locks_count' }] },
    {},
    'spec.performance.advisors.connections: pg_locks_count is none of spec.monitoring.exporter.metrics, so that nobody would notice when it is gone.',
  ],
  [
    'a selector of Steward’s own',
    { ...connections, used: [{ metric: 'pg_stat_activity_count', where: [{ label: 'namespace', value: 'x' }] }] },
    {},
    "spec.performance.advisors.connections: label namespace is Steward's, which sets it itself.",
  ],
  [
    'Basic alone, which has no performance (AP-5)',
    { name: 'cpu', resource: 'CPU', atPercent: 80, proposal: 'More.' },
    { levels: ['Basic'] },
    'spec.performance: the Product is offered at no level that includes performance (AP-5).',
  ],
])('a Product with %s is told so (AP-12)', (_, advisor, more, fault) => {
  expect(faultsOf(advisor, more)).toEqual([fault]);
});
