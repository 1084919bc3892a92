import { Gauge, type Registry } from 'prom-client';
import type { ManagedVMStatus } from '../../api/managedvm.ts';
import type { ObjectMeta } from '../../runtime/api/object.ts';
import { ExportedSeries } from './exportedseries.ts';

const IDENTITY = ['namespace', 'managed_vm', 'policy_kind', 'policy'] as const;

/** What a ManagedVM's status tells of its backups. */
export type BackupsTold = ManagedVMStatus['backup'];

export type BackupMetrics = {
  /** Exports what the status of a ManagedVM says of its backups; undefined: nothing any more. */
  record(metadata: ObjectMeta, told: BackupsTold): void;
  /** Takes back what was exported of the ManagedVM with this UID. */
  forget(uid: string): void;
};

/** Gauges by which alert rules know how backups stand (AP-13): instants, seconds and counts, never ages. */
export function backupMetrics(registry: Registry): BackupMetrics {
  const registers = [registry];
  const gauge = (name: string, help: string, ...more: readonly string[]) =>
    new Gauge({ name: `steward_backup_${name}`, help, labelNames: [...IDENTITY, ...more], registers });
  const point = gauge('last_recovery_point_timestamp_seconds', 'When the newest usable backup started.');
  const deadline = gauge(
    'deadline_timestamp_seconds',
    'When the recovery point objective is broken unless a newer backup succeeds.',
  );
  const verified = gauge('last_verified_timestamp_seconds', 'When a restore last worked.');
  const due = gauge(
    'verification_deadline_timestamp_seconds',
    'When RestoreVerified is broken unless another restore works.',
  );
  const failed = gauge('restore_failed', '1 where the last restore failed, else 0.');
  const restore = gauge('restore_seconds', 'Seconds that the last restore took from request to proof.');
  const restoreP95 = gauge('restore_p95_seconds', 'Seconds that 95 of 100 measured restores took at most.');
  const duration = gauge('duration_p95_seconds', 'Seconds that 95 of 100 backups took at most.');
  const wanted = gauge('points_wanted', 'Runs of a tier that should have left a point that is still kept.', 'tier');
  const had = gauge('points', 'Recovery points of a tier.', 'tier');
  const missing = gauge('points_missing', 'Wanted runs of a tier that have no point.', 'tier');
  const vanished = gauge('points_vanished', 'Recovery points that have gone before their term.');
  const tooLong = gauge('kept_too_long', 'Backups that are there for longer than the policy allows any.');
  const series = new ExportedSeries();

  const set = ({ namespace = '', name }: ObjectMeta, told: NonNullable<BackupsTold>): (() => void) => {
    const { policy, policyKind = 'BackupPolicy' } = told;
    const identity = { namespace, managed_vm: name, policy_kind: policyKind, policy };
    const removals: (() => void)[] = [];
    const exported = (metric: Gauge, value: number | undefined, more: Readonly<Record<string, string>> = {}) => {
      if (value === undefined) return;
      const labels = { ...identity, ...more };
      metric.set(labels, value);
      removals.push(() => metric.remove(labels));
    };
    exported(point, seconds(told.lastRecoveryPoint));
    exported(deadline, seconds(told.deadline));
    exported(verified, seconds(told.verified?.[0]?.time));
    exported(due, seconds(told.verificationDeadline));
    exported(failed, Number(told.failedRestore !== undefined));
    exported(restore, told.recoveryTime?.last);
    exported(restoreP95, told.recoveryTime?.p95);
    exported(duration, told.duration?.p95);
    exported(vanished, told.vanished?.length ?? 0);
    exported(tooLong, told.keptTooLong ?? 0);
    for (const tier of told.tiers ?? []) {
      exported(wanted, tier.wanted, { tier: tier.name });
      exported(had, tier.had, { tier: tier.name });
      exported(missing, tier.missing, { tier: tier.name });
    }
    return () => {
      for (const remove of removals) remove();
    };
  };

  return {
    forget: uid => series.forget(uid),
    record: (metadata, told) => {
      if (told === undefined) series.forget(metadata.uid ?? '');
      else series.export(metadata, JSON.stringify(told), () => set(metadata, told));
    },
  };
}

function seconds(instant: string | undefined): number | undefined {
  return instant === undefined ? undefined : Date.parse(instant) / 1000;
}
