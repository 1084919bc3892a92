/** AP-5, AP-11: the rules of a managed application, evaluated by Prometheus' own tool. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queriesOf } from '../../../hack/generate/dashboardqueries.ts';
import { generateDashboards } from '../../../hack/generate/dashboards.ts';
import {
  type PrometheusAdmission,
  startPrometheusAdmission,
} from '../../../hack/testbed/upstream/prometheusadmission.ts';
import type { ApplicationLevel } from '../../../src/api/applicationlevel.ts';
import { CLOSED_METRIC, PROBE_METRICS } from '../../../src/domain/application/probemetrics.ts';
import { BLACKBOX, MEASURED, watched } from '../../../src/domain/application/watched.fixtures.ts';
import type { Child } from '../../../src/domain/contract/child.ts';
import { renderApplicationRules } from '../../../src/domain/policies/applicationrules.ts';
import { APPLICATIONS_QUERY } from '../../../src/domain/policies/applicationwatch.ts';
import { Promtool } from './promtool.ts';

const settings = { monitoringLabels: { release: 'prometheus' }, runbookBaseURL: 'https://runbooks.example/' };
const rulesAt = (level: ApplicationLevel) =>
  renderApplicationRules(watched(level, MEASURED.monitoring, BLACKBOX), settings);

/** Minutes that every series lasts. */
const SPAN = 600;
const constant = (value: number): string => `${value}x${SPAN}`;
const ticking = `0+60x${SPAN}`;
const own = 'namespace="acme",managed_vm="shop-db",application="shop-orders"';
const guest = 'instance="10.0.0.7:9100",os_family="Linux"';
const exporter = `${own},instance="10.0.0.7:9187"`;
const probe = (metric: string, name: string) => `${metric}{${own},${guest},probe="${name}"}`;
const success = (name: string) => probe(PROBE_METRICS.success, name);
const duration = (name: string) => probe(PROBE_METRICS.duration, name);
const readAt = (name: string) => probe(PROBE_METRICS.readAt, name);
const up = `up{${exporter}}`;
const collectors = `pg_scrape_collector_success{${exporter},collector="stat_database"}`;
const connections = `pg_stat_activity_count{${exporter},datname="app",state="active"}`;
const rolledBack = `pg_rolled_back{${exporter},datname="app"}`;
const closed = `${CLOSED_METRIC}{${own},${guest}}`;

const outside = `probe_success{${own},job="probe/acme/shop-orders-outside"}`;

type World = Readonly<Record<string, string | undefined>>;

/** An application that works, as Prometheus sees it, one sample a minute. */
const healthy: World = {
  ...Object.fromEntries(
    ['transaction', 'listens'].flatMap(name => [
      [success(name), constant(1)],
      [duration(name), constant(0.02)],
      [readAt(name), ticking],
    ]),
  ),
  [up]: constant(1),
  [`pg_up{${exporter}}`]: constant(1),
  [collectors]: constant(1),
  [connections]: constant(10),
  [`pg_settings_max_connections{${exporter}}`]: constant(100),
  [rolledBack]: constant(5),
  [outside]: constant(1),
};

type Situation = [
  name: string,
  alert: string,
  world: World,
  minute: number,
  /** Labels that each firing alert adds to those of all; none: it is silent. */
  fires: readonly Readonly<Record<string, string>>[],
  level?: ApplicationLevel,
];

/** `down` minutes of an hour, from the tenth on. */
const failing = (down: number, then = SPAN): string => `1x9 0x${down - 1} 1x${then}`;
const transaction = { probe: 'transaction' };

