/** Alerts on the backups under one policy: 26 hours between points, a restore within 4 hours proved every 840, none kept beyond 9600. */
import { constant, type Situation, series } from './world.ts';

const HOUR = 3600;
/** Seconds at a minute of the test, whose clock begins at zero. */
const at = (minute: number): number => minute * 60;

/** Fires from `minute` on and not before, at exactly that value. */
function both(
  alert: string,
  fires: {
    readonly name: string;
    readonly world: Situation['world'];
    readonly minute: number;
    readonly labels?: Situation['fires'];
  },
  silent: { readonly name: string; readonly world: Situation['world']; readonly minute: number },
): readonly Situation[] {
  const { labels = [{}] } = fires;
  return [
    { name: fires.name, alert, world: fires.world, minute: fires.minute, fires: labels },
    { name: silent.name, alert, world: silent.world, minute: silent.minute, fires: [] },
  ];
}

const storage = (status: string, reason: string) =>
  series.condition('StorageAvailable', status, reason, 'BackupPolicy', 'daily');
const deadline = (seconds: number): Situation['world'] => ({
  [series.backup('deadline_timestamp_seconds')]: constant(seconds),
});
const due = (seconds: number): Situation['world'] => ({
  [series.backup('verification_deadline_timestamp_seconds')]: constant(seconds),
});
const restores = (seconds: number): Situation['world'] => ({
  [series.backup('restore_p95_seconds')]: constant(seconds),
});
const missing = (points: number): Situation['world'] => ({
  [series.backup('points_missing', 'tier="daily"')]: constant(points),
});

export const backupSituations: readonly Situation[] = [
  // A daily run and 26 hours leave two; half of them is later than 80 % of the objective.
  ...both(
    'ManagedVMBackupAtRisk',
    { name: 'an hour before the objective is broken, and five minutes', world: deadline(at(120) + HOUR), minute: 125 },
    { name: 'a run that may still come in time', world: deadline(at(120) + HOUR), minute: 119 },
  ),
  {
    ...{ name: 'an objective that is broken already', alert: 'ManagedVMBackupAtRisk' },
    ...{ world: deadline(at(60)), minute: 90, fires: [] },
  },
  ...both(
    'ManagedVMBackupTooOld',
    { name: 'an objective broken for five minutes', world: deadline(at(60)), minute: 65 },
    { name: 'one that breaks in the next', world: deadline(at(61)), minute: 60 },
  ),
  {
    name: 'an objective broken at a level without monitoring',
    alert: 'ManagedVMBackupTooOld',
    world: { ...deadline(at(60)), [series.info]: undefined, [series.infoOfStandby]: undefined },
    minute: 65,
    fires: [{ service_level: '', os_family: '' }],
  },
  ...both(
    'ManagedVMRestoreFailed',
    { name: 'a restore that failed', world: { [series.backup('restore_failed')]: constant(1) }, minute: 5 },
    { name: 'one that worked', world: { [series.backup('restore_failed')]: constant(0) }, minute: 60 },
  ),
  ...both(
    'ManagedVMRestoreOverdue',
    { name: 'a restore that has been due for an hour', world: due(at(60)), minute: 120 },
    { name: 'one that is due later', world: due(at(200)), minute: 199 },
  ),
  ...both(
    'ManagedVMRestoreAtRisk',
    { name: 'restores that take more than 80 % of the objective', world: restores(3.3 * HOUR), minute: 5 },
    { name: 'restores that take exactly that', world: restores(3.2 * HOUR), minute: 60 },
  ),
  ...both(
    'ManagedVMRestoreTooSlow',
    { name: 'restores that take a second longer than promised', world: restores(4 * HOUR + 1), minute: 5 },
    { name: 'restores that take as long as promised', world: restores(4 * HOUR), minute: 60 },
  ),
  ...both(
    'ManagedVMBackupPointsMissing',
    { name: 'a run that left no point', world: missing(1), minute: 15 },
    { name: 'none', world: missing(0), minute: 60 },
  ),
  ...both(
    'ManagedVMBackupPointVanished',
    { name: 'a point that has gone', world: { [series.backup('points_vanished')]: constant(1) }, minute: 15 },
    { name: 'one that came back', world: { [series.backup('points_vanished')]: '1x9 0x590' }, minute: 60 },
  ),
  ...both(
    'ManagedVMBackupsKeptTooLong',
    {
      name: 'a backup beyond the longest retention',
      world: { [series.backup('kept_too_long')]: constant(2) },
      minute: 60,
    },
    { name: 'none', world: { [series.backup('kept_too_long')]: constant(0) }, minute: 120 },
  ),
  ...both(
    'BackupPolicyStorageDown',
    {
      ...{
        name: 'a location that cannot be reached',
        world: { [storage('False', 'StorageLocationUnavailable')]: constant(1) },
      },
      ...{ minute: 15, labels: [{ kind: 'BackupPolicy', namespace: 'acme', name: 'daily' }] },
    },
    {
      ...{ name: 'a location that the customer may not use', minute: 60 },
      world: { [storage('False', 'StorageLocationNotPermitted')]: constant(1) },
    },
  ),
  {
    name: 'Velero gone',
    alert: 'BackupPolicyStorageDown',
    world: { [storage('Unknown', 'VeleroNotInstalled')]: constant(1) },
    minute: 15,
    fires: [{ kind: 'BackupPolicy', namespace: 'acme', name: 'daily' }],
  },
  ...both(
    'BackupPolicyNotWatched',
    {
      ...{
        name: 'no metrics about the policy',
        minute: 15,
        labels: [{ kind: 'BackupPolicy', namespace: 'acme', name: 'daily' }],
      },
      world: { [series.condition('Ready', 'True', 'InForce', 'BackupPolicy', 'daily')]: undefined },
    },
    { name: 'metrics about it', world: {}, minute: 60 },
  ),
];
