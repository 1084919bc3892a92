import { describe, expect, it } from 'vitest';
import { backedUpVM, backupOf, backupPolicyOf, scheduleOf, storageLocationOf } from './backup.fixtures.ts';
import { type BackupFacts, backupCompliance } from './backupcompliance.ts';
import { managedVMOf } from './rendering.fixtures.ts';

/** A day after the newest backup, an hour before the next; 26 hours are allowed. */
const facts: BackupFacts = {
  managedVM: backedUpVM(),
  policy: backupPolicyOf(),
  policyKindInstalled: true,
  veleroAvailable: true,
  storageLocation: storageLocationOf('Available'),
  schedules: [scheduleOf('2026-11-01T00:00:00Z')],
  backups: [backupOf('monday', '2026-11-23T01:00:00Z')],
  now: new Date('2026-11-24T00:00:00Z'),
};
const policy = (spec: Record<string, unknown>) => ({
  ...backupPolicyOf(),
  spec: { ...backupPolicyOf().spec, ...spec },
});
const failed = backupOf('tuesday', '2026-11-24T01:00:00Z', { phase: 'PartiallyFailed', errors: 3 });

describe('AP-6, AP-13: BackupCompliant', () => {
  it.each<[string, Partial<BackupFacts>, string, string]>([
    ['the newest usable backup is younger than the objective', {}, 'True', 'Compliant'],
    ['it is younger by a second', { now: new Date('2026-11-24T02:59:59Z') }, 'True', 'Compliant'],
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
      { veleroAvailable: false, backups: [], schedules: [], storageLocation: undefined },
      'Unknown',
      'VeleroNotInstalled',
    ],
    ['the storage location does not exist', { storageLocation: undefined }, 'False', 'StorageLocationNotFound'],
    [
      'the storage location is unavailable',
      { storageLocation: storageLocationOf('Unavailable') },
      'False',
      'StorageLocationUnavailable',
    ],
    [
      'the storage location is read-only',
      { storageLocation: storageLocationOf('Available', { accessMode: 'ReadOnly' }) },
      'False',
      'StorageLocationReadOnly',
    ],
    [
      'the storage location has not been validated',
      { storageLocation: storageLocationOf(undefined) },
      'Unknown',
      'StorageLocationNotValidated',
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
    expect(backupCompliance({ ...facts, ...changed }).condition).toMatchObject({
      type: 'BackupCompliant',
      status,
      reason,
    });
  });

  it('shows its arithmetic', () => {
    expect(backupCompliance(facts).condition.message).toBe(
      'The newest usable backup monday holds the state of 2026-11-23T01:00:00Z; BackupPolicy daily allows 26h, so it suffices until 2026-11-24T03:00:00Z.',
    );
  });

  it('says when it broke and what became of the last attempt', () => {
    const late = { ...facts, backups: [failed, ...facts.backups], now: new Date('2026-11-24T04:00:00Z') };
    expect(backupCompliance(late).condition.message).toBe(
      'The newest usable backup monday holds the state of 2026-11-23T01:00:00Z; BackupPolicy daily allows 26h, so it is too old since 2026-11-24T03:00:00Z. Backup tuesday is PartiallyFailed (3 errors).',
    );
  });

  it('heals by the next good backup', () => {
    const good = backupOf('wednesday', '2026-11-25T01:00:00Z');
    const healed = { ...facts, backups: [good, failed, ...facts.backups], now: new Date('2026-11-25T01:20:00Z') };
    expect(backupCompliance({ ...healed, backups: [failed, ...facts.backups] }).condition.status).toBe('False');
    expect(backupCompliance(healed).condition.status).toBe('True');
  });

  it('gives a VM that comes under a policy late as long as a new one', () => {
    const old = backedUpVM();
    old.metadata.creationTimestamp = '2020-01-01T00:00:00Z';
    const late = { ...facts, managedVM: old, backups: [], schedules: [scheduleOf('2026-11-23T23:00:00Z')] };
    expect(backupCompliance(late)).toMatchObject({
      condition: { status: 'Unknown', reason: 'NoBackupYet' },
      backup: { deadline: '2026-11-25T01:00:00Z' },
    });
  });

  it('reads the same at every try of the storage location, whatever number the store gave its answer', () => {
    const said = (id: string) =>
      `rpc error: operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: ${id}, HostID: ${id}x, api error AccessDenied`;
    const message = (id: string) =>
      backupCompliance({ ...facts, storageLocation: storageLocationOf('Unavailable', { message: said(id) }) }).condition
        .message;
    expect(message('AAAA')).toBe(message('BBBB'));
    expect(message('AAAA')).toContain('StatusCode: 403, api error AccessDenied');
  });

  it('bounds what it repeats from elsewhere', () => {
    const storageLocation = storageLocationOf('Unavailable', { message: 'x'.repeat(10_000) });
    expect(backupCompliance({ ...facts, storageLocation }).condition.message.length).toBeLessThan(500);
  });
});

describe('status.backup of a ManagedVM', () => {
  it('names the policy, the newest usable backup, its deadline and the next run, as instants', () => {
    expect(backupCompliance(facts).backup).toEqual({
      policy: 'daily',
      lastBackup: 'monday',
      lastRecoveryPoint: '2026-11-23T01:00:00Z',
      deadline: '2026-11-24T03:00:00Z',
      nextRun: '2026-11-24T01:00:00Z',
    });
  });

  it('is absent without a policy, and only names it when it does not exist', () => {
    expect(
      backupCompliance({ ...facts, managedVM: managedVMOf({ serviceLevel: 'Admin', operatingSystem: 'x' }) }).backup,
    ).toBeUndefined();
    expect(backupCompliance({ ...facts, policy: undefined, backups: [] }).backup).toEqual({ policy: 'daily' });
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
    const { nextEdge } = backupCompliance(facts);
    const before = new Date((nextEdge?.getTime() ?? 0) - 1);
    expect(backupCompliance({ ...facts, now: before })).toEqual(backupCompliance(facts));
    expect(backupCompliance({ ...facts, now: nextEdge ?? before })).not.toEqual(backupCompliance(facts));
  });
});
