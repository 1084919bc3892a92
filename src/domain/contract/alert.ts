/** One alerting rule of Prometheus. */
export type AlertRule = {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: { readonly severity: 'critical' | 'warning' };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
};

/** An alert before it knows where the runbooks are; its runbook is the file named after it. */
export type Alert = Pick<AlertRule, 'alert' | 'expr' | 'for'> & {
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly description: string;
};

/** An alert whose expression follows from what it is about: a condition that is False, or a reason. */
export type Announcement = Omit<Alert, 'expr'> & {
  /** `monitored`: only of VMs whose level includes monitoring, where the condition is shown at every level. Default: of all. */
  readonly levels?: 'monitored';
};

/** The rule for an alert. The base URL ends with a slash. */
export function alertRule({ severity, summary, description, ...rule }: Alert, runbookBaseURL: string): AlertRule {
  const runbook_url = `${runbookBaseURL}${rule.alert}.md`;
  return { ...rule, labels: { severity }, annotations: { summary, description, runbook_url } };
}

/** Labels that every alert carries: where the VM is, which level was ordered (it decides who handles it, MO-6), Linux or Windows. */
export const IDENTITY = 'namespace, managed_vm, service_level, os_family';

/** One VM in an annotation. */
export const SUBJECT = 'ManagedVM {{ $labels.namespace }}/{{ $labels.managed_vm }}';

/**
 * What was found of a VM, with the labels of every alert about one, where its level includes monitoring: of no other is a VM described
 * (src/controllers/managedvm/metrics.ts).
 */
export function describedVM(found: string): string {
  return lines(
    found,
    `* on (namespace, managed_vm) group_left (service_level, os_family) max by (${IDENTITY}) (steward_managedvm_info)`,
  );
}

/** Every alert's expression is written over several lines, as people read it in Prometheus. */
export function lines(...parts: readonly string[]): string {
  return parts.join('\n');
}
