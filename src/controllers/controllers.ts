import type { Registry } from 'prom-client';
import type { AnyController } from '../runtime/controller.ts';
import { backupPolicyController } from './backuppolicy/controller.ts';
import { managedVMController } from './managedvm/controller.ts';
import { managedVMMetrics } from './managedvm/metrics.ts';
import { prometheusOf } from './managedvm/prometheus.ts';
import { namespaceRulesController } from './namespacerules/controller.ts';
import { operatingSystemController } from './operatingsystem/controller.ts';
import type { Settings } from './settings.ts';

/** Every controller of Steward. */
export function controllersOf(settings: Settings, registry: Registry): readonly AnyController[] {
  const prometheus = settings.prometheus && prometheusOf(settings.prometheus, registry);
  return [
    operatingSystemController(),
    backupPolicyController(settings),
    namespaceRulesController(settings),
    managedVMController({ settings, metrics: managedVMMetrics(registry), prometheus }),
  ];
}
