import { describe, expect, it } from 'vitest';
import {
  backedUpVM,
  backupOf,
  backupPolicyOf,
  bounds,
  clusterBackupPolicyOf,
  contentsWith,
  scheduleOf,
  storageLocationOf,
} from './backup.fixtures.ts';
import { backupCompliance } from './backupcompliance.ts';
import type { ComplianceFacts } from './compliancefacts.ts';

const standard = (spec = {}) => {
  const policy = clusterBackupPolicyOf({ consistency: 'CrashConsistent', recoveryPointObjective: '25h', ...spec });
  return { name: 'gold', applies: false, policy };
};
const facts: ComplianceFacts = {
  managedVM: backedUpVM(),
  policy: backupPolicyOf({ consistency: 'CrashConsistent' }),
  policyKindInstalled: true,
  veleroAvailable: true,
  bounds,
  permitted: ['default'],
  storageLocation: () => storageLocationOf('Available'),
  schedules: [scheduleOf('2026-11-01T00:00:00Z')],
  backups: [backupOf('monday', '2026-11-23T01:00:00Z')],
  machine: { holds: new Map(), virtualMachineInstance: undefined },
  contents: () => contentsWith('Held'),
  now: new Date('2026-11-24T00:00:00Z'),
};
const verdict = (more: Partial<ComplianceFacts> = {}) => backupCompliance({ ...facts, ...more }).verdict;

describe('AP-6: a tenant’s weaker policy', () => {
  it('does not satisfy the standard, however well it is kept: both numbers are told', () => {
    const { status, reason, message } = verdict({ standard: standard() });
    expect({ status, reason }).toEqual({ status: 'False', reason: 'PolicyTooWeak' });
    expect(message).toMatch(
      /^BackupPolicy daily promises less than ClusterBackupPolicy gold, the standard that the plan of the contract names\. Its recovery point objective is 26h, that of the standard 25h\. 4 of 4 parts/,
    );
  });

  it.each<[string, Partial<ComplianceFacts>]>([
    ['as strong as the standard', { standard: standard({ recoveryPointObjective: '26h' }) }],
    ['the standard itself', { standard: { ...standard(), applies: true } }],
    ['held to nothing', {}],
  ])('is none where the policy is %s', (_, more) => {
    expect(verdict(more)).toMatchObject({ status: 'True', reason: 'RecoveryPointGood' });
  });

  it('is judged where the order names another policy of the provider', () => {
    const managedVM = backedUpVM('shop-db', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'cheap' } });
    expect(verdict({ managedVM, standard: standard() })).toMatchObject({ reason: 'PolicyTooWeak' });
    const gold = backedUpVM('shop-db', { backupPolicyRef: { kind: 'ClusterBackupPolicy', name: 'gold' } });
    expect(verdict({ managedVM: gold, standard: standard() })).toMatchObject({ status: 'True' });
  });

  it('hides nothing that the provider has to answer for (GE-4)', () => {
    const late = { now: new Date('2026-11-24T09:00:00Z'), standard: standard() };
    const { reason, message } = verdict(late);
    expect(reason).toBe('RecoveryPointTooOld');
    expect(message).toContain('26h, that of the standard 25h.');
  });

  it('is not known while the standard is missing', () => {
    expect(verdict({ standard: { ...standard(), policy: undefined } })).toMatchObject({
      ...{ status: 'Unknown', reason: 'ClusterBackupPolicyNotFound' },
      message: expect.stringContaining(
        'ClusterBackupPolicy gold, the standard that the plan of the contract names, does not exist.',
      ),
    });
  });

  it('tells in the status whether the policy is the standard', () => {
    expect(backupCompliance({ ...facts, standard: { ...standard(), applies: true } }).backup?.standard).toBe(true);
    expect(backupCompliance({ ...facts, standard: standard() }).backup).not.toHaveProperty('standard');
  });
});
