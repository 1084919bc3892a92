import { describe, expect, it } from 'vitest';
import type { ManagedVM, ManagedVMStatus } from '../../api/managedvm.ts';
import {
  backedUpVM,
  backupPolicyOf,
  bounds,
  clusterBackupPolicyOf,
  storageLocationOf,
} from '../backup/backup.fixtures.ts';
import { operatingSystemOf } from '../managedvm/rendering.fixtures.ts';
import { assessBackupPolicy, assessOperatingSystem, type BackupPolicyFacts } from './policystatus.ts';

type Said = { status?: 'True' | 'False' | 'Unknown'; reason?: string; backup?: Partial<ManagedVMStatus['backup']> };

/** A ManagedVM as it says how its backups stand. */
function member(
  name: string,
  { status = 'Unknown', reason = 'VolumesNotVerified', backup = {} }: Said = {},
): ManagedVM {
  const condition = {
    type: 'BackupCompliant',
    status,
    reason,
    message: '',
    lastTransitionTime: '2026-11-23T01:10:00Z',
  };
  return { ...backedUpVM(name), status: { conditions: [condition], backup: { policy: 'daily', ...backup } } };
}

const young = {
  lastBackup: 'young-1',
  lastRecoveryPoint: '2026-11-23T01:05:00Z',
  deadline: '2026-11-24T03:05:00Z',
};
const old = { lastBackup: 'old-1', lastRecoveryPoint: '2026-11-23T01:00:00Z', deadline: '2026-11-24T03:00:00Z' };
const facts: BackupPolicyFacts = {
  policy: backupPolicyOf(),
  members: [member('young', { status: 'True', backup: young }), member('old', { status: 'True', backup: old })],
  bounds,
  veleroAvailable: true,
  permitted: ['default'],
  storageLocation: storageLocationOf('Available'),
  now: new Date('2026-11-23T12:00:00Z'),
};
const answered = (at: string) => ({ answer: { at: new Date(at), version: 'v1.18.3', plugins: [] } });
const condition = (changed: Partial<BackupPolicyFacts>, type: string) =>
  assessBackupPolicy({ ...facts, ...changed }).conditions.find(entry => entry.type === type);

describe('the status of a BackupPolicy', () => {
  it('counts its VMs and names the newest recovery point and the next to break the objective', () => {
    expect(assessBackupPolicy(facts).status).toEqual({
      observedGeneration: 3,
      managedVMs: 2,
      compliant: 2,
      last: { managedVM: 'young', backup: 'young-1', time: '2026-11-23T01:05:00Z', deadline: '2026-11-24T03:05:00Z' },
      oldest: { managedVM: 'old', backup: 'old-1', time: '2026-11-23T01:00:00Z', deadline: '2026-11-24T03:00:00Z' },
      nextRun: '2026-11-24T01:00:00Z',
    });
  });

  it('says nothing about recovery points while no VM names the policy', () => {
    expect(assessBackupPolicy({ ...facts, members: [] }).status).toEqual({
      observedGeneration: 3,
      managedVMs: 0,
      compliant: 0,
      nextRun: '2026-11-24T01:00:00Z',
    });
  });

  it('names a VM that has no backup yet as the oldest when its deadline is the next', () => {
    const members = [...facts.members, member('new', { backup: { deadline: '2026-11-24T00:00:00Z' } })];
    expect(assessBackupPolicy({ ...facts, members }).status.oldest).toEqual({
      managedVM: 'new',
      deadline: '2026-11-24T00:00:00Z',
    });
  });

  it('AP-6: of the provider names VMs with their namespaces, and asks no namespace whether it may use its storage', () => {
    const policy = clusterBackupPolicyOf();
    const under = { policyKind: 'ClusterBackupPolicy' as const };
    const members = [member('young', { status: 'True', reason: 'RecoveryPointGood', backup: { ...young, ...under } })];
    const said = assessBackupPolicy({ ...facts, policy, members, permitted: undefined });
    expect(said).toMatchObject({
      status: { managedVMs: 1, compliant: 1, last: { managedVM: 'acme/young' } },
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'Ready', reason: 'InForce' }),
        expect.objectContaining({ type: 'BackupCompliant', status: 'True' }),
      ]),
    });
  });

  it('AP-6: and a policy of the same name and the other kind are told apart', () => {
    const policy = clusterBackupPolicyOf();
    const members = [member('young', { status: 'True', backup: young })];
    expect(assessBackupPolicy({ ...facts, policy, members }).status.compliant).toBe(0);
    const moved = [member('young', { status: 'True', backup: { ...young, policyKind: 'ClusterBackupPolicy' } })];
    expect(assessBackupPolicy({ ...facts, members: moved }).status.compliant).toBe(0);
  });

  it('does not count what a VM says of another policy that it named before', () => {
    const members = [member('moved', { status: 'True', backup: { ...young, policy: 'other' } })];
    expect(assessBackupPolicy({ ...facts, members })).toMatchObject({
      status: { managedVMs: 1, compliant: 0 },
      conditions: expect.arrayContaining([
        expect.objectContaining({ type: 'BackupCompliant', status: 'Unknown', reason: 'NotObserved' }),
      ]),
    });
    expect(assessBackupPolicy({ ...facts, members }).status.last).toBeUndefined();
  });

  it('is the same whatever the order of its VMs', () => {
    expect(assessBackupPolicy({ ...facts, members: facts.members.toReversed() })).toEqual(assessBackupPolicy(facts));
  });

  it('is to be assessed again at the next run; what VMs say by then, their own changes tell', () => {
    expect(assessBackupPolicy(facts).nextEdge).toEqual(new Date('2026-11-24T01:00:00Z'));
  });
});

