import { describe, expect, test } from 'vitest';
import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import { applicationAlerts } from './alerts.ts';
import { minuteRules, monthRules } from './recorded.ts';
import { BLACKBOX, MEASURED, watched } from './watched.fixtures.ts';

const alertsAt = (level: ApplicationLevel) => [...new Set(applicationAlerts(watched(level)).map(({ alert }) => alert))];
const FUNCTION = ['ManagedApplicationProbeFailed', 'ManagedApplicationProbesSilent', 'ManagedApplicationClosed'];
const PERFORMANCE = [
  ...['ManagedApplicationExporterDown', 'ManagedApplicationMetricMissing'],
  ...['ManagedApplicationSlow', 'ManagedApplicationIndicator'],
];

describe('what is told of an application is what its level includes', () => {
  test.each<[ApplicationLevel, readonly string[]]>([
    ['Basic', [...FUNCTION, 'ManagedApplicationBudgetSpent']],
    ['Advanced', [...FUNCTION, 'ManagedApplicationBudgetSpent', ...PERFORMANCE]],
    ['Expert', [...FUNCTION, 'ManagedApplicationBudgetSpent', 'ManagedApplicationBudgetBurning', ...PERFORMANCE]],
  ])('%s (AP-4, AP-5, AP-11)', (level, alerts) => {
    expect(alertsAt(level)).toEqual(alerts);
  });

  test('Basic reads nothing of the performance, whatever the Product has (AP-5)', () => {
    const told = [
      ...minuteRules(watched('Basic')),
      ...monthRules(watched('Basic')),
      ...applicationAlerts(watched('Basic')),
    ];
    for (const { expr } of told) expect(expr).not.toContain('pg_');
  });

  test('a Product without objectives and exporter has the alerts of its probes alone (AP-11)', () => {
    expect(applicationAlerts(watched('Expert', {})).map(({ alert }) => alert)).toEqual(FUNCTION);
  });
});

describe('a fault of the network is told where somebody asks from outside of the guest (AP-11)', () => {
  const OUTSIDE = ['ManagedApplicationUnreachable', 'ManagedApplicationOutsideSilent'];
  const told = (...how: Parameters<typeof watched>) => applicationAlerts(watched(...how)).map(({ alert }) => alert);

  test.each(['Basic', 'Advanced', 'Expert'] as const)('at %s', level => {
    expect(told(level, MEASURED.monitoring, BLACKBOX)).toEqual(expect.arrayContaining(OUTSIDE));
  });

  test('and not where the provider has no blackbox exporter, or the Product does not say how', () => {
    const { outside: _, ...silent } = MEASURED.monitoring;
    for (const alerts of [told('Expert'), told('Expert', silent, BLACKBOX)])
      expect(alerts.filter(alert => OUTSIDE.includes(alert))).toEqual([]);
  });
});

test('every selector names namespace, VM and application: no Product reads the series of another (AP-5)', () => {
  const all = watched('Expert', MEASURED.monitoring, BLACKBOX);
  const exprs = [...minuteRules(all), ...monthRules(all), ...applicationAlerts(all)];
  const selectors = exprs.flatMap(({ expr }) => expr.match(/\{[^}]*\}/g) ?? []);
  expect(selectors.length).toBeGreaterThan(30);
  const own = '{namespace="acme",managed_vm="shop-db",application="shop-orders"';
  expect(selectors.filter(selector => !selector.startsWith(own))).toEqual([]);
});

test('an indicator says what it looks at, its limit and what it means (AP-5)', () => {
  const [connections, rollbacks] = applicationAlerts(watched()).filter(
    ({ alert }) => alert === 'ManagedApplicationIndicator',
  );
  const own = 'namespace="acme",managed_vm="shop-db",application="shop-orders"';
  expect(connections?.expr).toBe(
    `(sum(pg_stat_activity_count{${own}})) / (max(pg_settings_max_connections{${own}})) > 0.8`,
  );
  expect(rollbacks).toMatchObject({
    expr: `(sum(rate(pg_rolled_back{${own},datname="app"}[300s]))) > 1`,
    ...{ for: '600s', severity: 'critical', labels: { indicator: 'rollbacks' } },
  });
  expect(connections?.description).toMatch(
    /^Indicator connections of ManagedApplication acme\/shop-orders is .* above 0\.8, for 600 seconds\. Soon nobody can connect\.$/,
  );
});
