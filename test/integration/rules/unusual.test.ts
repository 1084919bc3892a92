/**
 * MO-13: guests are rated against their own past weeks by the rules of their namespace, evaluated by Prometheus' own tool each hour. Two months of a
 * generated year, with Easter and the change to summer time in them; STEWARD_RATED_YEAR=1 takes the whole year.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Child } from '../../../src/domain/contract/child.ts';
import { renderDefaultRules } from '../../../src/domain/monitoring/prometheusrules.ts';
import { RATED, RATING_GROUP } from '../../../src/domain/monitoring/unusual.ts';
import { Promtool } from './promtool.ts';
import { GUESTS, type Guest, HOUR, HOURS, SENSORS, type Sensor, YEAR_BEGINS, yearOf } from './year.ts';

const rendered = renderDefaultRules('acme', { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' });
type Rule = { readonly alert?: string };
type Groups = { readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[] };

/** The rating and its alert: the other rules of the namespace would only take time. */
const rating: Child = {
  ...rendered,
  spec: {
    groups: (rendered.spec as Groups).groups
      .map(group => ({
        ...group,
        rules: group.rules.filter(({ alert }) => group.name === RATING_GROUP || alert === 'ManagedVMUnusual'),
      }))
      .filter(({ rules }) => rules.length > 0),
  },
};

let promtool: Promtool;
let rules: string;
beforeAll(async () => {
  promtool = await Promtool.start();
  rules = await promtool.ruleFile(rating);
});
afterAll(() => promtool.stop());

async function evaluated(interval: string, input: Readonly<Record<string, string>>, tests: object): Promise<string> {
  const input_series = Object.entries(input).map(([series, values]) => ({ series, values }));
  const test = {
    ...{ rule_files: [rules], evaluation_interval: interval },
    // Else the order is nobody's, and an alert is an hour late.
    group_eval_order: [RATING_GROUP, 'managedvm-sensors'],
    tests: [{ interval, input_series, ...tests }],
  };
  const { code, output } = await promtool.run('test', 'rules', await promtool.file('rating', test));
  return code === 0 ? 'SUCCESS' : output;
}

describe('MO-13: what is rated', () => {
  const vm = (name: string) => `namespace="acme",managed_vm="${name}",instance="10.0.0.7:9100"`;
  /** A counter that grows by so much a second, read every five minutes. */
  const counter = (perSecond: number) => `0+${perSecond * 300}x24`;
  const linux = vm('linux');
  const windows = vm('windows');
  const world = {
    [`node_cpu_seconds_total{${linux},cpu="0",mode="idle"}`]: counter(0.5),
    [`node_cpu_seconds_total{${linux},cpu="1",mode="idle"}`]: counter(0.9),
    [`node_memory_MemTotal_bytes{${linux}}`]: '1000x24',
    [`node_memory_MemAvailable_bytes{${linux}}`]: '400x24',
    [`node_disk_read_bytes_total{${linux},device="vda"}`]: counter(1000),
    [`node_disk_written_bytes_total{${linux},device="vda"}`]: counter(2000),
    [`node_disk_read_bytes_total{${linux},device="dm-0"}`]: counter(1000),
    [`node_disk_written_bytes_total{${linux},device="dm-0"}`]: counter(2000),
    [`node_network_receive_bytes_total{${linux},device="eth0"}`]: counter(500),
    [`node_network_transmit_bytes_total{${linux},device="eth0"}`]: counter(200),
    [`node_network_receive_bytes_total{${linux},device="lo"}`]: counter(9000),
    [`node_network_transmit_bytes_total{${linux},device="lo"}`]: counter(9000),
    [`windows_cpu_time_total{${windows},core="0,0",mode="idle"}`]: counter(0.75),
    [`windows_memory_physical_total_bytes{${windows}}`]: '1000x24',
    [`windows_memory_physical_free_bytes{${windows}}`]: '100x24',
    [`windows_logical_disk_read_bytes_total{${windows},volume="C:"}`]: counter(10),
    [`windows_logical_disk_write_bytes_total{${windows},volume="C:"}`]: counter(20),
    [`windows_net_bytes_received_total{${windows},nic="Red Hat VirtIO"}`]: counter(5),
    [`windows_net_bytes_sent_total{${windows},nic="Red Hat VirtIO"}`]: counter(6),
    // Of another namespace, and what has an exporter of its own.
    'node_memory_MemTotal_bytes{namespace="globex",managed_vm="linux"}': '1000x24',
    'node_memory_MemAvailable_bytes{namespace="globex",managed_vm="linux"}': '10x24',
  };

  it('is what Linux and Windows do with CPU, memory, disks and network', async () => {
    const mean = (name: string, sensor: keyof typeof SENSORS, value: number) => ({
      labels: `{managed_vm="${name}",namespace="acme",sensor="${sensor}",unit="${SENSORS[sensor]}"}`,
      value,
    });
    const exp_samples = [
      ...[mean('linux', 'CPU', 30), mean('linux', 'memory', 60), mean('linux', 'disk', 3000)],
      ...[mean('linux', 'traffic', 700), mean('windows', 'CPU', 25), mean('windows', 'memory', 90)],
      ...[mean('windows', 'disk', 30), mean('windows', 'traffic', 11)],
    ];
    const asked = [{ expr: `round(${RATED.mean}, 0.01)`, eval_time: '2h', exp_samples }];
    expect(await evaluated('5m', world, { promql_expr_test: asked })).toBe('SUCCESS');
  });
});

const WHOLE = process.env.STEWARD_RATED_YEAR === '1';
const FROM = WHOLE ? 0 : hourOf('2025-03-10T00:00:00Z');
const UNTIL = WHOLE ? HOURS : hourOf('2025-04-28T00:00:00Z');