describe('the conditions of a BackupPolicy', () => {
  it.each<[string, Partial<BackupPolicyFacts>, string, string | undefined]>([
    ['is in force', {}, 'InForce', undefined],
    [
      'cannot keep its objective',
      { policy: backupPolicyOf({ recoveryPointObjective: '24h' }) },
      'ScheduleCannotMeetRPO',
      'Stalled',
    ],
    [
      'keeps backups no longer than until the next run (AP-13)',
      { policy: backupPolicyOf({ tiers: [{ name: 'd', schedule: '0 1 * * *', retention: '1h' }] }) },
      'RetentionTooShort',
      'Stalled',
    ],
    ['may not use its storage location', { permitted: ['site-b'] }, 'StorageLocationNotPermitted', 'Stalled'],
    ['waits for its Namespace to be read', { permitted: undefined }, 'NamespaceNotObserved', 'Reconciling'],
    ['waits for Velero', { veleroAvailable: false, storageLocation: undefined }, 'VeleroNotInstalled', 'Reconciling'],
    ['waits for its storage location', { storageLocation: undefined }, 'StorageLocationNotFound', 'Reconciling'],
    [
      'waits for its storage location to come back',
      { storageLocation: storageLocationOf('Unavailable') },
      'StorageLocationUnavailable',
      'Reconciling',
    ],
  ])('tell a policy that %s', (_, changed, reason, abnormal) => {
    const { conditions } = assessBackupPolicy({ ...facts, ...changed });
    const ready = conditions.find(entry => entry.type === 'Ready');
    expect(ready).toMatchObject({ status: abnormal ? 'False' : 'True', reason });
    const abnormals = conditions.filter(entry => entry.type === 'Stalled' || entry.type === 'Reconciling');
    expect(abnormals).toEqual(abnormal ? [{ ...ready, type: abnormal, status: 'True' }] : []);
  });

  it.each<[string, Partial<BackupPolicyFacts>, string, string, string]>([
    [
      'all VMs are within the objective',
      {},
      'True',
      'Compliant',
      '2 of 2 ManagedVMs are proven to be backed up as the policy promises.',
    ],
    [
      'one is not',
      {
        members: [
          member('young', { status: 'True' }),
          member('old', { status: 'False', reason: 'RecoveryPointTooOld' }),
        ],
      },
      'False',
      'RecoveryPointTooOld',
      '1 of 2 ManagedVMs are proven to be backed up as the policy promises; not: old.',
    ],
    [
      'one has no backup yet',
      { members: [...facts.members, member('new', { reason: 'NoBackupYet' })] },
      'Unknown',
      'NoBackupYet',
      '2 of 3 ManagedVMs are proven to be backed up as the policy promises; not known: new.',
    ],
    ['no VM names it', { members: [] }, 'Unknown', 'NoManagedVM', 'No ManagedVM names this policy.'],
  ])('sum up its VMs: %s', (_, changed, status, reason, message) => {
    expect(condition(changed, 'BackupCompliant')).toEqual({ type: 'BackupCompliant', status, reason, message });
  });

  it('sum up each part by itself (AP-13)', () => {
    const part = (name: string, status: 'True' | 'False', type = 'RPOMet') => {
      const said = member(name, { status, reason: 'RecoveryPointTooOld' });
      const conditions = said.status?.conditions?.map(each => ({ ...each, type })) ?? [];
      return { ...said, status: { ...said.status, conditions } };
    };
    expect(condition({ members: [part('young', 'True'), part('old', 'False')] }, 'RPOMet')).toEqual({
      ...{ type: 'RPOMet', status: 'False', reason: 'RecoveryPointTooOld' },
      message: '1 of 2 ManagedVMs are proven to be within the recovery point objective of 26h; not: old.',
    });
    expect(condition({ members: [part('young', 'True')] }, 'ConsistencyMet')).toMatchObject({
      ...{ status: 'Unknown', reason: 'NotObserved' },
    });
  });

  it('name at most ten VMs', () => {
    const members = Array.from({ length: 1000 }, (_, index) =>
      member(`vm-${String(index).padStart(4, '0')}`, { status: 'False' }),
    );
    expect(condition({ members }, 'BackupCompliant')?.message).toMatch(/vm-0009 and 990 more\.$/);
  });
});

