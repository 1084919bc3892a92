import { describe, expect, it } from 'vitest';
import { readVolumes } from './volumeinfos.ts';

/** As Velero v1.18.3 writes it of a volume that it has taken a snapshot of (internal/volume/volumes_information.go). */
const snapshot = {
  ...{ pvcName: 'shop-db-root', pvcNamespace: 'acme', pvName: 'pvc-1', backupMethod: 'CSISnapshot' },
  ...{ snapshotDataMoved: false, preserveLocalSnapshot: true, skipped: false, result: 'succeeded' },
  csiSnapshotInfo: { snapshotHandle: 'h', size: 1, driver: 'd', vscName: 'c', ReadyToUse: true },
};
const skipped = { ...snapshot, backupMethod: undefined, skipped: true, skippedReason: 'policy', result: undefined };
const files = { ...snapshot, backupMethod: 'PodVolumeBackup' };

describe('AP-13: what Velero says of the volumes in a backup', () => {
  it.each([
    ['a snapshot is held where the volume is', [snapshot], 'Held'],
    ['a snapshot whose data were moved', [{ ...snapshot, snapshotDataMoved: true }], 'Moved'],
    ['files that were copied from a Pod', [files], 'Moved'],
    ['a snapshot that failed', [{ ...snapshot, result: 'failed' }], 'Failed'],
    ['a snapshot of which nothing is said', [{ ...snapshot, result: undefined }], 'Failed'],
    ['a volume that was skipped', [skipped], 'Skipped'],
    ['a volume whose snapshot was skipped, for its files were copied', [skipped, files], 'Moved'],
    ['the same the other way round', [files, skipped], 'Moved'],
    ['a volume that is not there', [{ ...snapshot, pvcName: 'other' }], undefined],
    ['the volume of a namesake in another namespace', [{ ...snapshot, pvcNamespace: 'globex' }], undefined],
    ['none at all', null, undefined],
  ])('%s', (_, document, data) => {
    expect(readVolumes(document).get('acme/shop-db-root')).toBe(data);
  });

  it.each([
    ['no list', { pvcName: 'x' }],
    ['a text', 'AccessDenied'],
    ['entries that are none', [1]],
    ['numbers for names', [{ ...snapshot, pvcName: 7 }]],
    ['a name that no object can have', [{ ...snapshot, pvcName: 'x'.repeat(1000) }]],
    ['more volumes than a VM can have', Array.from({ length: 1001 }, () => snapshot)],
  ])('is refused where it is %s', (_, document) => {
    expect(() => readVolumes(document)).toThrow('its answer is no list of volumes');
  });
});
