/** AP-12: what is recorded of what may become scarce, and the question about it, evaluated by Prometheus' own tool. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ADVISED, adviceRules } from '../../../src/domain/application/advicerules.ts';
import { application, product } from '../../../src/domain/application/product.fixtures.ts';
import { MEASURED } from '../../../src/domain/application/watched.fixtures.ts';
import { watchedOf } from '../../../src/domain/application/watched.ts';
import { ADVICE_QUERY } from '../../../src/domain/policies/advicewatch.ts';
import { renderApplicationRules } from '../../../src/domain/policies/applicationrules.ts';
import { Promtool } from './promtool.ts';

const performance = {
  advisors: [
    { name: 'cpu', resource: 'CPU', atPercent: 85, proposal: 'More.' },
    { name: 'memory', resource: 'Memory', atPercent: 90, proposal: 'More.' },
    {
      ...{ name: 'disk', resource: 'Disk', path: '/var/lib/postgresql', atPercent: 90, windowHours: 1, forMinutes: 5 },
      ...{ growth: { exhaustedWithinDays: 30 }, proposal: 'More.' },
    },
    {
      ...{ name: 'connections', resource: 'Parameter', parameter: 'max_connections', atPercent: 80 },
      used: [{ metric: 'pg_stat_activity_count' }],
      ...{ capacity: [{ metric: 'pg_settings_max_connections', series: 'Greatest' }], proposal: 'More.' },
    },
  ],
};
const watched = watchedOf(application(), product({ ...MEASURED, performance }).spec);

const guest = 'namespace="acme",managed_vm="shop-db",instance="10.0.0.7:9100"';
const own = 'namespace="acme",managed_vm="shop-db",application="shop-orders"';
const fileSystem = (metric: string, mountpoint: string) =>
  `node_filesystem_${metric}_bytes{${guest},device="/dev/vd${mountpoint.length}",mountpoint="${mountpoint}"}`;
const advised = (name: string, advisor: string) => `${name}{${own},advisor="${advisor}"}`;

let promtool: Promtool;
beforeAll(async () => {
  promtool = await Promtool.start();
});
afterAll(() => promtool.stop());

type World = Readonly<Record<string, string>>;
type Asked = { readonly expr: string; readonly exp_samples: readonly { labels: string; value: number }[] };
type Situation = { readonly world: World; readonly at: string; readonly asked: readonly Asked[] };

/** What promtool finds different, in worlds with a sample every three minutes, or SUCCESS. */
async function evaluated(situations: readonly Situation[], rule_files: readonly string[] = []): Promise<string> {
  const tests = situations.map(({ world, at, asked }) => ({
    interval: '3m',
    input_series: Object.entries(world).map(([series, values]) => ({ series, values })),
    promql_expr_test: asked.map(each => ({ ...each, eval_time: at })),
  }));
  const evaluation_interval = rule_files.length > 0 ? '3m' : situations[0]?.at;
  const test = { rule_files, evaluation_interval, tests };
  const { code, output } = await promtool.run('test', 'rules', await promtool.file('advice', test));
  return code === 0 ? 'SUCCESS' : output;
}

