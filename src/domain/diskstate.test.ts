import { describe, expect, it } from 'vitest';
import { claim, condition, dataVolume } from './assessment.fixtures.ts';
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
});