const situations: readonly Situation[] = [
  [
    'a transaction that fails',
    'ManagedApplicationProbeFailed',
    { [success('transaction')]: constant(0) },
    5,
    [transaction],
  ],
  [
    'one at Basic',
    'ManagedApplicationProbeFailed',
    { [success('transaction')]: constant(0) },
    5,
    [transaction],
    'Basic',
  ],
  [
    'a transaction that fails for less',
    'ManagedApplicationProbeFailed',
    { [success('transaction')]: constant(0) },
    4,
    [],
  ],
  [
    'a probe that the Product does not have',
    'ManagedApplicationProbeFailed',
    { [success('made-up')]: constant(0) },
    60,
    [],
  ],
  [
    'the same application on another VM',
    'ManagedApplicationProbeFailed',
    { [success('transaction').replace('shop-db', 'other')]: constant(0) },
    60,
    [],
  ],
  ['readings that stand still', 'ManagedApplicationProbesSilent', { [readAt('transaction')]: constant(0) }, 17, [{}]],
  [
    'readings that stand still for less',
    'ManagedApplicationProbesSilent',
    { [readAt('transaction')]: constant(0) },
    15,
    [],
  ],
  ['one probe that is gone', 'ManagedApplicationProbesSilent', { [readAt('listens')]: undefined }, 11, [{}]],
  [
    'a guest that says nothing at all',
    'ManagedApplicationProbesSilent',
    { [readAt('listens')]: undefined, [readAt('transaction')]: undefined },
    11,
    [{}],
  ],
  ['an interface that is closed', 'ManagedApplicationClosed', { [closed]: constant(60) }, 5, [{}]],
  ['one that was opened in time', 'ManagedApplicationClosed', { [closed]: `60x4 0x${SPAN}` }, 10, []],
  [
    '44 minutes of failure in a month',
    'ManagedApplicationBudgetSpent',
    { [success('listens')]: failing(46) },
    90,
    [{}],
  ],
  ['40 minutes of failure in a month', 'ManagedApplicationBudgetSpent', { [success('listens')]: failing(40) }, 90, []],
  [
    '44 minutes where 99.5 % are promised',
    'ManagedApplicationBudgetSpent',
    { [success('listens')]: failing(46) },
    90,
    [],
    'Advanced',
  ],
  ['an hour in which it is closed', 'ManagedApplicationBudgetSpent', { [closed]: constant(60) }, 90, [{}]],
  ['an hour without readings', 'ManagedApplicationBudgetSpent', { [readAt('listens')]: undefined }, 90, [{}]],
  ['failures that go on', 'ManagedApplicationBudgetBurning', { [success('listens')]: failing(20) }, 13, [{}]],
  ['failures that are over', 'ManagedApplicationBudgetBurning', { [success('listens')]: failing(3) }, 60, []],
  ['a network that lets nobody in', 'ManagedApplicationUnreachable', { [outside]: constant(0) }, 7, [{}]],
  [
    'one that let somebody in meanwhile',
    'ManagedApplicationUnreachable',
    { [outside]: `0x4 1x0 0x2 1x${SPAN}` },
    8,
    [],
  ],
  [
    'a server that is at fault itself, which has an alert of its own',
    'ManagedApplicationUnreachable',
    { [outside]: constant(0), [success('transaction')]: constant(0) },
    60,
    [],
  ],
  [
    'an interface that is closed for work',
    'ManagedApplicationUnreachable',
    { [outside]: constant(0), [closed]: constant(60) },
    60,
    [],
  ],
  [
    'the same application on another VM, which nobody reaches',
    'ManagedApplicationUnreachable',
    { [outside.replace('shop-db', 'other')]: constant(0) },
    60,
    [],
  ],
  ['nobody who asks from outside', 'ManagedApplicationOutsideSilent', { [outside]: undefined }, 15, [{}]],
  ['somebody who asks and gets no answer', 'ManagedApplicationOutsideSilent', { [outside]: constant(0) }, 60, []],
  ['an exporter that does not answer', 'ManagedApplicationExporterDown', { [up]: constant(0) }, 15, [{}]],
  ['an exporter that is no target', 'ManagedApplicationExporterDown', { [up]: undefined }, 15, [{}]],
  ['an exporter that was away for a moment', 'ManagedApplicationExporterDown', { [up]: `0x10 1x${SPAN}` }, 20, []],
  [
    'research 4.0: pg_up is 1 and all collectors are gone',
    'ManagedApplicationMetricMissing',
    { [collectors]: undefined },
    15,
    [{ metric: 'pg_scrape_collector_success' }],
  ],
  [
    'an exporter that is down, which has an alert of its own',
    'ManagedApplicationMetricMissing',
    { [collectors]: undefined, [up]: constant(0) },
    60,
    [],
  ],
  ['a slow transaction', 'ManagedApplicationSlow', { [duration('transaction')]: constant(0.6) }, 16, [transaction]],
  ['one at exactly what is promised', 'ManagedApplicationSlow', { [duration('transaction')]: constant(0.5) }, 60, []],
  ['a slow one in 20', 'ManagedApplicationSlow', { [duration('transaction')]: `0.02x9 0.6x0 0.02x${SPAN}` }, 60, []],
  [
    'a slow one that failed, which has an alert of its own',
    'ManagedApplicationSlow',
    { [duration('transaction')]: constant(5), [success('transaction')]: constant(0) },
    60,
    [],
  ],
  [
    'sessions above 80 %',
    'ManagedApplicationIndicator',
    { [connections]: constant(81) },
    10,
    [{ indicator: 'connections' }],
  ],
  ['sessions at exactly 80 %', 'ManagedApplicationIndicator', { [connections]: constant(80) }, 60, []],
  [
    'more than one rollback a second',
    'ManagedApplicationIndicator',
    { [rolledBack]: `0+61x${SPAN}` },
    20,
    [{ indicator: 'rollbacks', severity: 'critical' }],
  ],
  ['one rollback a second', 'ManagedApplicationIndicator', { [rolledBack]: `0+60x${SPAN}` }, 20, []],
];

