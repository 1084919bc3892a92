import { describe, expect, it } from 'vitest';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import { scheduleName } from '../contract/child.ts';
import { managedVMOf } from '../managedvm/rendering.fixtures.ts';
import {
  backedUpVM,
  backupOf,
  backupPolicyOf,
  bounds,
  contentsWith,
  scheduleOf,
  storageLocationOf,
} from './backup.fixtures.ts';
import { backupCompliance } from './backupcompliance.ts';
import type { ComplianceFacts } from './compliancefacts.ts';
import type { Contents } from './inspections.ts';
import { PARTS } from './parts.ts';
import type { BackupStorageLocation } from './velero.ts';

const at =
  (...locations: readonly BackupStorageLocation[]): ComplianceFacts['storageLocation'] =>
  name =>
    locations.find(({ metadata }) => metadata.name === name);

/** A day after the newest backup, an hour before the next; 26 hours are allowed. */
const facts: ComplianceFacts = {
  managedVM: backedUpVM(),
  policy: backupPolicyOf({ consistency: 'CrashConsistent' }),
  policyKindInstalled: true,
  veleroAvailable: true,
  bounds,
  permitted: ['default'],
  storageLocation: at(storageLocationOf('Available')),
  schedules: [scheduleOf('2026-11-01T00:00:00Z')],
  backups: [backupOf('monday', '2026-11-23T01:00:00Z')],
  machine: { holds: new Map(), virtualMachineInstance: undefined },
  contents: () => contentsWith('Held'),
  now: new Date('2026-11-24T00:00:00Z'),
};
const policy = (spec: Record<string, unknown>) => ({
  ...backupPolicyOf(),
  spec: { ...backupPolicyOf({ consistency: 'CrashConsistent' }).spec, ...spec },
});
const failed = backupOf('tuesday', '2026-11-24T01:00:00Z', { phase: 'PartiallyFailed', errors: 3 });

