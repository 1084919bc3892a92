import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { queriesOf } from '../../hack/generate/dashboardqueries.ts';
import { generateDashboards } from '../../hack/generate/dashboards.ts';
import { queryPrometheus } from '../../hack/steward/prometheus.ts';
import { type StewardProcess, startSteward } from '../../hack/steward/steward.ts';
import { whatOf } from '../../hack/testbed/client/audit.ts';
import { pathOf } from '../../hack/testbed/client/path.ts';
import { freePorts } from '../../hack/testbed/process/ports.ts';
import { contract } from '../../src/api/contract.ts';
import { incident } from '../../src/api/incident.ts';
import { managedApplication } from '../../src/api/managedapplication.ts';
import { managedVM } from '../../src/api/managedvm.ts';
import { operatingSystem } from '../../src/api/operatingsystem.ts';
import { problem } from '../../src/api/problem.ts';
import { product } from '../../src/api/product.ts';
import { serviceCalendar } from '../../src/api/servicecalendar.ts';
import { servicePlan } from '../../src/api/serviceplan.ts';
import { ServiceMonitor } from '../../src/api/upstream.ts';
import { RECEIVER_LEASE } from '../../src/domain/incident/reception.ts';
import { EVENT_METRICS, EVENT_SENSORS, SENSOR_STALE_SECONDS } from '../../src/domain/monitoring/guestevents.ts';
import { formatMicroTime } from '../../src/runtime/api/time.ts';
import { LEASE } from '../../src/runtime/leader/lease.ts';
import { type Any, conditionOf } from './support/api.ts';
import { callsSince, mark, untilStill, writes } from './support/audit.ts';
import { type Cluster, expectNoRefusals, startCluster } from './support/cluster.ts';
import { eventually, reads } from './support/eventually.ts';
import {
  advancedPlan,
  contractOf,
  linuxSystem,
  machine,
  offeredCache,
  orderedCache,
  regularHours,
} from './support/orders.ts';
import { RealPrometheus, ScriptedExporter, type Targets } from './support/prometheus.ts';
import { recurring } from './support/recurring.ts';

const NAMESPACE = 'watched';
/** How often Prometheus is asked here, and how long something may stay away; the defaults are 30 s and 5 min. */
const INTERVAL = '1s';
const TOLERANCE = '6s';
/** Longer than the tolerance and several questions. */
const IDLE_MS = 10_000;

let cluster: Cluster;
let prometheus: RealPrometheus;
let exporter: ScriptedExporter;
let steward: StewardProcess;
let metricsPort: number;
let targets: Targets;

beforeAll(async () => {
  cluster = await startCluster();
  const { api, bed } = cluster;
  await api.namespace(NAMESPACE);
  await api.create(operatingSystem, linuxSystem('debian-13'));
  await api.create(managedVM, machine(NAMESPACE, 'shop-db'));
  await api.create(managedVM, machine(NAMESPACE, 'shop-web', { alertThresholds: { cpuPercent: 50 } }));
  prometheus = await RealPrometheus.on(bed);
  exporter = await ScriptedExporter.start(NAMESPACE, ['shop-db', 'shop-web']);
  [metricsPort = 0] = await freePorts(1);
  targets = { guests: exporter.address, kubevirt: exporter.address, steward: `127.0.0.1:${metricsPort}` };
});

afterAll(async () => {
  await steward?.stop('SIGKILL');
  await prometheus?.stop();
  exporter?.close();
  await cluster?.stop();
});

/** The operator, told where Prometheus is. */
async function askingSteward(): Promise<StewardProcess> {
  const started = await startSteward(cluster.bed, {
    environment: {
      STEWARD_PROMETHEUS_URL: prometheus.url,
      STEWARD_PROMETHEUS_INTERVAL: INTERVAL,
      STEWARD_PROMETHEUS_TOLERANCE: TOLERANCE,
      STEWARD_METRICS_PORT: `${metricsPort}`,
    },
  });
  await started.ready();
  return started;
}

async function bothRead(monitored: string): Promise<Any[]> {
  const read = (name: string) => reads(cluster.api, managedVM, NAMESPACE, name, { Monitored: monitored });
  return Promise.all([read('shop-db'), read('shop-web')]);
}

/** What the operator writes in a while that it does nothing else in. */
async function writtenIn(during: () => Promise<unknown>): Promise<string[]> {
  const from = await mark(cluster.bed);
  await during();
  return writes(await callsSince(cluster.bed, from)).map(call => `${whatOf(call)} ${call.objectRef?.name}`);
}

