import { describe, expect, it } from 'vitest';
import type { FailedRestore, ManagedVMStatus, VerifiedRestore } from '../../api/managedvm.ts';
import { backedUpVM, backupOf, backupPolicyOf, bounds, contentsWith, storageLocationOf } from './backup.fixtures.ts';
import { backupCompliance } from './backupcompliance.ts';
import type { ComplianceFacts } from './compliancefacts.ts';

const HOUR = 3_600_000;
const now = new Date('2026-11-24T00:00:00Z');
const at = (hours: number) => new Date(now.getTime() + hours * HOUR).toISOString().replace('.000', '');

/** A restore that worked so many hours ago. */
const worked = (hoursAgo: number, seconds = 600, name = `restore-${hoursAgo}`): VerifiedRestore => ({
  ...{ restore: name, point: 'monday', pointTime: '2026-11-23T01:00:00Z', time: at(-hoursAgo), seconds },
});
const failure = (hoursAgo: number): FailedRestore => ({
  ...{ restore: 'broken', point: 'monday', time: at(-hoursAgo), message: 'the VM never ran.' },
});

const asks = { verification: { maxAge: '168h' }, recoveryTimeObjective: '1h' };

function judged(
  backup: Partial<ManagedVMStatus['backup']> = {},
  changed: Partial<ComplianceFacts> = {},
  spec: Record<string, unknown> = asks,
) {
  const vm = backedUpVM();
  const remembered = { policy: 'daily', since: at(-1000), verificationSince: at(-100), ...backup };
  return backupCompliance({
    ...{ managedVM: { ...vm, status: { ...vm.status, backup: remembered } } },
    ...{ policy: backupPolicyOf({ consistency: 'CrashConsistent', ...spec }), policyKindInstalled: true },
    ...{ veleroAvailable: true, bounds, permitted: ['default'], schedules: [] },
    storageLocation: () => storageLocationOf('Available'),
    backups: [backupOf('monday', '2026-11-23T01:00:00Z')],
    machine: { holds: new Map(), virtualMachineInstance: undefined },
    ...{ contents: () => contentsWith('Held'), now },
    ...changed,
  });
}