function hourOf(instant: string): number {
  return (Date.parse(instant) - YEAR_BEGINS) / HOUR;
}

type Fault = {
  readonly like: string;
  readonly sensor: Sensor;
  readonly begins: string;
  readonly hours: number;
  readonly becomes: (usual: number) => number;
};

const FAULTS = {
  /** A stranger's program reckons on Saturday at night, and stays below each threshold. */
  miner: { like: 'office', sensor: 'CPU', begins: '2025-04-12T03:00:00Z', hours: 12, becomes: () => 55 },
  /** Data leave at night. */
  leak: { like: 'office', sensor: 'traffic', begins: '2025-04-10T01:00:00Z', hours: 5, becomes: () => 30e6 },
  /** Nobody reaches the shop. */
  unreached: { like: 'shop', sensor: 'traffic', begins: '2025-04-10T13:00:00Z', hours: 8, becomes: () => 1e4 },
  /** A program that gives no memory back. */
  hungry: { like: 'steady', sensor: 'memory', begins: '2025-04-10T13:00:00Z', hours: 40, becomes: usual => usual + 35 },
  /** More to do from now on. */
  grown: { like: 'idle', sensor: 'CPU', begins: '2025-04-10T13:00:00Z', hours: 9999, becomes: () => 45 },
} as const satisfies Readonly<Record<string, Fault>>;

/** What is usual with what went wrong, of the sensor that shows it. */
function faulty({ like, sensor, begins, hours, becomes }: Fault): Guest {
  const [first, last] = [hourOf(begins), hourOf(begins) + hours];
  const usual = yearOf(like)[sensor] ?? [];
  return { [sensor]: usual.map((value, hour) => (hour >= first && hour < last ? becomes(value) : value)) };
}

const info = (name: string) =>
  `steward_managedvm_info{namespace="acme",managed_vm="${name}",service_level="MonitoringAndPatching",os_family="Linux"}`;

function recorded(name: string, guest: Guest, from = FROM): Record<string, string> {
  const series = (Object.keys(guest) as Sensor[]).map(sensor => {
    const values = (guest[sensor] ?? []).slice(from, UNTIL).map(value => value.toPrecision(4));
    const labels = `namespace="acme",managed_vm="${name}",sensor="${sensor}",unit="${SENSORS[sensor]}"`;
    return [`${RATED.mean}{${labels}}`, `${from > FROM ? `_x${from - FROM - 1} ` : ''}${values.join(' ')}`];
  });
  return Object.fromEntries([...series, [info(name), `1x${UNTIL - FROM}`]]);
}

describe('MO-13: a guest that is unlike its past weeks', () => {
  const unwatched = recorded('at-admin', faulty(FAULTS.miner));
  delete unwatched[info('at-admin')];
  const young = hourOf(FAULTS.miner.begins) - 20 * 24;
  const world = {
    ...Object.assign({}, ...GUESTS.map(name => recorded(name, yearOf(name)))),
    ...Object.assign({}, ...Object.entries(FAULTS).map(([name, fault]) => recorded(name, faulty(fault)))),
    ...unwatched,
    ...recorded('young', faulty(FAULTS.miner), young),
    ...recorded('patched', faulty(FAULTS.miner)),
    'steward_maintenance{namespace="acme",managed_vm="patched",pod="steward-0"}': `1x${UNTIL - FROM}`,
  };
  const firing = (name: string) => `ALERTS{alertname="ManagedVMUnusual",alertstate="firing",managed_vm="${name}"}`;
  const during = (range: string) => `sum by (managed_vm) (count_over_time(ALERTS{alertstate="firing"}[${range}]))`;
  const eval_time = `${UNTIL - FROM - 1}h`;
  const sinceBegan = (fault: Fault, hours: number) => `${hourOf(fault.begins) - FROM + hours}h`;

  it('is told within hours, and nothing else is for a month: noise, weeks, holidays, summer time and growth', async () => {
    const found = Object.entries(FAULTS).flatMap(([name, fault]) => [
      { expr: `count(${firing(name)})`, eval_time: sinceBegan(fault, 1), exp_samples: [] },
      { expr: `count(${firing(name)})`, eval_time: sinceBegan(fault, 3), exp_samples: [{ labels: '{}', value: 1 }] },
    ]);
    const alerts = Object.keys(FAULTS);
    const others = { expr: `${during('60w')} unless on (managed_vm) (${named(alerts)})`, eval_time, exp_samples: [] };
    // It is known after most of a day.
    const known = {
      ...{ expr: `sum(count_over_time(${firing('grown')}[60w])) <= bool 17`, eval_time },
      exp_samples: [{ labels: '{}', value: 1 }],
    };
    const description = `ManagedVM acme/miner has been unlike this hour of its past weeks for 2 hours: CPU 55 % (usually at most ${WHOLE ? 3.64 : 3.274}).`;
    const told = {
      eval_time: sinceBegan(FAULTS.miner, 3),
      alertname: 'ManagedVMUnusual',
      exp_alerts: [
        {
          exp_labels: {
            ...{ namespace: 'acme', managed_vm: 'miner', service_level: 'MonitoringAndPatching' },
            ...{ os_family: 'Linux', severity: 'warning' },
          },
          exp_annotations: {
            ...{ summary: 'miner does not behave as it used to', description },
            runbook_url: 'https://runbooks.example/ManagedVMUnusual.md',
          },
        },
      ],
    };
    expect(await evaluated('1h', world, { promql_expr_test: [...found, others, known], alert_rule_test: [told] })).toBe(
      'SUCCESS',
    );
  }, 900_000);
});

function named(names: readonly string[]): string {
  return names.map(name => `label_replace(vector(1), "managed_vm", "${name}", "", "")`).join(' or ');
}
