import { unknown } from '../contract/finding.ts';
import type { ComplianceFacts } from './compliancefacts.ts';
import { veleroObstacle } from './heartbeat.ts';
import { unknownWithoutPolicy } from './policymissing.ts';
import type { Verdict } from './reasons.ts';
import { storageObstacle, storageRefusal } from './storage.ts';

/** Whether the place where the policy puts backups can be written to and read (AP-6). */
export function storageAvailable(facts: ComplianceFacts): Verdict {
  const { policy, managedVM, permitted, storageLocation, veleroAvailable, heartbeat = {}, now } = facts;
  if (policy === undefined) return unknownWithoutPolicy(facts);
  if (!veleroAvailable) {
    const message = 'Velero is not installed in this cluster, so backups are neither made nor known.';
    return unknown('VeleroNotInstalled', message);
  }
  const { storageLocation: name } = policy.spec;
  const location = storageLocation(name);
  const obstacle =
    storageRefusal(name, managedVM.metadata.namespace ?? '', permitted) ??
    storageObstacle(name, location) ??
    (location && veleroObstacle(heartbeat, location, now));
  const message = `Velero has found BackupStorageLocation ${name} Available, and may write to it.`;
  return obstacle ?? { status: 'True', reason: 'StorageLocationAvailable', message };
}