describe('the status of an OperatingSystem', () => {
  const now = new Date('2026-11-23T00:00:00Z');
  const ended = operatingSystemOf({ lifeCycle: { endOfSupport: '2026-06-30' } });

  it('counts its VMs, names the end of support and asks to be assessed when notice is due', () => {
    expect(assessOperatingSystem(operatingSystemOf(), 7, now)).toMatchObject({
      status: { managedVMs: 7, supportedUntil: '2028-08-10T00:00:00Z' },
      conditions: [
        { type: 'Ready', status: 'True', reason: 'Listed' },
        { type: 'Supported', status: 'True', reason: 'VendorSupported' },
      ],
      nextEdge: new Date('2028-02-12T00:00:00Z'),
    });
  });

  it('GE-12: one past its end of support stays in the catalogue and is not Supported', () => {
    expect(assessOperatingSystem(ended, 1, now).conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Supported', status: 'False', reason: 'SupportEnded' },
    ]);
    expect(assessOperatingSystem(ended, 1, now).nextEdge).toBeUndefined();
  });

  it('is Stalled with a date that is no date', () => {
    const broken = { ...ended, spec: { ...ended.spec, lifeCycle: { endOfSupport: '2026-02-30' } } };
    const { conditions, status } = assessOperatingSystem(broken, 0, now);
    expect(conditions.map(entry => `${entry.type}=${entry.status}`)).toEqual([
      'Ready=False',
      'Stalled=True',
      'Supported=Unknown',
    ]);
    expect(status).toEqual({ managedVMs: 0 });
  });
});

describe('AP-13: a policy is not in force', () => {
  it.each([
    ['VeleroPluginMissing', '2026-11-23T11:59:00Z'],
    ['VeleroSilent', '2026-11-23T11:50:00Z'],
  ])('while Velero is as %s says', (reason, at) => {
    expect(condition({ heartbeat: answered(at) }, 'Ready')).toMatchObject({ status: 'False', reason });
    expect(condition({ heartbeat: answered(at) }, 'Reconciling')).toMatchObject({ status: 'True', reason });
  });
});
