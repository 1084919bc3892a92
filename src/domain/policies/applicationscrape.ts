import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import type { ProductMonitoring } from '../../api/productmonitoring.ts';
import type { Watched } from '../application/watched.ts';
import type { Child } from '../contract/child.ts';
import { exporterEndpoint, exporterService, SCRAPE_LIMITS } from '../monitoring/scrape.ts';

type Exporter = NonNullable<ProductMonitoring['exporter']>;

/** By which the ServiceMonitor finds its Service. */
const APPLICATION_LABEL = 'managed.systems/application';

/** Name of the Service and of the ServiceMonitor through which the exporter of an application is read. */
export function exporterName({ metadata }: Pick<ManagedApplication, 'metadata'>): string {
  return `${metadata.name}-exporter`;
}

/** Service and ServiceMonitor through which Prometheus reads an application's exporter: at the launcher pod, as that of the guest (AP-5; docs/adr/0044). */
export function renderApplicationScrape(
  watched: Watched,
  managedVM: ManagedVM,
  exporter: Exporter,
  monitoringLabels: Readonly<Record<string, string>>,
): readonly Child[] {
  const { application, namespace, level, vm } = watched;
  const labels = { [APPLICATION_LABEL]: application };
  const metadata = { name: exporterName({ metadata: { name: application } }), namespace };
  const { port, prefixes } = exporter;
  const targetLabels = { managed_vm: vm, application, service_level: level };
  const kept = { action: 'keep', sourceLabels: ['__name__'], regex: prefixes.map(prefix => `${prefix}.+`).join('|') };
  return [
    exporterService({ ...metadata, labels }, port, managedVM),
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'ServiceMonitor',
      metadata: { ...metadata, labels: { ...monitoringLabels, ...labels } },
      spec: {
        ...SCRAPE_LIMITS,
        endpoints: [exporterEndpoint(targetLabels, [kept])],
        selector: { matchLabels: labels },
      },
    },
  ];
}