let promtool: Promtool;
beforeAll(async () => {
  promtool = await Promtool.start();
});
afterAll(() => promtool.stop());

it('AP-5: every query of the dashboards that the chart brings is one of Prometheus', async () => {
  const queries = [...generateDashboards().values()].flatMap(queriesOf);
  const rules = queries.map((expr, index) => ({ record: `dashboard:query_${index}`, expr }));
  const file = await promtool.file('rules', { groups: [{ name: 'dashboards', rules }] });
  const { code, output } = await promtool.run('check', 'rules', file);
  expect(output).toContain(`SUCCESS: ${queries.length} rules found`);
  expect(code).toBe(0);
});

describe('the rules of an application', () => {
  it.each(['Basic', 'Advanced', 'Expert'] as const)('at %s are taken by Prometheus and its operator', async level => {
    const { code, output } = await promtool.run('check', 'rules', await promtool.ruleFile(rulesAt(level)));
    expect(output).toMatch(/SUCCESS: \d+ rules found/);
    expect(code).toBe(0);
  });

  it('are taken by the admission webhook of prometheus-operator', async () => {
    let webhook: PrometheusAdmission | undefined;
    try {
      webhook = await startPrometheusAdmission(console.log);
      expect(await webhook.refusal(rulesAt('Expert'))).toBe('');
    } finally {
      await webhook?.stop();
    }
  });

  it('raise nothing while it works', async () => {
    const test = { expr: 'ALERTS', eval_time: '60m', exp_samples: [] };
    expect(await evaluated(rulesAt('Expert'), {}, '1m', test)).toBe('SUCCESS');
  });

  it.each(situations)('%s: %s', async (_, alert, world, minute, fires, level = 'Expert') => {
    const rules = rulesAt(level);
    const severity = alertsOf(rules).find(rule => rule.alert === alert)?.labels.severity ?? '';
    const labels = { alertname: alert, alertstate: 'firing', ...identity, service_level: level, severity };
    const exp_samples = fires.map(more => ({ labels: `ALERTS${written({ ...labels, ...more })}`, value: 1 }));
    const test = { expr: `ALERTS{alertname="${alert}",alertstate="firing"}`, eval_time: `${minute}m`, exp_samples };
    expect(await evaluated(rules, world, '1m', test)).toBe('SUCCESS');
  });

  it('are all tried, firing and silent', () => {
    const told = (those: readonly Situation[]) => [...new Set(those.map(([, alert]) => alert))].sort();
    const all = [...new Set(alertsOf(rulesAt('Expert')).map(({ alert }) => alert))].sort();
    expect(told(situations.filter(([, , , , fires]) => fires.length > 0))).toEqual(all);
    expect(told(situations.filter(([, , , , fires]) => fires.length === 0))).toEqual(all);
  });
});

