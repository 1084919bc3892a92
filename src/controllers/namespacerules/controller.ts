import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { AlertmanagerConfig, Namespace, PrometheusRule } from '../../api/upstream.ts';
import { DEFAULT_ROUTES_NAME, DEFAULT_RULES_NAME } from '../../domain/contract/child.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import { renderDefaultRules } from '../../domain/monitoring/prometheusrules.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Owner } from '../../runtime/children/ownership.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { SUMMARY_SHARE } from '../report.ts';
import type { Settings } from '../settings.ts';
import { ROUTE_WATCHES, routesOf } from './routes.ts';

/** Index of monitored ManagedVMs by their namespace. */
const MONITORED_INDEX = 'monitored';

/**
 * Keeps one PrometheusRule with the default thresholds in each namespace that has a monitored ManagedVM (MO-5, MO-12), and, where the provider wants
 * it, one AlertmanagerConfig with the routes of its alerts (MO-6). The latter's kind is owned in any case: what was wanted once must go.
 */
export function namespaceRulesController(settings: Settings): ControllerDefinition<KubeObject> {
  return defineController<KubeObject>({
    name: 'namespacerules',
    kind: Namespace,
    passShare: SUMMARY_SHARE,
    owns: [
      { kind: PrometheusRule, named: isTheNamespaces(DEFAULT_RULES_NAME) },
      { kind: AlertmanagerConfig, named: isTheNamespaces(DEFAULT_ROUTES_NAME) },
    ],
    watches: [
      {
        kind: managedVM,
        indexes: { [MONITORED_INDEX]: monitoredIn },
        part: object => isMonitored(object as ManagedVM & KubeObject),
        toKeys: ({ metadata }) => [{ namespace: '', name: metadata.namespace ?? '' }],
      },
      ...(settings.alertRouting === undefined ? [] : ROUTE_WATCHES),
    ],
    reconcile: async ({ object, read, now, apply, prune }) => {
      const namespace = object.metadata.name;
      // Without knowing which ManagedVMs there are, the rules that watch over them must not be taken away.
      if (object.metadata.deletionTimestamp || !read.available(managedVM, namespace)) return;
      const monitored = read.count(managedVM, MONITORED_INDEX, namespace) > 0;
      const routes = monitored ? routesOf(namespace, read, settings.alertRouting, now) : { children: [] };
      const rules = monitored ? [renderDefaultRules(namespace, settings)] : [];
      const wanted = [...rules, ...(routes?.children ?? [])].map(each => ({ object: each, ownerReference: false }));
      await apply(wanted);
      if (routes !== undefined) await prune(wanted);
      return { requeueAt: routes?.nextEdge };
    },
  });
}

function monitoredIn(object: KubeObject): readonly string[] {
  return isMonitored(object as ManagedVM & KubeObject) ? [object.metadata.namespace ?? ''] : [];
}

function isTheNamespaces(name: string) {
  return (namespace: Owner, { metadata }: KubeObject): boolean =>
    metadata.name === name && metadata.namespace === namespace.metadata.name;
}

function isMonitored({ metadata, spec }: ManagedVM): boolean {
  return !metadata.deletionTimestamp && entitlements(spec.serviceLevel).monitoring;
}
