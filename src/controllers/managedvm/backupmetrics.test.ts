import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { type BackupsTold, backupMetrics } from './backupmetrics.ts';

type Told = NonNullable<BackupsTold>;

const at = (instant: string) => Date.parse(instant) / 1000;
const daily = {
  ...{ name: 'daily', schedule: '0 1 * * * Europe/Berlin', retention: '720h', since: '2026-10-01T00:00:00Z' },
  ...{ wanted: 30, had: 29, missing: 1, points: [] },
};
const bare: Told = { policy: 'standard', since: '2026-10-01T00:00:00Z' };
const told: Told = {
  ...bare,
  ...{ lastRecoveryPoint: '2026-11-24T00:00:00Z', deadline: '2026-11-25T02:00:00Z' },
  verified: [
    {
      ...{ restore: 'again', point: 'standard-1', pointTime: '2026-11-20T00:00:00Z' },
      ...{ time: '2026-11-21T00:00:00Z', seconds: 90 },
    },
  ],
  verificationDeadline: '2026-12-21T00:00:00Z',
  recoveryTime: { last: 90, p95: 120 },
  duration: { last: 30, p95: 40 },
  vanished: [{ tier: 'daily', time: '2026-11-02T00:00:00Z', until: '2026-12-02T00:00:00Z' }],
  keptTooLong: 2,
  tiers: [daily],
};

function metrics() {
  const registry = new Registry();
  const { record, forget } = backupMetrics(registry);
  return {
    forget,
    record: (more: BackupsTold, uid = 'u', name = 'shop-db') => record({ namespace: 'acme', name, uid }, more),
    async lines(): Promise<readonly string[]> {
      const text = await registry.metrics();
      return text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
    },
  };
}

const VM = 'namespace="acme",managed_vm="shop-db",policy_kind="BackupPolicy",policy="standard"';
const NOTHING_WRONG = ['restore_failed', 'points_vanished', 'kept_too_long'].map(
  name => `steward_backup_${name}{${VM}} 0`,
);

describe('AP-13, GE-14: metrics of backups', () => {
  it('tell what the status tells, as instants, seconds and counts', async () => {
    const { record, lines } = metrics();
    record(told);
    expect(await lines()).toEqual([
      `steward_backup_last_recovery_point_timestamp_seconds{${VM}} ${at('2026-11-24T00:00:00Z')}`,
      `steward_backup_deadline_timestamp_seconds{${VM}} ${at('2026-11-25T02:00:00Z')}`,
      `steward_backup_last_verified_timestamp_seconds{${VM}} ${at('2026-11-21T00:00:00Z')}`,
      `steward_backup_verification_deadline_timestamp_seconds{${VM}} ${at('2026-12-21T00:00:00Z')}`,
      `steward_backup_restore_failed{${VM}} 0`,
      `steward_backup_restore_seconds{${VM}} 90`,
      `steward_backup_restore_p95_seconds{${VM}} 120`,
      `steward_backup_duration_p95_seconds{${VM}} 40`,
      `steward_backup_points_wanted{${VM},tier="daily"} 30`,
      `steward_backup_points{${VM},tier="daily"} 29`,
      `steward_backup_points_missing{${VM},tier="daily"} 1`,
      `steward_backup_points_vanished{${VM}} 1`,
      `steward_backup_kept_too_long{${VM}} 2`,
    ]);
  });

  it('AP-6: tell the policies of the provider from those of a customer', async () => {
    const { record, lines } = metrics();
    record({ ...bare, policyKind: 'ClusterBackupPolicy' });
    expect(await lines()).toContain(`steward_backup_kept_too_long{${VM.replace('"Backup', '"ClusterBackup')}} 0`);
  });

  it('say nothing of what is not known: no instant of a point that there never was', async () => {
    const { record, lines } = metrics();
    record(bare);
    expect(await lines()).toEqual(NOTHING_WRONG);
  });

  it('say that the last restore failed, until one has worked', async () => {
    const { record, lines } = metrics();
    const failed = { restore: 'again', point: 'standard-1', time: '2026-11-22T00:00:00Z', message: 'No agent.' };
    record({ ...bare, failedRestore: failed });
    expect(await lines()).toContain(`steward_backup_restore_failed{${VM}} 1`);
    record(bare);
    expect(await lines()).toEqual(NOTHING_WRONG);
  });

  it('leave nothing behind of a tier, or a policy, that is no more', async () => {
    const { record, lines } = metrics();
    record(told);
    record({ ...bare, policy: 'gold' });
    expect((await lines()).every(line => line.includes('policy="gold"'))).toBe(true);
    record(undefined);
    expect(await lines()).toEqual([]);
  });

  it('of a VM that took the name of another are not taken back with that one', async () => {
    const { record, forget, lines } = metrics();
    record(told, 'old');
    record(bare, 'new');
    forget('old');
    expect(await lines()).toEqual(NOTHING_WRONG);
    forget('new');
    expect(await lines()).toEqual([]);
  });
});
