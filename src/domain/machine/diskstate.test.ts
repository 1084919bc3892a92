import { describe, expect, it } from 'vitest';
import { claim, condition, dataVolume } from '../managedvm/assessment.fixtures.ts';
import type { DiskHold } from './diskhold.ts';
import { type DiskState, diskState } from './diskstate.ts';
import { readDataVolume, readVolumeClaim } from './observedstorage.ts';

function state(dv: unknown, pvc: unknown = undefined, shallRun = true): DiskState {
  return diskState({
    disk: 'root',
    claimName: 'shop-db-root',
    dataVolume: readDataVolume(dv),
    claim: readVolumeClaim(pvc),
    shallRun,
  });
}

describe('every phase of a DataVolume', () => {
  const filling = [
    'PVCBound',
    'ImportScheduled',
    'ImportInProgress',
    'CloneScheduled',
    'CloneInProgress',
    'SnapshotForSmartCloneInProgress',
    'CloneFromSnapshotSourceInProgress',
    'SmartClonePVCInProgress',
    'CSICloneInProgress',
    'ExpansionInProgress',
    'NamespaceTransferInProgress',
    'UploadScheduled',
    'UploadReady',
    'PrepClaimInProgress',
    'RebindInProgress',
  ];
  it.each([
    ...filling.map(phase => [phase, 'Importing', 'waiting'] as const),
    ['Pending', 'DiskPending', 'waiting'] as const,
    ['Unknown', 'DiskPending', 'waiting'] as const,
    ['SomethingNew', 'DiskPending', 'waiting'] as const,
    ['WaitForFirstConsumer', 'WaitForFirstConsumer', 'waiting'] as const,
    ['PendingPopulation', 'WaitForFirstConsumer', 'waiting'] as const,
    ['Paused', 'ImportPaused', 'failed'] as const,
    ['Failed', 'ImportFailed', 'failed'] as const,
  ])('%s reads %s', (phase, reason, standing) => {
    const { finding, filled } = state(dataVolume(phase));
    expect(finding).toMatchObject({ reason, standing });
    expect(filled).toBe(false);
  });

  it('Succeeded with a bound claim is filled', () => {
    expect(state(dataVolume(), claim())).toMatchObject({
      filled: true,
      phase: 'Filled',
      capacity: '20Gi',
      finding: undefined,
    });
  });
  it.each(['WaitForFirstConsumer', 'PendingPopulation'])('%s of a VM that is powered off is as it should be', phase => {
    expect(state(dataVolume(phase), undefined, false)).toMatchObject({
      filled: false,
      phase: 'WaitForFirstConsumer',
      finding: undefined,
    });
  });
});