describe('AP-6, AP-13: BackupCompliant', () => {
  it.each<[string, Partial<ComplianceFacts>, string, string]>([
    ['the newest usable backup is younger than the objective', {}, 'True', 'RecoveryPointGood'],
    ['it is younger by a second', { now: new Date('2026-11-24T02:59:59Z') }, 'True', 'RecoveryPointGood'],
    ['it reaches the objective', { now: new Date('2026-11-24T03:00:00Z') }, 'False', 'RecoveryPointTooOld'],
    [
      'only a newer, failed backup exists beside it',
      { backups: [failed, ...facts.backups], now: new Date('2026-11-24T04:00:00Z') },
      'False',
      'RecoveryPointTooOld',
    ],
    [
      'there is no backup and the first is not due',
      { backups: [], schedules: [scheduleOf('2026-11-23T12:00:00Z')] },
      'Unknown',
      'NoBackupYet',
    ],
    [
      'there is no backup when the first was due',
      { backups: [], schedules: [scheduleOf('2026-11-22T22:00:00Z')] },
      'False',
      'RecoveryPointTooOld',
    ],
    ['there is neither a backup nor a Schedule', { backups: [], schedules: [] }, 'Unknown', 'NoBackupYet'],
    [
      'no policy is named',
      { managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }) },
      'Unknown',
      'NotIncluded',
    ],
    ['the policy does not exist', { policy: undefined }, 'False', 'PolicyNotFound'],
    [
      'the policy of the provider does not exist, which the customer cannot mend',
      {
        policy: undefined,
        managedVM: backedUpVM('x', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'daily' } }),
      },
      'False',
      'ClusterBackupPolicyNotFound',
    ],
    [
      'the policy’s kind is not installed',
      {
        policy: undefined,
        policyKindInstalled: false,
        managedVM: backedUpVM('x', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'daily' } }),
      },
      'Unknown',
      'ClusterBackupPolicyNotInstalled',
    ],
    ['the zone does not exist', { policy: policy({ timeZone: 'Europe/Atlantis' }) }, 'False', 'InvalidTimeZone'],
    [
      'backups expire before the next one is made',
      { policy: policy({ tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '1h' }] }) },
      'False',
      'RetentionTooShort',
    ],
    [
      'a tier runs more often than the provider allows',
      { policy: policy({ tiers: [{ name: 'fast', schedule: '* * * * *', retention: '720h' }] }) },
      'False',
      'ScheduleTooFrequent',
    ],
    [
      'a tier keeps backups longer than the provider allows',
      { policy: policy({ tiers: [{ name: 'daily', schedule: '0 1 * * *', retention: '999999h' }] }) },
      'False',
      'RetentionTooLong',
    ],
    [
      'the namespace may not use the storage location',
      { permitted: ['site-b'], storageLocation: at() },
      'False',
      'StorageLocationNotPermitted',
    ],
    ['it is not known what the namespace may use', { permitted: undefined }, 'Unknown', 'NamespaceNotObserved'],
    [
      'a schedule cannot be read',
      { policy: policy({ tiers: [{ name: 'daily', schedule: '99 * * * *', retention: '1h' }] }) },
      'False',
      'InvalidSchedule',
    ],
    [
      'the schedules cannot keep the objective, even while the newest backup is young',
      { policy: policy({ recoveryPointObjective: '24h' }) },
      'False',
      'ScheduleCannotMeetRPO',
    ],
    [
      'Velero is not installed',
      { veleroAvailable: false, backups: [], schedules: [], storageLocation: at() },
      'Unknown',
      'VeleroNotInstalled',
    ],
    ['the storage location does not exist', { storageLocation: at() }, 'False', 'StorageLocationNotFound'],
    [
      'the storage location is unavailable',
      { storageLocation: at(storageLocationOf('Unavailable')) },
      'False',
      'StorageLocationUnavailable',
    ],
    [
      'the storage location is read-only',
      { storageLocation: at(storageLocationOf('Available', { accessMode: 'ReadOnly' })) },
      'False',
      'StorageLocationReadOnly',
    ],
    [
      'the storage location has not been validated',
      { storageLocation: at(storageLocationOf(undefined)) },
      'Unknown',
      'StorageLocationNotValidated',
    ],
    [
      'Velero lacks its plug-ins',
      { heartbeat: { answer: { at: new Date('2026-11-24T00:00:00Z'), version: 'v1.18.3', plugins: [] } } },
      'False',
      'VeleroPluginMissing',
    ],
    [
      'Velero is silent',
      { heartbeat: { answer: { at: new Date('2026-11-23T23:50:00Z'), version: 'v1.18.3', plugins: [] } } },
      'False',
      'VeleroSilent',
    ],
    [
      'Velero refuses the Schedule',
      {
        schedules: [
          scheduleOf('2026-11-01T00:00:00Z', { phase: 'FailedValidation', validationErrors: ['invalid schedule: x'] }),
        ],
      },
      'False',
      'ScheduleRefused',
    ],
  ])('when %s', (_, changed, status, reason) => {
    expect(backupCompliance({ ...facts, ...changed }).verdict).toMatchObject({
      status,
      reason,
    });
  });

  it('AP-6: says that the policy in force is one of the provider', () => {
    const managedVM = backedUpVM('shop-db', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'daily' } });
    expect(backupCompliance({ ...facts, managedVM }).backup).toMatchObject({
      ...{ policy: 'daily', policyKind: 'ClusterBackupPolicy' },
    });
    expect(backupCompliance(facts).backup).not.toHaveProperty('policyKind');
  });

  it('shows its arithmetic', () => {
    expect(backupCompliance(facts).parts.RPOMet.message).toBe(
      'The newest usable backup monday holds each disk as of 2026-11-23T01:00:00Z; BackupPolicy daily allows 26h, so it suffices until 2026-11-24T03:00:00Z.',
    );
  });

  it('is the sum of its parts: it counts them, and carries the reason and the words of the one that decides', () => {
    const failing = { ...facts, storageLocation: at(storageLocationOf('Available', { accessMode: 'ReadOnly' })) };
    const { parts, verdict } = backupCompliance(failing);
    expect(PARTS.map(part => `${part} ${parts[part].status} ${parts[part].reason}`)).toEqual([
      'StorageAvailable False StorageLocationReadOnly',
      'RPOMet True RecoveryPointGood',
      'RestoreVerified Unknown NotIncluded',
      'RTOMet Unknown NotIncluded',
      'RetentionMet True PointsKept',
      'ConsistencyMet True ConsistencyProven',
    ]);
    expect(verdict).toEqual({
      ...{ status: 'False', reason: 'StorageLocationReadOnly' },
      message:
        '3 of 4 parts of the promise are kept: RPOMet, RetentionMet, ConsistencyMet; 1 broken: StorageAvailable (StorageLocationReadOnly); not asked for: RestoreVerified, RTOMet. BackupStorageLocation default is read-only, so no backups are made.',
    });
  });

  it('lets no fault of the customer hide one of the provider (GE-4)', () => {
    const infeasible = policy({ recoveryPointObjective: '24h', storageLocation: 'gone' });
    const both = { ...facts, policy: infeasible, permitted: ['*'] };
    expect(backupCompliance(both).verdict.reason).toBe('StorageLocationNotFound');
    expect(backupCompliance({ ...facts, policy: policy({ recoveryPointObjective: '24h' }) }).verdict.reason).toBe(
      'ScheduleCannotMeetRPO',
    );
  });

  it('knows nothing of storage and consistency without the policy that asks for them', () => {
    const { parts } = backupCompliance({ ...facts, policy: undefined });
    expect(PARTS.filter(part => parts[part].status === 'False')).toEqual(['RPOMet']);
    expect(PARTS.filter(part => parts[part].status === 'True')).toEqual([]);
  });

  it('says when it broke and what became of the last attempt', () => {
    const late = { ...facts, backups: [failed, ...facts.backups], now: new Date('2026-11-24T04:00:00Z') };
    expect(backupCompliance(late).verdict.message).toContain(
      'BackupPolicy daily allows 26h, so it is too old since 2026-11-24T03:00:00Z.',
    );
    expect(backupCompliance(late).verdict.message).toMatch(/ Backup tuesday is PartiallyFailed \(3 errors\)\.$/);
  });

  it('heals by the next good backup', () => {
    const good = backupOf('wednesday', '2026-11-25T01:00:00Z');
    const healed = { ...facts, backups: [good, failed, ...facts.backups], now: new Date('2026-11-25T01:20:00Z') };
    expect(backupCompliance({ ...healed, backups: [failed, ...facts.backups] }).verdict.status).toBe('False');
    expect(backupCompliance(healed).verdict).toMatchObject({ status: 'True', reason: 'RecoveryPointGood' });
  });

  it('gives a VM that comes under a policy late as long as a new one', () => {
    const old = backedUpVM();
    old.metadata.creationTimestamp = '2020-01-01T00:00:00Z';
    const late = { ...facts, managedVM: old, backups: [], schedules: [scheduleOf('2026-11-23T23:00:00Z')] };
    expect(backupCompliance(late)).toMatchObject({
      verdict: { status: 'Unknown', reason: 'NoBackupYet' },
      backup: { since: '2026-11-23T23:00:00Z', deadline: '2026-11-25T01:00:00Z' },
    });
  });

  it('says what Velero refuses in a Schedule, bounded', () => {
    const refused = { phase: 'FailedValidation', validationErrors: ['x'.repeat(10_000)] };
    const schedules = [scheduleOf('2026-11-01T00:00:00Z', refused)];
    expect(backupCompliance({ ...facts, schedules }).verdict.message.length).toBeLessThan(600);
  });
});

