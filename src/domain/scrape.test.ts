import { describe, expect, test } from 'vitest';
import { managedVMOf, operatingSystemOf, windows } from './rendering.fixtures.ts';
import { isScrapable, renderScrape } from './scrape.ts';

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
          selector: { 'managed.systems/managed-vm': 'shop-db' },
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
          endpoints: [
            {
              port: 'metrics',
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
