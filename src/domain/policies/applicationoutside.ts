import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ProductSpec } from '../../api/product.ts';
import type { ProductOutside } from '../../api/productoutside.ts';
import type { Blackbox } from '../application/asked.ts';
import { serviceName } from '../application/children.ts';
import { OUTSIDE_METRIC } from '../application/outside.ts';
import { identityOf, watchedOf } from '../application/watched.ts';
import type { Child } from '../contract/child.ts';
import { SCRAPE_LIMITS } from '../monitoring/scrape.ts';

/** Name of the Probe by which an application is asked from outside of its guest. */
export function outsideName({ metadata }: Pick<ManagedApplication, 'metadata'>): string {
  return `${metadata.name}-outside`;
}

/** The Probe by which the cluster's blackbox exporter asks an application through its Service (AP-11); none where it is not asked. */
export function renderOutside(
  application: ManagedApplication,
  product: ProductSpec,
  blackbox: Blackbox | undefined,
  monitoringLabels: Readonly<Record<string, string>>,
): readonly Child[] {
  const { monitoring, interface: face } = product;
  const outside = monitoring?.outside;
  if (blackbox === undefined || face === undefined || outside === undefined) return [];
  const { bodySizeLimit: _, ...limits } = SCRAPE_LIMITS;
  return [
    {
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'Probe',
      metadata: {
        ...{ name: outsideName(application), namespace: application.metadata.namespace ?? '' },
        ...(Object.keys(monitoringLabels).length > 0 && { labels: { ...monitoringLabels } }),
      },
      spec: {
        ...limits,
        ...{ prober: { url: blackbox.address }, module: outside.module ?? blackbox.modules[outside.protocol] },
        ...{ interval: '30s', scrapeTimeout: '10s' },
        targets: { staticConfig: { static: [addressOf(application, face.port, outside)] } },
        metricRelabelings: relabelings(application, product),
      },
    },
  ];
}

/** As customers reach it, whose binding has the same host. */
function addressOf(application: ManagedApplication, port: number, { protocol, path = '/' }: ProductOutside): string {
  const host = `${serviceName(application)}.${application.metadata.namespace}.svc:${port}`;
  return protocol === 'HTTP' ? `http://${host}${path}` : host;
}

/** Whose it is stands on what was measured and not on the target, whose `up` nothing could tell from those of the exporter and the guest. */
function relabelings(application: ManagedApplication, product: ProductSpec): readonly object[] {
  const watched = watchedOf(application, product);
  const labels = { ...identityOf(watched), service_level: watched.level };
  return [
    { action: 'keep', sourceLabels: ['__name__'], regex: `${OUTSIDE_METRIC}|probe_duration_seconds` },
    ...Object.entries(labels).map(([targetLabel, replacement]) => ({ action: 'replace', replacement, targetLabel })),
  ];
}
