import { expect, test } from 'vitest';
import { product } from '../product.fixtures.ts';
import { faultsOf } from '../productcheck.ts';
import { MEASURED } from '../watched.fixtures.ts';

const { exporter, indicators } = MEASURED.monitoring;
const check = (monitoring: object, spec: object = {}) => faultsOf(product({ ...MEASURED, monitoring, ...spec }));
const looksAt = (term: object) => ({
  exporter,
  indicators: [{ ...indicators[0], dividedBy: undefined, value: [term] }],
});

test('a Product whose monitoring is in order has no fault (AP-5)', () => {
  expect(check(MEASURED.monitoring)).toEqual([]);
});

test.each<[string, readonly string[], string]>([
  [
    'an objective of a level that is not offered',
    check(MEASURED.monitoring, { levels: ['Basic', 'Expert'] }),
    'spec.monitoring.objectives.Advanced: the Product is not offered at Advanced.',
  ],
  [
    'a port that nothing opens',
    check({ exporter: { ...exporter, port: 9188 } }),
    'spec.monitoring.exporter.port: no step of type firewallPort opens port 9188, so that nobody could read it.',
  ],
  [
    'the port of the interface',
    check({ exporter }, { interface: { port: 9187, type: 'x' } }),
    'spec.monitoring.exporter.port: port 9187 is that of the interface.',
  ],
  [
    'metrics under the names of others',
    check({ exporter: { ...exporter, prefixes: ['pg_', 'steward_condition_'] } }),
    "spec.monitoring.exporter.prefixes: metrics that begin with steward_condition_ are not a product's.",
  ],
  [
    'metrics under the names of who asks from outside',
    check({ exporter: { ...exporter, prefixes: ['pg_', 'probe_'] } }),
    "spec.monitoring.exporter.prefixes: metrics that begin with probe_ are not a product's.",
  ],
  [
    'something to reach where there is nothing',
    check({ outside: { protocol: 'TCP' } }, { interface: undefined }),
    'spec.monitoring.outside: the Product has no interface, so there is nothing to reach.',
  ],
  [
    'a metric that is never taken',
    check({ exporter: { ...exporter, metrics: ['up'] } }),
    'spec.monitoring.exporter.metrics: up begins with none of the prefixes, so that it is never taken.',
  ],
  [
    'an indicator that nobody would miss',
    check(looksAt({ metric: 'pg_locks_count' })),
    'spec.monitoring.indicators.connections: pg_locks_count is none of spec.monitoring.exporter.metrics, so that nobody would notice when it is gone.',
  ],
  [
    'an indicator of another VM',
    check(looksAt({ metric: 'pg_stat_activity_count', where: [{ label: 'managed_vm', value: 'other' }] })),
    "spec.monitoring.indicators.connections: label managed_vm is Steward's, which sets it itself.",
  ],
])('%s names field and rule (AP-5)', (_, faults, fault) => {
  expect(faults).toEqual([fault]);
});