describe('the question about all applications (AP-11)', () => {
  const sample = (of: string, value: number, more: object = {}) => ({
    labels: written({ of, ...identity, ...more }),
    value,
  });
  const metrics = [
    'pg_scrape_collector_success',
    'pg_stat_activity_count',
    'pg_settings_max_connections',
    'pg_rolled_back',
  ];

  it('tells what Prometheus has of each, and what the month so far comes to', async () => {
    const world = { [success('listens')]: failing(3), [duration('transaction')]: `0.02x9 0.06x${SPAN}` };
    const test = {
      ...{ expr: APPLICATIONS_QUERY, eval_time: '60m' },
      exp_samples: [
        ...[sample('rules', 1), sample('probes', 1), sample('target', 1), sample('outside', 1)],
        ...metrics.map(metric => sample('metric', 1, { metric })),
        ...[sample('measured', 61, { month: '1' }), sample('working', 58, { month: '1' })],
        sample('response', 0.06, { month: '1', probe: 'transaction' }),
        sample('response', 0.02, { month: '1', probe: 'listens' }),
      ],
    };
    expect(await evaluated(rulesAt('Expert'), world, '1m', test)).toBe('SUCCESS');
  });

  it('begins anew with a month (UTC)', async () => {
    // In steps of an hour: promtool takes no more than 10 000 samples into one query.
    const steps = 31 * 24;
    const world = Object.fromEntries(
      Object.entries(healthy).map(([name, values = '']) => [
        name,
        values.replace('+60x', '+3600x').replace(/x\d+$/, `x${steps + 10}`),
      ]),
    );
    const expr = 'managedapplication:measured_minutes:month';
    const of = (month: string, value: number) => [{ labels: `${expr}${written({ ...identity, month })}`, value }];
    const last = { expr, eval_time: `${steps - 1}h`, exp_samples: of('1', steps) };
    const next = { expr, eval_time: `${steps + 5}h`, exp_samples: of('2', 6) };
    const groups = groupsOf(rulesAt('Basic')).filter(({ name }) => name !== 'managedapplication-alerts');
    expect(await evaluated({ ...rulesAt('Basic'), spec: { groups } }, world, '1h', last, next)).toBe('SUCCESS');
  });
});

const identity = { namespace: 'acme', managed_vm: 'shop-db', application: 'shop-orders' };

type Rule = { readonly alert?: string; readonly labels: Readonly<Record<string, string>> };
type Groups = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };

function groupsOf(rules: Child): Groups['groups'] {
  return (rules.spec as Groups).groups;
}

function alertsOf(rules: Child): readonly Rule[] {
  return groupsOf(rules).flatMap(group => group.rules.filter(({ alert }) => alert !== undefined));
}

function written(labels: object): string {
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}}`;
}

/** What promtool says: SUCCESS, or the difference between wanted and found. In one group, because it evaluates several in an order of its own. */
async function evaluated(
  rules: Child,
  world: World,
  interval: string,
  ...promql_expr_test: readonly object[]
): Promise<string> {
  const input_series = Object.entries({ ...healthy, ...world }).flatMap(([series, values]) =>
    values === undefined ? [] : [{ series, values }],
  );
  const groups = [{ name: 'all', rules: groupsOf(rules).flatMap(group => group.rules) }];
  const test = {
    ...{ rule_files: [await promtool.ruleFile({ ...rules, spec: { groups } })], evaluation_interval: interval },
    tests: [{ interval, input_series, promql_expr_test }],
  };
  const { code, output } = await promtool.run('test', 'rules', await promtool.file('test', test));
  return code === 0 ? 'SUCCESS' : output;
}
