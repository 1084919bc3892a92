import { type ManagedVM, managedVM } from '../../api/managedvm.ts';
import { Namespace, PrometheusRule } from '../../api/upstream.ts';
import { DEFAULT_RULES_NAME } from '../../domain/contract/child.ts';
import { entitlements } from '../../domain/contract/service-levels.ts';
import { renderDefaultRules } from '../../domain/monitoring/prometheusrules.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import type { Owner } from '../../runtime/children/ownership.ts';
import { type ControllerDefinition, defineController } from '../../runtime/pass/controller.ts';
import { SUMMARY_SHARE } from '../report.ts';
import type { Settings } from '../settings.ts';

/** Index of monitored ManagedVMs by their namespace. */
const MONITORED_INDEX = 'monitored';

/** Keeps one PrometheusRule with the default thresholds in each namespace that has a monitored ManagedVM (MO-5, MO-12). */
export function namespaceRulesController(settings: Settings): ControllerDefinition<KubeObject> {
  return defineController<KubeObject>({
    name: 'namespacerules',
    kind: Namespace,
    passShare: SUMMARY_SHARE,
    owns: [{ kind: PrometheusRule, named: isTheNamespaces }],
    watches: [
      {
        kind: managedVM,
        indexes: { [MONITORED_INDEX]: monitoredIn },
        part: object => isMonitored(object as ManagedVM & KubeObject),
        toKeys: ({ metadata }) => [{ namespace: '', name: metadata.namespace ?? '' }],
      },
    ],
    reconcile: async ({ object, read, apply, prune }) => {
      const namespace = object.metadata.name;
      // Without knowing which ManagedVMs there are, the rules that watch over them must not be taken away.
      if (object.metadata.deletionTimestamp || !read.available(managedVM, namespace)) return;
      const monitored = read.count(managedVM, MONITORED_INDEX, namespace) > 0;
      const wanted = monitored ? [{ object: renderDefaultRules(namespace, settings), ownerReference: false }] : [];
      await apply(wanted);
      await prune(wanted);
    },
  });
}

function monitoredIn(object: KubeObject): readonly string[] {
  return isMonitored(object as ManagedVM & KubeObject) ? [object.metadata.namespace ?? ''] : [];
}

function isTheNamespaces(namespace: Owner, { metadata }: KubeObject): boolean {
  return metadata.name === DEFAULT_RULES_NAME && metadata.namespace === namespace.metadata.name;
}

function isMonitored({ metadata, spec }: ManagedVM): boolean {
  return !metadata.deletionTimestamp && entitlements(spec.serviceLevel).monitoring;
}
