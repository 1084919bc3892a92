import { ORDERERS_REASONS } from '../contract/reasons.ts';
import { type Alert, IDENTITY, lines, SUBJECT } from '../monitoring/alerts.ts';
import { PROMISES } from './promises.ts';

/** Namespace of the operator, as the chart fills it in. */
export const OPERATOR_NAMESPACE = '@NAMESPACE@';

/** Who must be told at once that data or access is gone, whatever else holds. */
const LOSSES = ['DiskLost', 'KeysLost'];

/** What to do about a stuck deletion is another thing than about an order that cannot be carried out. */
const DELETION_BLOCKED = 'DeletionBlocked';

/**
 * Which alert tells that a promise is broken. Those of a guest's namespace (alerts.ts) look at the guest itself and are sooner;
 * the others look at the condition.
 */
export const TELLS: Readonly<Record<string, string>> = {
  Provisioned: 'ManagedVMStalled',
  Available: 'ManagedVMDown',
  Supported: 'ManagedVMUnsupported',
  Monitored: 'ManagedVMNotMonitored',
  BackupCompliant: 'ManagedVMBackupOverdue',
};

/** Promises without an alert of their own. */
const OTHERS = PROMISES.filter(type => TELLS[type] === undefined);

/**
 * Alerts of the whole cluster on what the conditions say (`steward_condition`), one rule object for all namespaces: promises are broken at
 * every level, and an object in deletion or a catalogue entry has no namespace whose rules could look after it. What only whoever wrote
 * an order can put right is told by its condition and its events and pages nobody.
 */
export function promiseAlerts(): Alert[] {
  const theirs = `reason!~"${ORDERERS_REASONS.join('|')}"`;
  const stalled = `type="Stalled",status="True",reason!~"${[...ORDERERS_REASONS, ...LOSSES, DELETION_BLOCKED].join('|')}"`;
  return [
    {
      alert: 'ManagedVMDiskLost',
      expr: virtualMachines('reason="DiskLost"'),
      for: '1m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} has lost a disk',
      description: `A disk of ${SUBJECT} that held data is gone. Nothing is made in its place, and its backups are kept until a person decides.`,
    },
    {
      alert: 'ManagedVMKeysLost',
      expr: virtualMachines('reason="KeysLost"'),
      for: '1m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: the keys of its guest are lost',
      description: `The keys that the guest of ${SUBJECT} knows are gone: the provider can no longer log in to it.`,
    },
    {
      alert: 'ManagedVMBackupOverdue',
      expr: virtualMachines(`type="BackupCompliant",status="False",${theirs}`),
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: no backup within the objective',
      description: `${SUBJECT} has had no usable backup within its recovery point objective for 15 minutes; its condition BackupCompliant says since when and why.`,
    },
    {
      alert: 'ManagedVMStalled',
      expr: virtualMachines(stalled),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} waits for somebody to act',
      description: `The order of ${SUBJECT} has not been carried out for 15 minutes and does not go on by itself; its condition Stalled says why.`,
    },
    {
      alert: 'ManagedVMDeletionStuck',
      expr: virtualMachines(`type="Stalled",status="True",reason="${DELETION_BLOCKED}"`),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} cannot be deleted',
      description: `The deletion of ${SUBJECT} waits for objects that do not go; its status.waitingFor names them.`,
    },
    {
      alert: 'ManagedVMUnsupported',
      expr: virtualMachines(`type="Supported",status="False",${theirs}`),
      for: '1h',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} runs a system that is not supported',
      description: `The operating system of ${SUBJECT} is not supported by its vendor any more, or is not the one that was ordered; its condition Supported says which.`,
    },
    {
      alert: 'ManagedVMNotMonitored',
      // A guest that cannot be read has an alert of its own, which is sooner and knows whether it runs.
      expr: virtualMachines(
        `type="Monitored",status="False",reason!~"${[...ORDERERS_REASONS, 'GuestNotScraped'].join('|')}"`,
      ),
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} is not watched',
      description: `${SUBJECT} has not been watched as its level promises for 15 minutes; its condition Monitored says what is missing.`,
    },
    {
      alert: 'ManagedVMPromiseBroken',
      expr: virtualMachines(`type=~"${OTHERS.join('|')}",status="False",${theirs}`, 'type'),
      for: '1h',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: {{ $labels.type }} is broken',
      description: `${SUBJECT} has not been {{ $labels.type }} for an hour; the condition of that name says why.`,
    },
    {
      alert: 'BackupPolicyNotInForce',
      expr: `max by (namespace, name) (steward_condition{kind="BackupPolicy",type="Ready",status="False",${theirs}})`,
      for: '30m',
      severity: 'warning',
      summary: 'BackupPolicy {{ $labels.namespace }}/{{ $labels.name }} is not in force',
      description:
        'BackupPolicy {{ $labels.namespace }}/{{ $labels.name }} has not been in force for 30 minutes, so it makes no backups or not those that it promises; its condition Ready says why.',
    },
    {
      alert: 'OperatingSystemNotReady',
      expr: 'max by (name) (steward_condition{kind="OperatingSystem",type="Ready",status="False"})',
      for: '15m',
      severity: 'warning',
      summary: 'OperatingSystem {{ $labels.name }} cannot be read',
      description:
        'The catalogue entry {{ $labels.name }} has not been in order for 15 minutes; its condition Ready says why.',
    },
    {
      alert: 'StewardAbsent',
      expr: `absent(leader_election_master_status{namespace="${OPERATOR_NAMESPACE}",name="steward"} == 1)`,
      for: '10m',
      severity: 'critical',
      summary: 'Steward does not work',
      description:
        'No replica of Steward has been leading for 10 minutes, or Prometheus does not see it: orders are not carried out, statuses are those of then, and alerts that need its metrics stay silent.',
    },
  ];
}

/**
 * ManagedVMs with such a condition, by the labels of every alert about one. Level and family are known of monitored VMs only (ADR 0046):
 * where they are missing, the level includes no handling unasked (MO-6). Reasons change while a fault lasts and are no labels.
 */
function virtualMachines(conditions: string, ...more: readonly string[]): string {
  const labels = ['namespace', 'managed_vm', ...more].join(', ');
  const found = `max by (${labels}) (label_replace(steward_condition{kind="ManagedVM",${conditions}}, "managed_vm", "$1", "name", "(.+)"))`;
  return lines(
    found,
    `* on (namespace, managed_vm) group_left (service_level, os_family) max by (${IDENTITY}) (steward_managedvm_info)`,
    `or on (namespace, managed_vm) ${found}`,
  );
}
