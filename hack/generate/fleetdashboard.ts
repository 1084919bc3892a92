import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { choices, dashboardOf, lines, number, table, unwanted } from './panels.ts';

const HERE = 'namespace=~"$namespace"';
/** A ManagedVM with such a condition, once, however many replicas tell of it. */
const vms = (conditions: string, ...by: readonly string[]) =>
  `max by (${['namespace', 'name', ...by].join(', ')}) (steward_condition{kind="ManagedVM",${HERE},${conditions}})`;
const each = (metric: string, ...by: readonly string[]) =>
  `max by (${['namespace', 'managed_vm', ...by].join(', ')}) (${metric}{${HERE}})`;

/** All ManagedVMs of the namespaces that are chosen, as the provider looks at them. */
export function fleetDashboard(): DashboardBuilder {
  const dashboard = dashboardOf(
    'Managed fleet',
    'What is promised of all ManagedVMs, and what of it is broken.',
  ).withVariable(choices('namespace', 'steward_condition{kind="ManagedVM"}'));
  addPromises(dashboard);
  addTrouble(dashboard);
  addUpkeep(dashboard);
  addSteward(dashboard);
  return dashboard;
}

function addPromises(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('What is promised'))
    .withPanel(number('ManagedVMs', 'short', `count(${vms('type="Ready"')})`))
    .withPanel(number('Monitored', 'short', `count(${each('steward_managedvm_info')})`))
    .withPanel(unwanted('Not as promised', `count(${vms('type="SLACompliant",status="False"')})`))
    .withPanel(unwanted('Waiting for somebody to act', `count(${vms('type="Stalled",status="True"')})`))
    .withPanel(
      lines(
        'Monitored, by level',
        'short',
        `count by (service_level) (${each('steward_managedvm_info', 'service_level')})`,
        '{{service_level}}',
      ),
    )
    .withPanel(
      lines(
        'Whether it is as promised',
        'short',
        `count by (status) (${vms('type="SLACompliant"', 'status')})`,
        '{{status}}',
      ),
    )
    .withPanel(
      table(
        'Conditions that are False',
        'short',
        `count by (type, reason) (${vms('status="False",type!~"Reconciling|Stalled"', 'type', 'reason')})`,
        'ManagedVMs',
      ),
    )
    .withPanel(
      table('ManagedVMs that are not ready', 'short', vms('type="Ready",status!="True"', 'status', 'reason'), 'now'),
    );
}

function addTrouble(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Trouble'))
    .withPanel(
      table(
        'Alerts that fire',
        'short',
        `count by (alertname, severity) (ALERTS{alertstate="firing",${HERE}})`,
        'alerts',
      ),
    )
    .withPanel(
      lines(
        'Open incidents, by priority',
        'short',
        `sum by (priority) (max by (namespace, priority, scope, phase) (steward_incident_open{${HERE}}))`,
        '{{priority}}',
      ),
    )
    .withPanel(
      lines(
        'VMs that shall run and whose agent does not answer',
        'short',
        `count((${each('steward_managedvm_power_wanted')} == 1) unless (${each('steward_managedvm_agent_connected')} == 1)) or vector(0)`,
        'VMs',
      ),
    )
    .withPanel(
      lines(
        'Open Problems, by phase',
        'short',
        `sum by (phase) (max by (namespace, phase) (steward_problem_open{${HERE}}))`,
        '{{phase}}',
      ),
    );
}

function addUpkeep(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Upkeep'))
    .withPanel(
      lines(
        'Updates that are missing, by severity',
        'short',
        `sum by (severity) (${each('steward_patch_missing_updates', 'severity', 'bucket')})`,
        '{{severity}}',
      ),
    )
    .withPanel(
      lines(
        'Age of the newest backup, oldest ten',
        's',
        `topk(10, time() - ${each('steward_backup_last_recovery_point_timestamp_seconds')})`,
        '{{namespace}}/{{managed_vm}}',
      ),
    );
}

function addSteward(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Steward'))
    .withPanel(number('Replicas that lead', 'short', 'sum(leader_election_master_status{name="steward"})'))
    .withPanel(
      number(
        'Last answer of Prometheus to it',
        'dateTimeFromNow',
        '1000 * max(steward_prometheus_last_success_timestamp_seconds)',
      ),
    )
    .withPanel(number('Objects that wait for their turn', 'short', 'sum(workqueue_depth)'));
}
