import type { ManagedVM } from '../../api/managedvm.ts';
import { PrometheusRule, Service, ServiceMonitor } from '../../api/upstream.ts';
import { DEFAULT_RULES_NAME, metricsName, overrideRulesName, type RenderedFor } from '../../domain/contract/child.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import type { MonitoringFacts } from '../../domain/monitoring/facts.ts';
import type { KubeObject, ResourceKind } from '../../runtime/api/object.ts';
import { allow, OWN } from '../permission.ts';
import { type Place, unreadableAt } from '../unreadable.ts';
import { MANAGED_SELECTOR } from '../whose.ts';
import { type Reading, type Sources, thoseThat } from './reading.ts';

const TARGET = { named: (vm: RenderedFor, { metadata }: KubeObject) => metadata.name === metricsName(vm) };

/** Reads whether guests are watched. */
export const monitoring: Reading<MonitoringFacts> = {
  gather,
  indexes: {},
  owns: () => [
    { kind: Service, ...TARGET, listKeys: { 'spec.ports': ['port', 'protocol'] }, immutable: ['spec.clusterIP'] },
    { kind: ServiceMonitor, ...TARGET },
    { kind: PrometheusRule, named: (vm, { metadata }) => metadata.name === overrideRulesName(vm) },
  ],
  watches: () => [
    {
      // Its text is the business of who writes it; that it is there is the business of all whom it watches over.
      kind: PrometheusRule,
      selector: MANAGED_SELECTOR,
      part: ({ metadata }) => metadata.deletionTimestamp,
      toKeys: ({ metadata: { namespace = '', name } }, read) =>
        name === DEFAULT_RULES_NAME ? thoseThat(read, () => true, { namespace }) : [],
    },
  ],
  permissions: [
    allow('children', Service, OWN, "Address of the guest's exporter."),
    allow('children', ServiceMonitor, OWN, 'Scraping of the guest.'),
    allow('children', PrometheusRule, OWN, 'Alerts.'),
  ],
};

function gather(managedVM: ManagedVM, { read, settings, prometheus }: Sources): MonitoringFacts {
  const { namespace = '' } = managedVM.metadata;
  const isInstalled = (kind: ResourceKind) => read.state(kind, namespace) !== 'missing';
  const rules = read.get(PrometheusRule, { namespace, name: DEFAULT_RULES_NAME });
  const places = [Service, ServiceMonitor, PrometheusRule].map((kind): Place => [kind, namespace]);
  return {
    installed: isInstalled(PrometheusRule) && isInstalled(ServiceMonitor),
    rulesPresent: rules !== undefined && rules.metadata.deletionTimestamp === undefined,
    prometheusWatch: prometheus?.watchOver(managedVM),
    eventWatch: prometheus?.eventWatchOver(managedVM),
    unreadable: unreadableAt(read, entitlements(managedVM.spec.serviceLevel).monitoring ? places : []),
    settings,
  };
}