describe('a disk', () => {
  it('over quota says so whatever the words, because of the reason ErrExceededQuota', () => {
    const { finding } = state(dataVolume('Pending', [condition('Bound', 'False', 'ErrExceededQuota', 'no room')]));
    expect(finding).toMatchObject({ reason: 'QuotaExceeded', message: 'Disk root does not fit: no room.' });
  });

  const quota =
    'persistentvolumeclaims "shop-db-root" is forbidden: exceeded quota: storage, requested: requests.storage=20Gi, used: requests.storage=90Gi, limited: requests.storage=100Gi';
  it.each([
    [
      'over quota (Bound is not True, ErrExceededQuota)',
      dataVolume('Pending', [condition('Bound', 'Unknown', 'ErrExceededQuota', quota)]),
      undefined,
      'QuotaExceeded',
      'requests.storage=100Gi',
    ],
    [
      'whose importer fails (Running=False, Error)',
      dataVolume('ImportInProgress', [
        condition('Running', 'False', 'Error', 'Unable to connect to http data source: https://bob:pw12@img/x: 404'),
      ]),
      undefined,
      'ImportFailed',
      'https://img/x',
    ],
    [
      'whose image cannot be pulled (Running=False, ImagePullFailed)',
      dataVolume('ImportScheduled', [condition('Running', 'False', 'ImagePullFailed', 'manifest unknown')]),
      undefined,
      'ImportFailed',
      'manifest unknown',
    ],
    [
      'that CDI refuses',
      dataVolume('Pending', [condition('Bound', 'False', 'ErrClaimNotValid', 'no storage class')]),
      undefined,
      'DiskRefused',
      'no storage class',
    ],
    [
      'whose claim CDI calls lost',
      dataVolume('Pending', [condition('Bound', 'False', 'ClaimLost', 'claim lost')]),
      undefined,
      'DiskLost',
      'claim lost',
    ],
    ['whose volume is lost', dataVolume(), claim('Lost'), 'DiskLost', 'is Lost'],
    [
      'whose claim is being deleted',
      dataVolume(),
      { ...claim(), metadata: { name: 'shop-db-root', deletionTimestamp: '2026-11-23T11:00:00Z' } },
      'DiskDeleting',
      'shop-db-root',
    ],
    ['that does not exist', undefined, undefined, 'DiskMissing', 'shop-db-root'],
    ['whose claim is pending', undefined, claim('Pending'), 'DiskPending', 'Pending'],
  ])('%s says so', (_, dv, pvc, reason, words) => {
    const { finding, filled } = state(dv, pvc);
    expect(finding?.reason).toBe(reason);
    expect(finding?.message).toContain(words);
    expect(finding?.message).not.toContain('pw12');
    expect(filled).toBe(false);
  });

  it('that grows is filled and says how far', () => {
    const { finding, filled } = state(dataVolume(), claim('Bound', '20Gi', '40Gi'));
    expect(filled).toBe(true);
    expect(finding).toMatchObject({ standing: 'waiting', reason: 'DiskGrowing' });
    expect(finding?.message).toContain('from 20Gi to 40Gi');
  });
  it('without a DataVolume is filled when its claim is bound', () => {
    expect(state(undefined, claim())).toMatchObject({ filled: true, finding: undefined });
  });
  it('whose DataVolume succeeded but whose claim is not bound is not filled', () => {
    expect(state(dataVolume(), claim('Pending')).filled).toBe(false);
  });
  it('counts as filled by its claim alone once it was seen filled: CDI may collect or restart its DataVolume', () => {
    for (const dv of [undefined, dataVolume('Pending', [condition('Bound', 'False', 'ErrResourceExists', 'exists')])])
      expect(held(dv, { standing: 'ours', claim: 'shop-db-root', taken: false }, before)).toMatchObject({
        ...{ filled: true, finding: undefined, memory: before },
      });
  });
});

