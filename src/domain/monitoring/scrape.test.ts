import { describe, expect, test } from 'vitest';
import { CLOSED_METRIC, PROBE_METRICS } from '../application/probemetrics.ts';
import { managedVMOf, operatingSystemOf, windows } from '../managedvm/rendering.fixtures.ts';
import { renderDefaultRules, renderOverrideRules } from './prometheusrules.ts';
import { GUEST_METRICS, isScrapable, renderScrape, SENSORS_READ_METRIC } from './scrape.ts';

const order = (spec: Record<string, unknown> = {}) =>
  managedVMOf({ serviceLevel: 'MonitoringAndPatching', operatingSystem: 'debian-13', ...spec });

describe('scraping a guest', () => {
  test('MO-5: at a monitored level the exporter is a target that carries its VM, level and family', () => {
    const children = renderScrape({
      managedVM: order(),
      operatingSystem: operatingSystemOf(),
      monitoringLabels: { release: 'prometheus' },
    });
    expect(children).toEqual([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'shop-db-metrics', namespace: 'acme', labels: { 'managed.systems/managed-vm': 'shop-db' } },
        spec: {
          clusterIP: 'None',
          ports: [{ name: 'metrics', port: 9100, protocol: 'TCP', targetPort: 9100 }],
          publishNotReadyAddresses: true,
          selector: { 'vmi.kubevirt.io/id': 'shop-db' },
        },
      },
      {
        apiVersion: 'monitoring.coreos.com/v1',
        kind: 'ServiceMonitor',
        metadata: {
          name: 'shop-db-metrics',
          namespace: 'acme',
          labels: { release: 'prometheus', 'managed.systems/managed-vm': 'shop-db' },
        },
        spec: {
          bodySizeLimit: '8MB',
          sampleLimit: 10_000,
          labelLimit: 32,
          labelNameLengthLimit: 128,
          labelValueLengthLimit: 1024,
          targetLimit: 4,
          endpoints: [
            {
              port: 'metrics',
              honorLabels: false,
              honorTimestamps: false,
              followRedirects: false,
              scrapeTimeout: '10s',
              metricRelabelings: [{ action: 'keep', sourceLabels: ['__name__'], regex: GUEST_METRICS.Linux.join('|') }],
              relabelings: [
                { action: 'replace', replacement: 'shop-db', targetLabel: 'managed_vm' },
                { action: 'replace', replacement: 'MonitoringAndPatching', targetLabel: 'service_level' },
                { action: 'replace', replacement: 'Linux', targetLabel: 'os_family' },
              ],
            },
          ],
          selector: { matchLabels: { 'managed.systems/managed-vm': 'shop-db' } },
        },
      },
    ]);
  });

  test('MO-5: at Admin nothing is scraped', () => {
    expect(renderScrape({ managedVM: order({ serviceLevel: 'Admin' }), operatingSystem: operatingSystemOf() })).toEqual(
      [],
    );
  });

  test('Windows is scraped on the port of windows_exporter', () => {
    const [service] = renderScrape({
      managedVM: order({ serviceLevel: 'AdvancedMonitoringAndPatching' }),
      operatingSystem: operatingSystemOf(windows),
    });
    expect(service?.spec).toMatchObject({ ports: [{ port: 9182, targetPort: 9182 }] });
  });

  test('a guest without an interface on the pod network cannot be scraped, and is not pretended to be', () => {
    const managedVM = order({ networks: [{ name: 'lan', multusNetwork: 'vlan-40' }] });
    expect(isScrapable(managedVM)).toBe(false);
    expect(renderScrape({ managedVM, operatingSystem: operatingSystemOf() })).toEqual([]);
  });
});

/** Whether a series of this name comes through the relabelings of a guest's target; Prometheus anchors the expression. */
const isTaken = (family: keyof typeof GUEST_METRICS, name: string): boolean =>
  new RegExp(`^(?:${GUEST_METRICS[family].join('|')})$`).test(name);

describe('MO-12: what is taken from a guest', () => {
  const settings = { monitoringLabels: {}, runbookBaseURL: 'https://runbooks.example/' };
  const own = renderOverrideRules(order({ alertThresholds: { cpuPercent: 50 } }), settings);
  const rules = JSON.stringify([renderDefaultRules('acme', settings), own]);
  const named = [...new Set(rules.match(/\b(?:node|windows)_\w+/g))].filter(name => !/_exporter$/.test(name));

  test('the rules name metrics of both families', () => {
    expect(named.filter(name => name.startsWith('node_')).length).toBeGreaterThan(10);
    expect(named.filter(name => name.startsWith('windows_')).length).toBeGreaterThan(5);
  });

  test.each(named)('%s, which a rule needs, is taken', name => {
    expect(isTaken(name.startsWith('node_') ? 'Linux' : 'Windows', name)).toBe(true);
  });

  test('AP-11: so is all that the probes of an application say, and since when it is closed', () => {
    for (const name of [...Object.values(PROBE_METRICS), CLOSED_METRIC]) expect(isTaken('Linux', name)).toBe(true);
  });

  test('MO-12: so is the time at which the sensors were read', () => {
    expect(isTaken('Linux', SENSORS_READ_METRIC)).toBe(true);
  });

  test.each([
    'steward_condition',
    'steward_managedvm_info',
    'kubevirt_vm_info',
    'managedvm:rules_evaluated',
    'managedvm:thresholds_overridden',
    'ALERTS',
    'ALERTS_FOR_STATE',
    'up',
    'scrape_duration_seconds',
    'node_cpu_seconds_total_of_mine',
    'x_node_cpu_seconds_total',
    'container_cpu_usage_seconds_total',
  ])('%s is never taken, whoever is root in the guest', name => {
    expect(isTaken('Linux', name)).toBe(false);
    expect(isTaken('Windows', name)).toBe(false);
  });

  test('a Linux guest passes nothing off as Windows, and the other way round', () => {
    expect(isTaken('Linux', 'windows_service_state')).toBe(false);
    expect(isTaken('Windows', 'node_systemd_unit_state')).toBe(false);
  });

  test('names of Windows services are taken in lower case, as they are expected', () => {
    const [, monitor] = renderScrape({
      managedVM: order({ serviceLevel: 'AdvancedMonitoringAndPatching' }),
      operatingSystem: operatingSystemOf(windows),
    });
    expect(JSON.stringify(monitor?.spec)).toContain(
      '{"action":"lowercase","sourceLabels":["name"],"targetLabel":"name"}',
    );
  });
});
