/** What Prometheus has when it has taken over our rules, and what Alertmanager makes of it. */

import { application, product } from '../application/product.fixtures.ts';
import { MEASURED } from '../application/watched.fixtures.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import { type OwnRule, type OwnRuleSettings, ownRules, type Subject } from './ownrules.ts';
import type { Labels } from './pointer.ts';
import type { Held } from './proof.ts';
import { holding, type SeenRule } from './seenrules.ts';

export const NOW = new Date('2026-11-30T12:00:00Z');
export const ACTIVE = new Date('2026-11-30T11:40:00Z');
export const FIRED = new Date('2026-11-30T11:45:00Z');

export const settings: OwnRuleSettings = {
  promises: { namespace: 'steward-system', name: 'steward-promises' },
  blackbox: undefined,
};

export function vm(spec: Record<string, unknown> = {}, metadata: Record<string, string> = {}): Subject {
  const ordered = { serviceLevel: 'AdvancedMonitoringAndPatching', operatingSystem: 'debian-13', ...spec };
  return { kind: 'ManagedVM', object: managedVMOf(ordered, metadata) };
}

export function app(): Subject {
  return {
    kind: 'ManagedApplication',
    object: application({ serviceLevel: 'Expert' }),
    product: product({ ...MEASURED }),
  };
}

export const named = { kind: 'ManagedVM', namespace: 'acme', name: 'shop-db' } as const;
export const uid = '2f0c9a3e-6a55-4f7e-9d0b-3f1f6f0f8b11';
export const RULES_UID = 'aaaaaaaa-0000-4000-8000-000000000001';
export const uidOf = ({ namespace, name }: { namespace: string; name: string }) =>
  namespace === 'acme' && name === 'steward-defaults' ? RULES_UID : undefined;

const ofVM = ownRules(vm(), settings);

export function own(alert: string, subject?: Subject): readonly OwnRule[] {
  const rules = subject === undefined ? ofVM : ownRules(subject, settings);
  return rules.filter(rule => rule.alert === alert);
}

/** The labels of an alert about shop-db. */
export function labels(alertname: string, more: Record<string, string> = {}): Labels {
  const its = { alertname, namespace: 'acme', managed_vm: 'shop-db', service_level: 'AdvancedMonitoringAndPatching' };
  return new Map(Object.entries({ ...its, os_family: 'Linux', severity: 'critical', ...more }));
}

/** A rule of ours as Prometheus has it, with an alert that fires. */
export function seenOf(
  rule: OwnRule | undefined,
  alert: Labels,
  file = `acme-steward-defaults-${RULES_UID}.yaml`,
): SeenRule {
  if (rule === undefined) throw new Error('there is no such rule of ours');
  const expression = rule.expression.replaceAll(/\s+/g, ' ');
  const { group, pendingFor, labels: given } = rule;
  const path = `/etc/prometheus/rules/prometheus-k8s-rulefiles-0/${file}`;
  return holding({ file: path, group, alert: rule.alert, expression, pendingFor, labels: given, evaluated: true }, [
    { labels: alert, firing: true, activeAt: ACTIVE },
  ]);
}

/** An alert that was found. */
export function heldOf(alertname = 'ManagedVMDown', more: Record<string, string> = {}): Held {
  const [rule] = own(alertname);
  const alert = labels(alertname, more);
  const seen = seenOf(rule, alert);
  const [[first] = []] = [...seen.alerts.values()];
  if (rule === undefined || first === undefined) throw new Error('there is no such rule of ours');
  return { rule, seen, alert: first };
}