describe('MO-5: Monitored, asked of a real Prometheus', () => {
  test('is Unknown while Prometheus is not asked', async () => {
    await bothRead('Unknown/NotObserved');
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Ready: 'True/Running' });
  });

  test('is Unknown while Prometheus is not there, says since when and why, and costs no second write', async () => {
    await cluster.steward().stop();
    steward = await askingSteward();
    const [vm] = await bothRead('Unknown/PrometheusSilent');
    expect(conditionOf(vm, 'Monitored')?.message).toMatch(
      /^Prometheus has given no usable answer since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: it cannot be reached \(ECONNREFUSED\)\.$/,
    );
    await untilStill(cluster.bed);
    expect(await writtenIn(() => sleep(IDLE_MS))).toEqual([]);
  });

  test('is not True by scraping alone: without the rules nobody would be told', async () => {
    await prometheus.configure(cluster.api, NAMESPACE, targets, () => false);
    await prometheus.start();
    const [db, web] = await bothRead('Unknown/WatchStarting');
    expect(conditionOf(db, 'Monitored')?.message).toMatch(
      /^Prometheus does not evaluate PrometheusRule watched\/steward-defaults yet; it has until /,
    );
    expect(conditionOf(web, 'Monitored')?.message).toContain('watched/shop-web-overrides');
  });

  test('of a VM with thresholds of its own needs their rules too', async () => {
    await prometheus.configure(cluster.api, NAMESPACE, targets, name => name === 'steward-defaults');
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Monitored: 'True/PrometheusWatches' });
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-web', { Monitored: 'Unknown/WatchStarting' });
  });

  test('is True when Prometheus evaluates the rules, has their metrics and reads the guest', async () => {
    await prometheus.configure(cluster.api, NAMESPACE, targets);
    const [vm] = await bothRead('True/PrometheusWatches');
    expect(conditionOf(vm, 'Monitored')?.message).toMatch(
      /^Prometheus evaluates the rules of namespace watched and scrapes the guest, so its CPU, memory, file systems, clock and no services are watched/,
    );
    expect(conditionOf(vm, 'EventsMonitored')?.status).toBe('Unknown');
    expect(conditionOf(vm, 'SLACompliant')?.message).toContain(
      '4 of 9 promises that count at AdvancedMonitoringAndPatching are kept: Supported, Provisioned, Available, Monitored;',
    );
  });

  test('costs no write while nothing changes, though Prometheus is asked every second', async () => {
    await untilStill(cluster.bed);
    const answered = async () => Number(/^steward_prometheus_last_success\S+ (\S+)$/m.exec(await metrics())?.[1]);
    const before = await answered();
    expect(await writtenIn(() => sleep(IDLE_MS))).toEqual([]);
    expect(await answered()).toBeGreaterThan(before);
  });

  test('costs no write when one scrape fails', async () => {
    const asked = () => exporter.asked.get('shop-db-metrics') ?? 0;
    const times = (count: number) => {
      const from = asked();
      return eventually(() => expect(asked()).toBeGreaterThanOrEqual(from + count));
    };
    const written = await writtenIn(async () => {
      exporter.silent.add('shop-db-metrics');
      await times(1);
      exporter.silent.delete('shop-db-metrics');
      await times(10);
    });
    expect(written).toEqual([]);
  });

  test('costs no write when Steward starts anew', async () => {
    const written = await writtenIn(async () => {
      await steward.stop();
      steward = await askingSteward();
      await eventually(async () => expect(await metrics()).toMatch(/^steward_prometheus_last_success\S+ [1-9]/m));
      await sleep(IDLE_MS);
    });
    expect(written).toEqual([]);
    await bothRead('True/PrometheusWatches');
  });

  test('MO-6: IncidentsInTime is not True before the receiver of alerts is heard, for nobody would know of an incident', async () => {
    const { api } = cluster;
    const deaf = await reads(api, managedVM, NAMESPACE, 'shop-db', { IncidentsInTime: 'Unknown/AlertsNotHeard' });
    expect(conditionOf(deaf, 'IncidentsInTime')?.message).toMatch(
      /^No receiver of alerts has ever been heard: there is no Lease steward-receive in namespace steward-system/,
    );
    const spec = { holderIdentity: 'played', leaseDurationSeconds: 180, renewTime: formatMicroTime(new Date()) };
    await api.create(LEASE, {
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec },
      metadata: { namespace: 'steward-system', name: RECEIVER_LEASE },
    });
    await reads(api, managedVM, NAMESPACE, 'shop-db', { IncidentsInTime: 'True/NoOpenIncidents' });
  });

  test('is False for the VM whose guest cannot be read, and for no other', async () => {
    await untilStill(cluster.bed);
    const written = await writtenIn(async () => {
      exporter.silent.add('shop-db-metrics');
      const vm = await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { Monitored: 'False/GuestNotScraped' });
      expect(conditionOf(vm, 'Monitored')?.message).toMatch(
        /^Prometheus cannot read the guest's exporter \(seen last \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\.$/,
      );
      expect(conditionOf(vm, 'SLACompliant')).toMatchObject({ status: 'False' });
      expect(conditionOf(vm, 'SLACompliant')?.message).toContain('1 broken: Monitored (GuestNotScraped)');
      await untilStill(cluster.bed);
    });
    expect(written.filter(what => !what.startsWith('create events shop-db.'))).toEqual([
      'update managedvms/status shop-db',
    ]);
    exporter.silent.delete('shop-db-metrics');
    await bothRead('True/PrometheusWatches');
  });

  test('is False for all when the rules are taken away, and True again with them', async () => {
    await prometheus.configure(cluster.api, NAMESPACE, targets, () => false);
    await bothRead('False/RulesNotEvaluated');
    await prometheus.configure(cluster.api, NAMESPACE, targets);
    await bothRead('True/PrometheusWatches');
  });

  test('is Unknown when Prometheus has gone, and True again when it is back, even if it has forgotten everything', async () => {
    await prometheus.stop();
    const [vm] = await bothRead('Unknown/PrometheusSilent');
    expect(conditionOf(vm, 'SLACompliant')?.status).not.toBe('False');
    await prometheus.forget();
    await prometheus.start();
    await bothRead('True/PrometheusWatches');
  });

  test('MO-12: EventsMonitored is True for the guest whose sensor is read, False once a part of it is stale, and costs no write between', async () => {
    const seconds = () => Date.now() / 1000;
    let journalAt = seconds;
    exporter.told.set('shop-db-metrics', () => {
      const success = EVENT_SENSORS.map(sensor => {
        const at = sensor === 'journal' ? journalAt() : seconds();
        return `${EVENT_METRICS.success}{sensor="${sensor}",managed_vm="shop-web"} ${at}\n`;
      });
      return `node_time_seconds ${seconds()}\n${success.join('')}`;
    });
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', { EventsMonitored: 'True/EventsWatched' });
    // A guest speaks for itself, whatever labels it gives its series.
    await reads(cluster.api, managedVM, NAMESPACE, 'shop-web', { EventsMonitored: 'Unknown/WatchStarting' });
    await untilStill(cluster.bed);
    expect(await writtenIn(() => sleep(IDLE_MS))).toEqual([]);
    journalAt = () => seconds() - SENSOR_STALE_SECONDS - 1;
    const vm = await reads(cluster.api, managedVM, NAMESPACE, 'shop-db', {
      EventsMonitored: 'False/EventSensorsSilent',
    });
    expect(conditionOf(vm, 'EventsMonitored')?.message).toMatch(
      /1 of the 6 parts of the sensor for events: journal \(seen last \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\)\.$/,
    );
    expect(conditionOf(vm, 'Monitored')?.status).toBe('True');
    exporter.told.delete('shop-db-metrics');
  });

  test('MO-15: incidents that recur open one Problem, in which people speak for themselves alone', async () => {
    const { api } = cluster;
    await api.create(serviceCalendar, regularHours('hours'));
    await api.create(servicePlan, advancedPlan('advanced', 'hours'));
    await api.create(contract, contractOf('watched', [NAMESPACE], 'advanced'));
    await reads(api, managedVM, NAMESPACE, 'shop-db', { Contracted: 'True/PlanApplies' });
    // One that is not ready, for the fleet.
    await api.create(managedVM, machine(NAMESPACE, 'shop-old', { operatingSystem: 'not-in-the-catalogue' }));
    const incidents = await recurring(cluster, NAMESPACE, 'shop-db', 'ManagedVMClockOff', 3);
    const [found] = await eventually(async () => {
      const problems = await api.list(problem, NAMESPACE);
      expect(problems.map(({ status }: Any) => status?.count)).toEqual([3]);
      return problems;
    });
    expect(found.spec).toMatchObject({
      subject: { name: 'shop-db' },
      opened: { because: 'Recurrence', by: 'steward' },
    });
    expect(found.status.incidents.map(({ uid }: Any) => uid)).toEqual(
      incidents.map(({ metadata }: Any) => metadata.uid).toReversed(),
    );
    await eventually(async () =>
      expect((await api.list(incident, NAMESPACE)).map(({ status }: Any) => status.problem)).toEqual(
        incidents.map(() => found.metadata.name),
      ),
    );
    const { name } = found.metadata;
    const says = (by: string) => ({ spec: { handling: { knownError: { text: 'A leak', by } } } });
    await expect(api.edit(problem, NAMESPACE, name, says('kim'))).rejects.toThrow(/cannot speak as kim \(MO-15\)/);
    await api.edit(problem, NAMESPACE, name, says('testbed-admin'));
    await reads(api, problem, NAMESPACE, name, { Ready: 'True/KnownError', Solved: 'False/NoRemedy' });
    const byHand = { ...found.spec, opened: { ...found.spec.opened, because: 'ByHand' }, ordinal: undefined };
    const forged = { ...found, metadata: { name: 'forged', namespace: NAMESPACE }, spec: byHand, status: undefined };
    await expect(api.create(problem, forged)).rejects.toThrow(/cannot open a Problem as steward/);
  });

  test.each(['fleet', 'incidents'])('MO-12: each query of the dashboard %s has an answer', async dashboard => {
    exporter.told.set('shop-db-metrics', () => GUEST);
    const file = generateDashboards().get(`charts/steward/files/dashboards/${dashboard}.json`) ?? '';
    const queries = queriesOf(file).map(query =>
      query.replaceAll('$namespace', NAMESPACE).replaceAll('$managed_vm', 'shop-db'),
    );
    const asked = queries.filter(query => !NOT_HERE.some(series => query.includes(series)));
    expect(asked.length).toBeGreaterThanOrEqual(8);
    await eventually(async () => {
      const answers = await Promise.all(
        asked.map(async query => [query, (await queryPrometheus(prometheus.url, query)).length] as const),
      );
      expect(answers.flatMap(([query, samples]) => (samples === 0 ? [query] : []))).toEqual([]);
    });
    exporter.told.delete('shop-db-metrics');
  });

  test('AP-5, AP-11: of an application rests on its own rules, probes, exporter and each metric that must be there', async () => {
    const { api } = cluster;
    const [probe, metric] = ['steward_application_probe', 'pg_scrape_collector_success'];
    const monitoring = {
      objectives: [{ level: 'Expert', availability: '99.9' }],
      exporter: { port: 9187, prefixes: ['pg_'], metrics: [metric] },
    };
    const steps = [
      { name: 'packages', package: { names: ['cache'] } },
      { name: 'port', firewallPort: { port: 9187 } },
    ];
    await api.create(product, offeredCache('cache', { steps, monitoring }));
    await api.create(managedApplication, orderedCache(NAMESPACE, 'queue', 'cache', 'shop-db'));
    await eventually(async () =>
      expect((await api.get(managedApplication, NAMESPACE, 'queue')).status?.plan).toBeDefined(),
    );
    await api.client.patch('merge', `${pathOf(managedApplication, NAMESPACE, 'queue')}/status`, {
      status: { installed: '2026-12-01T00:00:00Z' },
    });
    const { spec } = await api.get(product, '', 'cache');
    const labels = ({ name }: Any) => `{application="queue",probe="${name}"}`;
    exporter.told.set('shop-db-metrics', () =>
      spec.probes
        .map((each: Any) =>
          [
            `success${labels(each)} 1`,
            `duration_seconds${labels(each)} 0.02`,
            `read_timestamp_seconds${labels(each)} ${Date.now() / 1000}`,
          ]
            .map(line => `${probe}_${line}\n`)
            .join(''),
        )
        .join(''),
    );
    exporter.told.set('queue-exporter', () => `${metric}{collector="database"} 1\n`);
    await eventually(() => api.get(ServiceMonitor, NAMESPACE, 'queue-exporter'));
    // Read before the rules are there: a minute that is evaluated without a reading is none in which it worked.
    await eventually(async () =>
      expect(await queryPrometheus(prometheus.url, `${probe}_success{application="queue"}`)).not.toEqual([]),
    );
    await prometheus.configure(api, NAMESPACE, targets);
    await reads(api, managedApplication, NAMESPACE, 'queue', { Monitored: 'True/PrometheusWatches' });
    await eventually(async () => {
      const { status } = await api.get(managedApplication, NAMESPACE, 'queue');
      expect(status.availability).toMatchObject({ percent: '100.000', budgetLeftSeconds: expect.any(Number) });
    });
    exporter.told.delete('queue-exporter');
    await reads(api, managedApplication, NAMESPACE, 'queue', { Monitored: 'False/MetricsMissing' });
    // Its target has the labels of the VM, and says nothing of the guest's own.
    exporter.silent.add('shop-db-metrics');
    await reads(api, managedVM, NAMESPACE, 'shop-db', { Monitored: 'False/GuestNotScraped' });
  });

  test('needs no right in the cluster that the operator does not have', () => expectNoRefusals(cluster));
});

/** What a guest's exporter tells besides its memory. */
const GUEST = [
  'node_cpu_seconds_total{cpu="0",mode="idle"} 10',
  'node_memory_MemAvailable_bytes 3e+09',
  'node_filesystem_avail_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 1e+09',
  'node_filesystem_size_bytes{device="/dev/vda1",fstype="ext4",mountpoint="/"} 2e+09',
  '',
].join('\n');

/** Nobody is patched or backed up in this bed, no services are ordered, and nothing is wrong for minutes. */
const NOT_HERE = ['steward_patch_', 'steward_backup_', 'steward_managedvm_expected_service', 'ALERTS{'];

async function metrics(): Promise<string> {
  return (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
}