const before = { claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-01T00:00:00Z' };
const memory = { name: 'root', ...before };

function held(dv: unknown, hold: DiskHold, known: typeof before | null = before, size?: string, pvc = claim()) {
  return diskState({
    ...{ disk: 'root', claimName: 'shop-db-root', shallRun: true, now: new Date('2026-11-28T12:00:00Z') },
    dataVolume: readDataVolume(dv),
    claim: readVolumeClaim({ ...pvc, metadata: { name: 'shop-db-root', uid: 'a' } }),
    ...{ hold, before: known ?? undefined, size },
  });
}

describe('what is remembered of a disk (design 4: state is not healed like configuration)', () => {
  const ours: DiskHold = { standing: 'ours', claim: 'shop-db-root', taken: false };
  it('is its claim and when it was first seen filled', () => {
    const first = { claim: 'shop-db-root', claimUID: 'a', filledAt: '2026-11-28T12:00:00Z' };
    expect(held(dataVolume(), ours, null).memory).toEqual(first);
    expect(held(dataVolume(), ours, first).memory).toEqual(first);
  });
  it('is nothing before it was filled', () => {
    expect(held(dataVolume('ImportInProgress'), ours, null).memory).toBeUndefined();
  });
  it('becomes the claim that was taken by consent', () => {
    const taken = held(undefined, { ...ours, taken: true }, { ...before, claimUID: 'old' });
    expect(taken).toMatchObject({ filled: true, taken: true, memory: { claimUID: 'a' } });
  });
  it('waits for a claim that is in the way and going, without alarm', () => {
    const { finding } = held(undefined, { standing: 'going', claim: 'shop-db-root' }, null);
    expect(finding).toMatchObject({ standing: 'waiting', reason: 'ChildTerminating' });
  });
  it.each<[string, DiskHold, string, string]>([
    [
      'gone',
      { standing: 'lost', claim: 'shop-db-root', memory },
      'DiskLost',
      'uid a, filled since 2026-11-01T00:00:00Z',
    ],
    ["another order's", { standing: 'held', claim: 'shop-db-root', by: 'erp' }, 'ChildNameTaken', 'ManagedVM erp'],
    ['not there yet', { standing: 'awaited', claim: 'back' }, 'DiskMissing', 'spec.disks[root].adopt'],
  ])('outlives a claim that is %s, and the disk does not count as filled', (_, hold, reason, words) => {
    const { finding, filled, memory: kept } = held(dataVolume(), hold);
    expect([finding?.standing, finding?.reason, filled, kept]).toEqual(['failed', reason, false, before]);
    expect(finding?.message).toContain(words);
  });
});

describe('what storage and CDI say is told (kubevirt#10045, CDI#1962)', () => {
  const ours: DiskHold = { standing: 'ours', claim: 'shop-db-root', taken: false };
  const growing = (type: string, message: string, status: object = {}) => ({
    ...claim('Bound', '20Gi', '30Gi'),
    status: {
      phase: 'Bound',
      capacity: { storage: '20Gi' },
      conditions: [condition(type, 'True', '', message)],
      ...status,
    },
  });
  it('a resize that storage refuses is a failure in its words, and the disk goes on', () => {
    const full = growing('ControllerResizeError', 'rpc error: code = OutOfRange desc = pool has no space left');
    const { finding, filled } = held(dataVolume(), ours, before, '30Gi', full);
    expect(finding).toMatchObject({ standing: 'failed', reason: 'DiskGrowthRefused' });
    expect(finding?.message).toContain('pool has no space left');
    expect(filled).toBe(true);
  });
  it('so is one that is called infeasible without a word', () => {
    const infeasible = { allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' }, conditions: [] };
    const { finding } = held(dataVolume(), ours, before, '30Gi', growing('x', '', infeasible));
    expect(finding?.message).toContain('ControllerResizeInfeasible');
  });
  it('a claim that somebody made larger than ordered waits for nothing', () => {
    const full = growing('ControllerResizeError', 'pool has no space left');
    expect(held(dataVolume(), ours, before, '18Gi', full).finding).toBeUndefined();
  });
  it('a file system that grows when it is mounted again is no step under way: RestartPending tells', () => {
    const pending = growing('FileSystemResizePending', 'Waiting for user to (re-)start a pod');
    expect(held(dataVolume(), ours, before, '30Gi', pending).finding).toBeUndefined();
  });
  it.each([
    ['CloneWithoutSource', 'Bound', 'ImageSourceNotReady', 'waiting', "The source pvc debian-13 doesn't exist"],
    ['CloneWithoutSource', 'Running', 'ImageSourceNotReady', 'waiting', "The source pvc debian-13 doesn't exist"],
    ['CloneValidationFailed', 'Running', 'DiskRefused', 'failed', 'storage size is smaller than the source'],
    ['ErrClaimNotValid', 'Bound', 'DiskRefused', 'failed', 'no storageClass to choose profile'],
    ['NoVolumeSnapshotClass', 'Running', 'Importing', 'waiting', 'No compatible volumesnapshotclass found'],
  ])('%s on %s', (reason, type, expected, standing, words) => {
    const { finding } = state(dataVolume('CloneScheduled', [condition(type, 'False', reason, words)]));
    expect(finding).toMatchObject({ reason: expected, standing });
    expect(finding?.message).toContain(words);
    expect(finding?.message).toContain(reason);
  });
});
