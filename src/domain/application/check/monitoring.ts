import type { ProductSpec } from '../../../api/product.ts';
import type { IndicatorTerm, ProductMonitoring } from '../../../api/productmonitoring.ts';
import { EXPORTER_PORTS } from '../../machine/firstboot/exporters.ts';

/** What others say of guests, of Kubernetes and of Steward: a Product's exporter says nothing under these names. */
const TAKEN = [
  'node_',
  'windows_',
  'guest_',
  'kubevirt_',
  'kube_',
  'steward_',
  'managedvm_',
  'managedapplication_',
  'probe_',
  'scrape_',
];

/** Labels that say whose a series is. */
const OURS = ['namespace', 'managed_vm', 'application', 'service_level'];

/** What is wrong with what is measured beside the probes (AP-5). */
export function monitoringFaults(spec: ProductSpec): readonly string[] {
  const { monitoring } = spec;
  if (monitoring === undefined) return [];
  return [
    ...objectiveFaults(spec, monitoring),
    ...outsideFaults(spec, monitoring),
    ...exporterFaults(spec, monitoring),
    ...indicatorFaults(monitoring),
  ];
}

function objectiveFaults({ levels }: ProductSpec, { objectives = [] }: ProductMonitoring): readonly string[] {
  return objectives
    .filter(({ level }) => !levels.includes(level))
    .map(({ level }) => `spec.monitoring.objectives.${level}: the Product is not offered at ${level}.`);
}

function outsideFaults({ interface: face }: ProductSpec, { outside }: ProductMonitoring): readonly string[] {
  return outside === undefined || face !== undefined
    ? []
    : ['spec.monitoring.outside: the Product has no interface, so there is nothing to reach.'];
}

function exporterFaults({ steps, interface: face }: ProductSpec, { exporter }: ProductMonitoring): readonly string[] {
  if (exporter === undefined) return [];
  const { port, prefixes, metrics } = exporter;
  const at = 'spec.monitoring.exporter';
  const strange = metrics.filter(metric => !prefixes.some(prefix => metric.startsWith(prefix)));
  return [
    ...(port === face?.port ? [`${at}.port: port ${port} is that of the interface.`] : []),
    ...(port === EXPORTER_PORTS.Linux ? [`${at}.port: port ${port} is that of the guest's own exporter.`] : []),
    ...(steps.some(({ firewallPort }) => firewallPort?.port === port)
      ? []
      : [`${at}.port: no step of type firewallPort opens port ${port}, so that nobody could read it.`]),
    ...prefixes
      .filter(prefix => TAKEN.some(taken => prefix.startsWith(taken)))
      .map(prefix => `${at}.prefixes: metrics that begin with ${prefix} are not a product's.`),
    ...strange.map(metric => `${at}.metrics: ${metric} begins with none of the prefixes, so that it is never taken.`),
  ];
}

/** An indicator of a metric that nobody misses would be silent for good where that goes. */
function indicatorFaults({ indicators = [], exporter }: ProductMonitoring): readonly string[] {
  return indicators.flatMap(({ name, value, dividedBy = [] }) =>
    [...value, ...dividedBy].flatMap(term =>
      termFaults(term, exporter?.metrics ?? [], `spec.monitoring.indicators.${name}`),
    ),
  );
}

/** What is wrong with one metric that is looked at. */
export function termFaults(
  { metric, where = [] }: IndicatorTerm,
  metrics: readonly string[],
  at: string,
): readonly string[] {
  return [
    ...(metrics.includes(metric)
      ? []
      : [`${at}: ${metric} is none of spec.monitoring.exporter.metrics, so that nobody would notice when it is gone.`]),
    ...where
      .filter(({ label }) => OURS.includes(label))
      .map(({ label }) => `${at}: label ${label} is Steward's, which sets it itself.`),
  ];
}