describe('AP-13: RestoreVerified and RTOMet', () => {
  it('are NotIncluded, never True, where the policy asks for neither, whatever has been measured', () => {
    const { parts, verdict } = judged({ verified: [worked(1)] }, {}, {});
    expect([parts.RestoreVerified, parts.RTOMet].map(({ status, reason }) => `${status} ${reason}`)).toEqual([
      'Unknown NotIncluded',
      'Unknown NotIncluded',
    ]);
    expect(verdict).toMatchObject({ status: 'True' });
    expect(verdict.message).toContain('not asked for: RestoreVerified, RTOMet');
  });

  it.each<[string, Partial<ManagedVMStatus['backup']>, string, string]>([
    [
      'a restore that worked is young enough',
      { verified: [worked(167)] },
      'True RestoreProven',
      'True RecoveryTimeMet',
    ],
    ['it is as old as is believed', { verified: [worked(168)] }, 'False RestoreOverdue', 'False RestoreOverdue'],
    ['none has worked, and none is due', {}, 'Unknown RestoreNotVerified', 'Unknown RestoreNotMeasured'],
    [
      'none has worked when the first was due',
      { verificationSince: at(-168) },
      'False RestoreOverdue',
      'False RestoreOverdue',
    ],
    [
      'the last one failed',
      { verified: [worked(20)], failedRestore: failure(10) },
      'False RestoreFailed',
      'True RecoveryTimeMet',
    ],
    [
      'one has worked since the failure',
      { verified: [worked(10)], failedRestore: failure(20) },
      'True RestoreProven',
      'True RecoveryTimeMet',
    ],
    ['it took as long as is promised', { verified: [worked(1, 3600)] }, 'True RestoreProven', 'True RecoveryTimeMet'],
    ['it took a second longer', { verified: [worked(1, 3601)] }, 'True RestoreProven', 'False RecoveryTimeExceeded'],
    [
      'the last was fast enough, and one within the time was not',
      { verified: [worked(1, 60), worked(100, 4000)] },
      'True RestoreProven',
      'False RecoveryTimeExceeded',
    ],
    [
      'the slow one proves nothing any more',
      { verified: [worked(1, 60), worked(200, 4000)] },
      'True RestoreProven',
      'True RecoveryTimeMet',
    ],
    [
      'one is dated in the future',
      { verified: [worked(-1)] },
      'Unknown RestoreNotVerified',
      'Unknown RestoreNotMeasured',
    ],
  ])('when %s', (_, backup, verified, time) => {
    const { RestoreVerified, RTOMet } = judged(backup).parts;
    expect(`${RestoreVerified.status} ${RestoreVerified.reason}`).toBe(verified);
    expect(`${RTOMet.status} ${RTOMet.reason}`).toBe(time);
  });

  it('show target, measured value, proof and the instant at which that is over', () => {
    const { RestoreVerified, RTOMet } = judged({ verified: [worked(24, 900), worked(48, 1200)] }).parts;
    expect(RestoreVerified.message).toBe(
      'BackupPolicy daily wants a restore that worked every 168h; Restore restore-24 of Backup monday (as of 2026-11-23T01:00:00Z) worked at 2026-11-23T00:00:00Z, after 900 s, so that suffices until 2026-11-30T00:00:00Z.',
    );
    expect(RTOMet.message).toBe(
      'BackupPolicy daily promises a restore within 1h; 95 of 100 of the 2 measured took 1200 s or less, the last, Restore restore-24 at 2026-11-23T00:00:00Z, 900 s.',
    );
  });

  it('take what a Restore has measured into the status, where it outlives the Restore, each once and sixteen at most', () => {
    const ended = Array.from({ length: 20 }, (_, index) => worked(index + 1));
    const { backup } = judged({ verified: [worked(2), worked(30)] }, { restores: { verified: ended, failed: [] } });
    expect(backup?.verified?.map(({ restore }) => restore)).toEqual(ended.slice(0, 16).map(({ restore }) => restore));
    expect(backup?.recoveryTime).toEqual({ last: 600, p95: 600 });
    expect(judged({ ...backup }).backup?.verified).toEqual(backup?.verified);
  });

  it('remember it while Velero cannot be seen, and since when it is asked for although it was not for a while', () => {
    const blind = judged({ verified: [worked(24)] }, { veleroAvailable: false });
    expect(blind.parts.RestoreVerified.status).toBe('True');
    expect(blind.backup).toMatchObject({ verificationDeadline: '2026-11-30T00:00:00Z' });
    expect(judged({}, {}, {}).backup?.verificationSince).toBe(at(-100));
  });

  it('give a policy that comes to ask for it late a whole term', () => {
    const { backup, nextEdge } = judged({ verificationSince: undefined });
    expect(backup).toMatchObject({ verificationSince: at(0), verificationDeadline: at(168) });
    expect(nextEdge && nextEdge <= new Date(at(168))).toBe(true);
  });
});

describe('AP-13: a schedule that cannot keep the objective as backups take their time', () => {
  it('is told beside a point that is young enough', () => {
    const slow = backupOf('monday', '2026-11-23T01:00:00Z', { completionTimestamp: '2026-11-23T03:00:00Z' });
    const { RPOMet } = judged({}, { backups: [slow] }).parts;
    expect(RPOMet).toMatchObject({ status: 'True' });
    expect(RPOMet.message).toContain('Backups take 7200 s (95 of 100), and 24h lie between the runs of');
    const fast = backupOf('monday', '2026-11-23T01:00:00Z', { completionTimestamp: '2026-11-23T02:59:00Z' });
    expect(judged({}, { backups: [fast] }).parts.RPOMet.message).not.toContain('Backups take');
    expect(judged({}, { backups: [fast] }).backup?.duration).toEqual({ last: 7140, p95: 7140 });
  });
});
