import type { ManagedVM } from '../api/managedvm.ts';
import { type Child, MANAGED_VM_LABEL, metricsName, type RenderInput } from './child.ts';
import { entitlements } from './service-levels.ts';

/** Port on which the guest's exporter listens: node_exporter, windows_exporter. */
export const EXPORTER_PORTS = { Linux: 9100, Windows: 9182 } as const;

export type ScrapeInput = RenderInput & {
  /** Labels by which the cluster's Prometheus selects ServiceMonitors. */
  readonly monitoringLabels?: Readonly<Record<string, string>>;
};

/**
 * Service and ServiceMonitor through which Prometheus reads the guest's exporter.
 * None where the level does not include monitoring (MO-5), or where the guest cannot be reached that way.
 */
export function renderScrape(input: ScrapeInput): readonly Child[] {
  const { managedVM } = input;
  if (!entitlements(managedVM.spec.serviceLevel).monitoring || !isScrapable(managedVM)) return [];
  return [renderService(input), renderServiceMonitor(input)];
}

/** A guest is scraped through the address of its launcher pod, so it needs an interface on the pod network. */
export function isScrapable(managedVM: ManagedVM): boolean {
  return managedVM.spec.networks.some(network => network.multusNetwork === undefined);
}

function renderService({ managedVM, operatingSystem }: ScrapeInput): Child {
  const port = EXPORTER_PORTS[operatingSystem.spec.family];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: metricsName(managedVM),
      namespace: managedVM.metadata.namespace ?? '',
      labels: { [MANAGED_VM_LABEL]: managedVM.metadata.name },
    },
    spec: {
      clusterIP: 'None',
      ports: [{ name: 'metrics', port, protocol: 'TCP', targetPort: port }],
      // A guest whose agent is gone is not ready, and is the one we most want to see.
      publishNotReadyAddresses: true,
      selector: { [MANAGED_VM_LABEL]: managedVM.metadata.name },
    },
  };
}

/** The labels on the targets are written out: a running launcher pod keeps the labels it was started with. */
function renderServiceMonitor({ managedVM, operatingSystem, monitoringLabels }: ScrapeInput): Child {
  const targetLabels = {
    managed_vm: managedVM.metadata.name,
    service_level: managedVM.spec.serviceLevel,
    os_family: operatingSystem.spec.family,
  };
  return {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: {
      name: metricsName(managedVM),
      namespace: managedVM.metadata.namespace ?? '',
      labels: { ...monitoringLabels, [MANAGED_VM_LABEL]: managedVM.metadata.name },
    },
    spec: {
      endpoints: [
        {
          port: 'metrics',
          relabelings: Object.entries(targetLabels).map(([targetLabel, replacement]) => ({
            action: 'replace',
            replacement,
            targetLabel,
          })),
        },
      ],
      selector: { matchLabels: { [MANAGED_VM_LABEL]: managedVM.metadata.name } },
    },
  };
}
