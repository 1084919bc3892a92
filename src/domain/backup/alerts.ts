import type { BackupPolicy } from '../../api/backuppolicy.ts';
import { secondsOf } from '../../api/duration.ts';
import { type Alert, describedVM, lines, SUBJECT } from '../contract/alert.ts';
import type { BackupPlan } from './backupplan.ts';
import { kindOfPolicy, LABELLED_POLICY, policySubject } from './policykind.ts';

/** From this share of an objective on the promise is at risk. */
const AT_RISK = 0.8;

/**
 * Alerts about the backups of one policy, at its own targets (AP-13, GE-14). Instants and counts come from the operator's metrics
 * `steward_backup_*` of each ManagedVM; the arithmetic is Prometheus', so that a deadline is noticed while nothing else happens.
 */
export function backupAlerts({ metadata, spec }: BackupPolicy, plan: BackupPlan): readonly Alert[] {
  const { namespace, name } = metadata;
  const kind = kindOfPolicy(metadata);
  const policy = policySubject(metadata);
  const place = namespace === undefined ? '' : `namespace="${namespace}",`;
  const of = (series: string): string => `steward_backup_${series}{${place}policy_kind="${kind}",policy="${name}"}`;
  const said = `steward_condition{kind="${kind}",${place}name="${name}"`;
  const each = (expr: string): string => `max by (namespace, managed_vm) (${expr})`;
  const objective = secondsOf(spec.recoveryPointObjective);
  const left = Math.round(objective - riskAfter(objective, plan));
  return [
    {
      alert: 'ManagedVMBackupAtRisk',
      expr: ofVM(`${each(of('deadline_timestamp_seconds'))} - time() <= ${left} > 0`),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the recovery point objective is at risk',
      description: `${SUBJECT} breaks the recovery point objective of ${spec.recoveryPointObjective} (${policy}) in {{ $value | humanizeDuration }} unless a backup succeeds.`,
    },
    {
      alert: 'ManagedVMBackupTooOld',
      expr: ofVM(`time() - ${each(of('deadline_timestamp_seconds'))} >= 0`),
      for: '5m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: the recovery point objective is violated',
      description: `${SUBJECT} has broken the recovery point objective of ${spec.recoveryPointObjective} (${policy}) for {{ $value | humanizeDuration }}.`,
    },
    ...restoreAlerts(spec, policy, series => each(of(series))),
    ...retentionAlerts(spec, policy, { of, each }),
    {
      alert: 'BackupPolicyStorageDown',
      expr: `max by (kind, namespace, name) (${said},type="StorageAvailable",status!="True",reason=~"StorageLocation(NotFound|Unavailable|ReadOnly)|VeleroNotInstalled"})`,
      for: '15m',
      severity: 'critical',
      summary: `${policy}: backups have no place to go`,
      description: `Velero, or the storage location of ${LABELLED_POLICY}, has been out of reach for 15 minutes; its condition StorageAvailable says why.`,
    },
    {
      alert: 'BackupPolicyNotWatched',
      expr: `max by (kind, namespace, name) (absent(${said},type="Ready"}))`,
      for: '15m',
      severity: 'critical',
      summary: `${policy} is not watched`,
      description: `Prometheus has had no metrics about ${LABELLED_POLICY} for 15 minutes: the alerts on its backups stay silent whatever happens.`,
    },
  ];
}

/** Seconds after a recovery point at which the objective is at risk: at 80 %, but not while the next run may still come in time. */
function riskAfter(objective: number, { gap }: BackupPlan): number {
  const interval = gap === undefined ? 0 : (gap.to.getTime() - gap.from.getTime()) / 1000;
  return interval < objective ? Math.max(AT_RISK * objective, (interval + objective) / 2) : AT_RISK * objective;
}

function restoreAlerts(
  { verification, recoveryTimeObjective: objective }: BackupPolicy['spec'],
  policy: string,
  each: (series: string) => string,
): readonly Alert[] {
  const verified: readonly Alert[] = [
    {
      alert: 'ManagedVMRestoreFailed',
      expr: ofVM(`${each('restore_failed')} == 1`),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: the last restore failed',
      description: `The last restore of ${SUBJECT} failed, and none has worked since; its condition RestoreVerified says at what.`,
    },
    {
      alert: 'ManagedVMRestoreOverdue',
      expr: ofVM(`time() - ${each('verification_deadline_timestamp_seconds')} >= 0`),
      for: '1h',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: a restore is overdue',
      description: `No restore of ${SUBJECT} has worked within ${verification?.maxAge} (${policy}); one has been due for {{ $value | humanizeDuration }}.`,
    },
  ];
  const timed: readonly Alert[] = [
    {
      alert: 'ManagedVMRestoreAtRisk',
      expr: ofVM(
        `${each('restore_p95_seconds')} > ${Math.round(AT_RISK * secondsOf(objective ?? '0s'))} <= ${secondsOf(objective ?? '0s')}`,
      ),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: restores take nearly as long as is promised',
      description: `Restores of ${SUBJECT} take {{ $value | humanizeDuration }} (95 of 100); ${objective} are promised (${policy}).`,
    },
    {
      alert: 'ManagedVMRestoreTooSlow',
      expr: ofVM(`${each('restore_p95_seconds')} > ${secondsOf(objective ?? '0s')}`),
      for: '5m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }}: restores take longer than is promised',
      description: `Restores of ${SUBJECT} take {{ $value | humanizeDuration }} (95 of 100); ${objective} are promised (${policy}).`,
    },
  ];
  return [...(verification ? verified : []), ...(objective ? timed : [])];
}

function retentionAlerts(
  { retention }: BackupPolicy['spec'],
  policy: string,
  { of, each }: { readonly of: (series: string) => string; readonly each: (expr: string) => string },
): readonly Alert[] {
  const tooLong: Alert = {
    alert: 'ManagedVMBackupsKeptTooLong',
    expr: ofVM(`${each(of('kept_too_long'))} > 0`),
    for: '1h',
    severity: 'warning',
    summary: '{{ $labels.managed_vm }}: backups are kept too long',
    description: `{{ $value | printf "%.0f" }} backups of ${SUBJECT} are older than ${retention?.maximum} (${policy}): a backup is no archive.`,
  };
  return [
    {
      alert: 'ManagedVMBackupPointsMissing',
      expr: ofVM(`${each(of('points_missing'))} > 0`),
      for: '15m',
      severity: 'warning',
      summary: '{{ $labels.managed_vm }} has fewer recovery points than promised',
      description: `{{ $value | printf "%.0f" }} runs of a tier of ${policy} have left no recovery point of ${SUBJECT}; its condition RetentionMet says of which.`,
    },
    {
      alert: 'ManagedVMBackupPointVanished',
      expr: ofVM(`${each(of('points_vanished'))} > 0`),
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }}: a recovery point has vanished',
      description: `{{ $value | printf "%.0f" }} recovery points of ${SUBJECT} have gone before their term (${policy}); status.backup.vanished names them.`,
    },
    ...(retention?.maximum === undefined ? [] : [tooLong]),
  ];
}

/** Of a VM at any level: backups are promised where they were ordered. */
function ofVM(found: string): string {
  return lines(describedVM(`(${found})`), `or on (namespace, managed_vm) (${found})`);
}
