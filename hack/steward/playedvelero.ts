/** Plays the one answer of Velero that schedules wait for: no Velero server runs in this test bed, so nothing is backed up. */
import { run } from '../testbed/process/command.ts';
import type { TestBed } from '../testbed/testbed.ts';

/** A BackupStorageLocation `default` that reads as if Velero had found it Available. */
export async function playStorageLocation(bed: TestBed): Promise<void> {
  const location = {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name: 'default', namespace: 'velero' },
    spec: { provider: 'played', default: true, objectStorage: { bucket: 'played' } },
    status: { phase: 'Available' },
  };
  await run(bed.binaries.kubectl, ['apply', '--server-side', '-f', '-'], {
    env: { ...process.env, KUBECONFIG: bed.adminKubeconfig },
    input: JSON.stringify(location),
  });
}
