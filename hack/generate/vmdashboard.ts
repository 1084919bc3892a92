import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { cpuUse, fileSystemUse, memoryUse } from '../../src/domain/monitoring/sensoralerts.ts';
import { DEFAULT_THRESHOLDS } from '../../src/domain/monitoring/thresholds.ts';
import { choice, dashboardOf, judged, limited, lines, number, table } from './panels.ts';

const CHOSEN = 'namespace="$namespace",managed_vm="$managed_vm"';
const own = (metric: string, more = '') => `${metric}{${CHOSEN}${more}}`;
const condition = (conditions: string) =>
  `steward_condition{kind="ManagedVM",namespace="$namespace",name="$managed_vm",${conditions}}`;

/** One ManagedVM: whether its promises are kept, how its guest fares, and how it is looked after. Its limits are those of its alerts. */
export function vmDashboard(): DashboardBuilder {
  const dashboard = dashboardOf(
    'Managed VM',
    'One monitored ManagedVM. Limits are the defaults; its own stand in its order.',
  )
    .withVariable(choice('namespace', 'steward_managedvm_info'))
    .withVariable(choice('managed_vm', 'steward_managedvm_info{namespace="$namespace"}'));
  addPromises(dashboard);
  addGuest(dashboard);
  addUpkeep(dashboard);
  return dashboard;
}

function addPromises(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Promises'))
    .withPanel(judged('Shall run', 'bool_yes_no', `max(${own('steward_managedvm_power_wanted')})`, 0))
    .withPanel(judged('Agent answers', 'bool_yes_no', `max(${own('steward_managedvm_agent_connected')})`, 1))
    .withPanel(judged('Sensors are read', 'bool_yes_no', `max(${own('up', ',application=""')})`, 1))
    .withPanel(
      number(
        'Guest started',
        'dateTimeFromNow',
        `1000 * max(${own('steward_managedvm_guest_started_timestamp_seconds')})`,
      ),
    )
    .withPanel(
      table(
        'Conditions',
        'short',
        `max by (type, status, reason) (${condition('type!~"Reconciling|Stalled"')})`,
        'now',
      ),
    )
    .withPanel(table('Alerts', 'short', `max by (alertname, severity, alertstate) (${own('ALERTS')})`, 'now'));
}

function addGuest(dashboard: DashboardBuilder): void {
  const { cpuPercent, memoryPercent, fileSystemCriticalPercent } = DEFAULT_THRESHOLDS;
  dashboard
    .withRow(new RowBuilder('Guest'))
    .withPanel(limited(lines('CPU in use', 'percent', cpuUse(CHOSEN), 'CPU'), 'above', cpuPercent))
    .withPanel(limited(lines('Memory in use', 'percent', memoryUse(CHOSEN), 'memory'), 'above', memoryPercent))
    .withPanel(
      limited(
        lines('File systems in use', 'percent', fileSystemUse(CHOSEN), '{{mountpoint}}'),
        'above',
        fileSystemCriticalPercent,
      ),
    )
    .withPanel(
      lines(
        'Services that must run',
        'short',
        `max by (service) (${own('steward_managedvm_expected_service')})`,
        '{{service}}',
      ),
    );
}

function addUpkeep(dashboard: DashboardBuilder): void {
  const ago = (metric: string) => `time() - max(${own(metric)})`;
  dashboard
    .withRow(new RowBuilder('Upkeep'))
    .withPanel(
      lines(
        'Updates that are missing',
        'short',
        `sum by (severity) (max by (severity, bucket) (${own('steward_patch_missing_updates')}))`,
        '{{severity}}',
      ),
    )
    .withPanel(
      lines('Age of the newest backup', 's', ago('steward_backup_last_recovery_point_timestamp_seconds'), 'backup'),
    )
    .withPanel(
      number(
        'Last PatchRun that succeeded',
        'dateTimeFromNow',
        `1000 * max(${own('steward_patch_last_success_timestamp_seconds')})`,
      ).noValue('none'),
    )
    .withPanel(
      number(
        'Last restore that worked',
        'dateTimeFromNow',
        `1000 * max(${own('steward_backup_last_verified_timestamp_seconds')})`,
      ).noValue('none'),
    );
}