it('is the part in use of the guest and of the application alone (AP-12)', async () => {
  const world: World = {
    [`node_cpu_seconds_total{${guest},cpu="0",mode="idle"}`]: '0+18x20',
    [`node_cpu_seconds_total{${guest},cpu="0",mode="user"}`]: '0+162x20',
    [`node_memory_MemAvailable_bytes{${guest}}`]: '1e9x20',
    [`node_memory_MemTotal_bytes{${guest}}`]: '4e9x20',
    [fileSystem('size', '/')]: '1e10x20',
    [fileSystem('avail', '/')]: '8e9x20',
    [fileSystem('size', '/var/lib/postgresql')]: '2e10x20',
    [fileSystem('avail', '/var/lib/postgresql')]: '3e9x20',
    // What is mounted elsewhere, what another VM says, and what an application says under the name of its guest.
    [fileSystem('size', '/mnt')]: '1e10x20',
    [fileSystem('avail', '/mnt')]: '0x20',
    'node_memory_MemTotal_bytes{namespace="acme",managed_vm="other"}': '9e9x20',
    [`node_memory_MemTotal_bytes{${own}}`]: '9e9x20',
    [`pg_stat_activity_count{${own},state="active"}`]: '30x20',
    [`pg_stat_activity_count{${own},state="idle"}`]: '10x20',
    [`pg_settings_max_connections{${own}}`]: '100x20',
  };
  const shares = { cpu: 0.9, memory: 0.75, disk: 0.85, connections: 0.4 };
  const all = Object.entries(shares).map(([advisor, value]) => ({ labels: `{${own},advisor="${advisor}"}`, value }));
  const rules = renderApplicationRules(watched, { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' });
  const [used] = adviceRules(watched);
  const files = [await promtool.ruleFile({ ...rules, spec: { groups: [used] } })];
  const size = [{ labels: advised(ADVISED.capacity, 'disk'), value: 2e10 }];
  const asked = [
    { expr: `round(${ADVISED.used}, 0.001)`, exp_samples: all },
    { expr: ADVISED.capacity, exp_samples: size },
  ];
  expect(await evaluated([{ world, at: '30m', asked }], files)).toBe('SUCCESS');
});

/** Samples of five days, of which the last hour has another value. */
const anHour = (usual: number, last: number) => `${usual}x2379 ${last}x20`;
const STEPS_A_DAY = 480;
const windowsOf = (record: string, advisor: string) =>
  adviceRules(watched)
    .flatMap(({ rules }) => rules)
    .find(rule => rule.record === record && rule.labels.advisor === advisor)?.expr ?? '';

const WINDOWS: readonly (readonly [record: string, advisor: string, used: string, value: number | undefined])[] = [
  // An hour of a day counts, and half of one does not; of a disk some minutes do.
  [ADVISED.lasting, 'cpu', anHour(0.1, 0.95), 0.95],
  [ADVISED.lasting, 'cpu', '0.1x2389 0.95x10', 0.1],
  [ADVISED.lasting, 'disk', '0.1x2397 0.95x2', 0.95],
  // By a tenth a day it is used up ten days after it began. What was read for three days, or shrinks, does not grow.
  [ADVISED.exhaustedAt, 'disk', `0+${0.1 / STEPS_A_DAY}x2400`, 10],
  [ADVISED.exhaustedAt, 'disk', `_x960 0+${0.1 / STEPS_A_DAY}x1440`, undefined],
  [ADVISED.exhaustedAt, 'disk', `0.9-0.0001x2400`, undefined],
  // An hour with much more work than its week is unusual, and so is one with much less.
  [ADVISED.unusual, 'cpu', anHour(0.2, 0.9), 0.9],
  [ADVISED.unusual, 'cpu', anHour(0.6, 0.1), 0.1],
  [ADVISED.unusual, 'cpu', anHour(0.2, 0.35), undefined],
];

it('is reckoned over hours and days (AP-12)', async () => {
  const situations = WINDOWS.map(([record, advisor, used, value]) => {
    const expr =
      record === ADVISED.exhaustedAt ? `(${windowsOf(record, advisor)}) / 86400` : windowsOf(record, advisor);
    const exp_samples = value === undefined ? [] : [{ labels: `{${own},advisor="${advisor}"}`, value }];
    return {
      ...{ world: { [advised(ADVISED.used, advisor)]: used }, at: '120h' },
      asked: [{ expr: `round(${expr}, 0.01)`, exp_samples }],
    };
  });
  expect(await evaluated(situations)).toBe('SUCCESS');
});

it('is asked for by one question about all applications, with the indicators that are told (AP-12)', async () => {
  const firing = { alertname: 'ManagedApplicationIndicator', alertstate: 'firing', indicator: 'deadlocks' };
  const labels = Object.entries(firing).map(([name, value]) => `${name}="${value}"`);
  const world: World = {
    [advised(ADVISED.used, 'disk')]: '0.2x6 0.7 0.3x3',
    // Recorded every quarter of an hour.
    [advised(ADVISED.lasting, 'disk')]: '0.5 _x4 0.6 _x4',
    [advised(ADVISED.exhaustedAt, 'disk')]: '1e9x10',
    [advised(ADVISED.capacity, 'disk')]: '2e10x10',
    [advised(ADVISED.unusual, 'disk')]: '0.9x10',
    [advised(ADVISED.usual, 'disk')]: '0.4x10',
    [`ALERTS{${own},${labels.join(',')}}`]: '1x10',
    [`ALERTS{${own},${labels.join(',').replace('firing', 'pending').replace('deadlocks', 'cache')}}`]: '1x10',
  };
  const of = (what: string, value: number) => ({ labels: `{of="${what}",${own},advisor="disk"}`, value });
  const told = [of('peak', 0.7), of('lasting', 0.6), of('exhausted', 1e9), of('capacity', 2e10), of('unusual', 0.9)];
  const firingNow = { labels: `{of="firing",${own},indicator="deadlocks"}`, value: 1 };
  const exp_samples = [...told, of('usual', 0.4), firingNow];
  expect(await evaluated([{ world, at: '27m', asked: [{ expr: ADVICE_QUERY, exp_samples }] }])).toBe('SUCCESS');
});
