import { gravest } from '../contract/finding.ts';
import type { DiskState } from './diskstate.ts';
import type { Observed } from './observed.ts';
import type { Finding, Verdict } from './reasons.ts';

/** Whether the machine and its disks exist (MO-1). What exists counts, also while a later change is refused; on its way is Unknown. */
export function provisioned(observed: Observed, disks: readonly DiskState[], obstacles: readonly Finding[]): Verdict {
  const { virtualMachine } = observed;
  const lacking = disks.filter(disk => !disk.filled);
  if (virtualMachine?.uid !== undefined && lacking.length === 0) {
    const message = `VirtualMachine ${virtualMachine.name} (uid ${virtualMachine.uid}) exists; ${held(disks)}.`;
    return { status: 'True', reason: 'DisksFilled', message };
  }
  const obstacle = gravest(obstacles);
  if (obstacle?.standing === 'failed') return { status: 'False', reason: obstacle.reason, message: obstacle.message };
  const later = lacking.find(disk => disk.phase === 'WaitForFirstConsumer' && disk.finding === undefined);
  if (virtualMachine !== undefined && later !== undefined) {
    const message = `Disk ${later.disk} is created when the VM starts for the first time; it has never been started.`;
    return { status: 'Unknown', reason: 'WaitForFirstConsumer', message };
  }
  if (obstacle) return { status: 'Unknown', reason: obstacle.reason, message: obstacle.message };
  return { status: 'Unknown', reason: 'Provisioning', message: 'The VirtualMachine does not exist yet.' };
}

function held(disks: readonly DiskState[]): string {
  if (disks.length === 0) return 'it has no persistent disk';
  const names = disks.map(disk => {
    const told = [disk.capacity, disk.taken ? `PersistentVolumeClaim ${disk.claim}, taken over by consent` : undefined];
    const known = told.filter(text => text !== undefined);
    return known.length === 0 ? disk.disk : `${disk.disk} (${known.join('; ')})`;
  });
  return `${disks.length} of ${disks.length} disks are filled: ${names.join(', ')}`;
}