describe('AP-6: BackupCompliant is never True on a word of Velero alone', () => {
  const none = { csiVolumeSnapshotsAttempted: 2, csiVolumeSnapshotsCompleted: 0 };
  const empty = backupOf('empty', '2026-11-23T02:00:00Z', { ...none, warnings: 2 } as object);

  it('False, with the numbers, where the only backup is Completed with zero of two volume snapshots', () => {
    const young = { ...facts, backups: [empty], schedules: [scheduleOf('2026-11-23T01:00:00Z')] };
    expect(backupCompliance(young).verdict).toMatchObject({ status: 'False', reason: 'VolumesMissing' });
    expect(backupCompliance(young).verdict.message).toContain(
      'Backup empty lacks volumes: 0 of 2 CSI volume snapshots completed.',
    );
    const old = { ...facts, backups: [empty] };
    expect(backupCompliance(old).verdict).toMatchObject({ status: 'False', reason: 'VolumesMissing' });
  });

  it('counts an older backup instead, and says what the newest lacks', () => {
    const { verdict, backup } = backupCompliance({ ...facts, backups: [empty, ...facts.backups] });
    expect(verdict).toMatchObject({ status: 'True', reason: 'RecoveryPointGood' });
    expect(verdict.message).toContain('Backup empty lacks volumes');
    expect(backup?.lastBackup).toBe('monday');
  });

  it.each<[string, Contents | undefined, string, string, string]>([
    [
      'skipped its disk',
      contentsWith('Skipped'),
      'False',
      'VolumesMissing',
      'Backup monday is Completed and lacks 1 of 1 disks: root (Velero skipped it).',
    ],
    [
      'failed to save its disk',
      contentsWith('Failed'),
      'False',
      'VolumesMissing',
      'lacks 1 of 1 disks: root (Velero failed to save it).',
    ],
    [
      'tells of no disk at all',
      { volumes: new Map() },
      'False',
      'VolumesMissing',
      'lacks 1 of 1 disks: root (it is not in the backup).',
    ],
    [
      'has not been looked into',
      undefined,
      'Unknown',
      'VolumesNotVerified',
      'What Backup monday holds is not known yet',
    ],
    [
      'cannot be looked into, for the store is down',
      { failure: 'it cannot be reached (ECONNREFUSED)', retryAt: new Date('2026-11-24T00:05:00Z') },
      'Unknown',
      'VolumesNotVerified',
      'What Backup monday holds is not known yet: it could not be read in the store: it cannot be reached (ECONNREFUSED).',
    ],
  ])('whatever its phase: one that %s', (_, contents, status, reason, message) => {
    const { verdict, backup } = backupCompliance({ ...facts, contents: () => contents });
    expect(verdict).toMatchObject({ status, reason });
    expect(verdict.message).toContain(message);
    expect(backup?.lastBackup).toBeUndefined();
  });

  it('and one that was not looked into in time keeps nothing: too old is too old', () => {
    const late = { ...facts, contents: () => undefined, now: new Date('2026-11-24T03:00:00Z') };
    expect(backupCompliance(late).verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
  });

  it('a newer one that lacks a disk, or was not looked into, takes nothing from an older one that is good', () => {
    const newer = backupOf('later', '2026-11-23T20:00:00Z');
    for (const read of [undefined, contentsWith('Skipped')]) {
      const contents = (uid: string) => (uid === 'uid-of-later' ? read : contentsWith('Held'));
      const { verdict, backup } = backupCompliance({ ...facts, contents, backups: [newer, ...facts.backups] });
      expect(verdict).toMatchObject({ status: 'True', reason: 'RecoveryPointGood' });
      expect(verdict.message).toContain('Backup later');
      expect(backup?.lastBackup).toBe('monday');
    }
  });

  it('looks again when one that was not looked into is too old to keep the objective', () => {
    const old = { ...facts, schedules: [scheduleOf('2026-11-01T00:00:00Z')], contents: () => undefined };
    const late = { ...old, now: new Date('2026-11-24T02:00:00Z') };
    expect(backupCompliance(late)).toMatchObject({
      verdict: { status: 'Unknown', reason: 'VolumesNotVerified' },
      nextEdge: new Date('2026-11-24T03:00:00Z'),
    });
  });

  it('looks again when a store that did not answer is asked again', () => {
    const retryAt = new Date('2026-11-24T00:05:00Z');
    expect(backupCompliance({ ...facts, contents: () => ({ failure: 'x', retryAt }) }).nextEdge).toEqual(retryAt);
  });

  it('asks nothing of a hook where a crash-consistent backup is enough', () => {
    const { verdict } = backupCompliance({ ...facts, policy: policy({ consistency: 'CrashConsistent' }) });
    expect(verdict.message).not.toMatch(/hook|Consistent/);
  });

  it.each<[string, object, string, string]>([
    ['no hook ran, and whether the guest ran is not known', {}, 'Unknown', 'ConsistencyNotProven'],
    [
      'hooks ran, and nobody knows of an agent',
      { hookStatus: { hooksAttempted: 2 } },
      'Unknown',
      'ConsistencyNotProven',
    ],
  ])('nor of a consistency that nothing proves: %s', (_, status, verdict, reason) => {
    const backups = [backupOf('monday', '2026-11-23T01:00:00Z', status)];
    const judged = backupCompliance({ ...facts, backups, policy: policy({ consistency: 'FilesystemConsistent' }) });
    expect(judged.verdict).toMatchObject({ status: verdict, reason });
  });
});

describe('AP-6: a backup that cannot be restored does not count', () => {
  const sites = [storageLocationOf('Available'), { ...storageLocationOf('Available'), metadata: { name: 'old-site' } }];
  const elsewhere = (location: string) => {
    const backup = backupOf('moved', '2026-11-23T23:00:00Z');
    return [{ ...backup, spec: { ...backup.spec, storageLocation: location } }];
  };
  const late = { schedules: [scheduleOf('2026-11-01T00:00:00Z')], permitted: ['default', 'old-site'] };

  it('while it lies in another location that is there and may be used, it does', () => {
    const moved = { ...facts, ...late, backups: elsewhere('old-site'), storageLocation: at(...sites) };
    expect(backupCompliance(moved).verdict.reason).toBe('RecoveryPointGood');
  });

  it.each<[string, Partial<ComplianceFacts>, string]>([
    ['in a location that is deleted', {}, 'lies in BackupStorageLocation old-site, which does not exist.'],
    [
      'in a location that is unavailable',
      {
        storageLocation: at(storageLocationOf('Available'), {
          ...storageLocationOf('Unavailable'),
          metadata: { name: 'old-site' },
        }),
      },
      'lies in BackupStorageLocation old-site, which is Unavailable.',
    ],
    [
      'in a location that the namespace may not use, which is not named',
      { permitted: ['default'], storageLocation: at(...sites) },
      'lies in a BackupStorageLocation that the namespace may not use.',
    ],
  ])('%s', (_, changed, why) => {
    const lost = { ...facts, ...late, backups: elsewhere('old-site'), ...changed };
    const { verdict, backup } = backupCompliance(lost);
    expect(verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(verdict.message).toContain(`Backup moved ${why}`);
    expect(backup?.lastBackup).toBeUndefined();
  });

  it('dated in the future, until it is past', () => {
    const backups = [backupOf('planted', '2026-12-18T01:00:00Z')];
    const before = backupCompliance({ ...facts, backups });
    expect(before.verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(before.verdict.message).toContain('Backup planted is dated 2026-12-18T01:00:00Z, which is in the future.');
  });

  it('past its expiration, from that moment on', () => {
    const backups = [backupOf('monday', '2026-11-23T01:00:00Z', { expiration: '2026-11-24T00:30:00Z' })];
    const before = backupCompliance({ ...facts, backups });
    expect(before.verdict.reason).toBe('RecoveryPointGood');
    expect(before.nextEdge).toEqual(new Date('2026-11-24T00:30:00Z'));
    const after = backupCompliance({ ...facts, backups, now: new Date('2026-11-24T00:30:00Z') });
    expect(after.verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(after.verdict.message).toContain('Backup monday expired at 2026-11-24T00:30:00Z.');
  });

  it('planted with our labels and made by no Schedule of ours; it is named', () => {
    const planted = backupOf('planted', '2026-11-23T23:00:00Z');
    const backups = [{ ...planted, metadata: { ...planted.metadata, labels: { ...planted.metadata.labels } } }];
    for (const { metadata } of backups) delete metadata.labels['velero.io/schedule-name'];
    const { verdict } = backupCompliance({ ...facts, backups });
    expect(verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(verdict.message).toContain(
      'Not counted, for no Schedule of this VM has made what its labels claim: Backup planted.',
    );
  });
});

/** As the VM is at its next pass. */
function rememberedBy(managedVM: ManagedVM, backup: ManagedVMStatus['backup']): ManagedVM {
  return { ...managedVM, status: { backup } };
}

describe('AP-13: a broken promise', () => {
  const first = backupCompliance({ ...facts, backups: [], schedules: [scheduleOf('2026-11-22T00:00:00Z')] });
  const vm = rememberedBy(backedUpVM(), first.backup);
  const brokenFacts: ComplianceFacts = { ...facts, managedVM: vm, backups: [] };

  it('is False before anything is done about it', () => {
    expect(first.verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(first.backup).toMatchObject({ since: '2026-11-22T00:00:00Z', deadline: '2026-11-23T02:00:00Z' });
  });

  it.each<[string, Partial<ComplianceFacts>]>([
    ['its tier is renamed, so that its Schedule is another', { schedules: [scheduleOf('2026-11-23T23:59:00Z')] }],
    ['its Schedule is deleted', { schedules: [] }],
    [
      'it names another policy',
      { managedVM: rememberedBy(backedUpVM('shop-db', { backupPolicyRef: { name: 'other' } }), first.backup) },
    ],
    ['Velero is removed', { veleroAvailable: false, schedules: [], storageLocation: at() }],
    ['the storage location is made anew', { storageLocation: at(storageLocationOf(undefined)) }],
    ['its Namespace cannot be read', { permitted: undefined }],
    [
      'it names a kind of policy that is not installed',
      {
        policy: undefined,
        policyKindInstalled: false,
        managedVM: rememberedBy(
          backedUpVM('shop-db', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'daily' } }),
          first.backup,
        ),
      },
    ],
  ])('stays False when %s', (_, changed) => {
    const { verdict, backup } = backupCompliance({ ...brokenFacts, ...changed });
    expect(verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(backup).toMatchObject({ since: '2026-11-22T00:00:00Z', deadline: '2026-11-23T02:00:00Z' });
  });

  it('counts backups of a tier that was renamed', () => {
    const made = backupOf('monday', '2026-11-23T01:00:00Z');
    const old = { 'managed.systems/backup-tier': 'old', 'velero.io/schedule-name': scheduleName(vm, 'old') };
    const backups = [{ ...made, metadata: { ...made.metadata, labels: { ...made.metadata.labels, ...old } } }];
    expect(backupCompliance({ ...brokenFacts, backups }).backup?.lastBackup).toBe('monday');
  });

  it('has no later beginning than now, whatever was written into the status', () => {
    const forged = rememberedBy(backedUpVM(), { policy: 'daily', since: '2030-01-01T00:00:00Z' });
    const { backup } = backupCompliance({ ...brokenFacts, managedVM: forged });
    expect(backup?.since).toBe('2026-11-01T00:00:00Z');
  });

  it('begins at the first look where there is no Schedule yet, and is the same at the next', () => {
    const fresh = backupCompliance({ ...facts, backups: [], schedules: [] });
    expect(fresh.backup).toMatchObject({ since: '2026-11-24T00:00:00Z', deadline: '2026-11-25T02:00:00Z' });
    const next = { managedVM: rememberedBy(backedUpVM(), fresh.backup), now: new Date('2026-11-24T00:10:00Z') };
    expect(backupCompliance({ ...facts, backups: [], schedules: [], ...next }).backup).toEqual(fresh.backup);
  });
});

describe('AP-6: a Schedule that somebody has paused', () => {
  const daily = scheduleName(backedUpVM(), 'daily');
  const pausedSchedule = {
    ...scheduleOf('2026-11-01T00:00:00Z'),
    metadata: { name: daily, creationTimestamp: '2026-11-01T00:00:00Z' },
    spec: { paused: true },
  };
  const paused = { ...facts, schedules: [pausedSchedule] };

  it('is told, and has no next run', () => {
    const { verdict, backup } = backupCompliance(paused);
    expect(verdict).toMatchObject({ status: 'Unknown', reason: 'SchedulePaused' });
    expect(verdict.message).toContain(`Paused: Schedule ${daily}; the objective counts on.`);
    expect(backup?.nextRun).toBeUndefined();
  });

  it('does not stop the clock', () => {
    const late = backupCompliance({ ...paused, now: new Date('2026-11-24T03:00:00Z') });
    expect(late.verdict).toMatchObject({ status: 'False', reason: 'RecoveryPointTooOld' });
    expect(late.verdict.message).toContain('Paused: Schedule');
  });

  it('leaves the runs of the other tiers', () => {
    const tiers = [
      { name: 'daily', schedule: '0 1 * * *', retention: '720h' },
      { name: 'noon', schedule: '0 12 * * *', retention: '720h' },
    ];
    expect(backupCompliance({ ...paused, policy: policy({ tiers }) }).backup?.nextRun).toBe('2026-11-24T12:00:00Z');
  });
});

describe('AP-6: tenants apart', () => {
  const globex = {
    ...storageLocationOf('Unavailable', {
      message:
        'api error AccessDenied: arn:aws:iam::999:user/globex is not authorized on arn:aws:s3:::globex-hr-backups',
    }),
    metadata: { name: 'globex-vault' },
  };
  const reaching = { ...facts, policy: policy({ storageLocation: 'globex-vault' }) };

  it('of a location that is not permitted nothing is said, whether it exists or not', () => {
    const message = (storageLocation: ComplianceFacts['storageLocation']) =>
      backupCompliance({ ...reaching, storageLocation }).parts.StorageAvailable.message;
    expect(message(at(globex))).toBe(message(at()));
    expect(message(at(globex))).toBe(
      'BackupStorageLocation globex-vault is not permitted in Namespace acme (permitted: default); the provider permits it by the annotation managed.systems/storage-locations of the Namespace.',
    );
  });

  it('of one that is permitted only the cause is quoted, neither bucket nor account', () => {
    const { parts } = backupCompliance({ ...reaching, permitted: ['*'], storageLocation: at(globex) });
    expect(parts.StorageAvailable.message).toBe(
      'BackupStorageLocation globex-vault is Unavailable: api error AccessDenied.',
    );
  });

  it('reads the same at every try of the storage location, whatever the store says besides', () => {
    const said = (id: string) => `https response error StatusCode: 403, RequestID: ${id}, HostID: ${id}x`;
    const message = (id: string) => {
      const location = storageLocationOf('Unavailable', { message: said(id) });
      return backupCompliance({ ...facts, storageLocation: at(location) }).parts.StorageAvailable.message;
    };
    expect(message('AAAA')).toBe(message('BBBB'));
    expect(message('AAAA')).toBe('BackupStorageLocation default is Unavailable: StatusCode: 403.');
  });
});

describe('status.backup of a ManagedVM', () => {
  it('names the policy, since when, the newest usable backup, its deadline and the next run, as instants', () => {
    expect(backupCompliance(facts).backup).toEqual({
      policy: 'daily',
      since: '2026-11-01T00:00:00Z',
      lastBackup: 'monday',
      lastRecoveryPoint: '2026-11-23T01:00:00Z',
      deadline: '2026-11-24T03:00:00Z',
      nextRun: '2026-11-24T01:00:00Z',
      inspected: [{ name: 'monday', uid: 'uid-of-monday', disks: [{ name: 'root', data: 'Held' }] }],
      tiers: [
        {
          ...{ name: 'daily', schedule: '0 1 * * * UTC', retention: '720h', since: '2026-11-24T00:10:00Z' },
          ...{ wanted: 0, had: 1, missing: 0, oldest: '2026-11-23T01:00:00Z', points: ['2026-11-23T01:00:00Z'] },
        },
      ],
    });
  });

  it('is absent without a policy, and says only since when where it does not exist', () => {
    expect(
      backupCompliance({ ...facts, managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }) }).backup,
    ).toBeUndefined();
    expect(backupCompliance({ ...facts, policy: undefined, backups: [] }).backup).toEqual({
      policy: 'daily',
      since: '2026-11-01T00:00:00Z',
    });
  });

  it('keeps what was known while Velero cannot be asked', () => {
    const vm = rememberedBy(backedUpVM(), backupCompliance(facts).backup);
    const blind = backupCompliance({ ...facts, managedVM: vm, veleroAvailable: false, backups: [], schedules: [] });
    expect(blind.verdict).toMatchObject({ status: 'Unknown', reason: 'VeleroNotInstalled' });
    expect(blind.backup).toEqual(vm.status?.backup);
  });
});

describe('the next edge', () => {
  it.each([
    ['the next run, where it comes first', facts.now, '2026-11-24T01:00:00.000Z'],
    ['the deadline, where it comes first', new Date('2026-11-24T01:00:00Z'), '2026-11-24T03:00:00.000Z'],
    ['the next run again, once the objective is broken', new Date('2026-11-24T03:00:00Z'), '2026-11-25T01:00:00.000Z'],
  ])('is %s', (_, now, edge) => {
    expect(backupCompliance({ ...facts, now }).nextEdge?.toISOString()).toBe(edge);
  });

  it('changes nothing before it is reached', () => {
    const vm = rememberedBy(backedUpVM(), backupCompliance(facts).backup);
    const known = { ...facts, managedVM: { ...vm, status: { ...backedUpVM().status, ...vm.status } } };
    const { nextEdge } = backupCompliance(known);
    const before = new Date((nextEdge?.getTime() ?? 0) - 1);
    expect(backupCompliance({ ...known, now: before })).toEqual(backupCompliance(known));
    expect(backupCompliance({ ...known, now: nextEdge ?? before })).not.toEqual(backupCompliance(known));
  });
});
