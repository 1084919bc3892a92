/** What KubeVirt's answer to a VirtualMachineSnapshot proves. */
import { excerpt } from '../contract/excerpt.ts';
import { type Fields, listAt, textAt, textsAt } from '../contract/json.ts';
import { claimOfVolume } from './diskhold.ts';

/** What there is of it in the cluster. */
export type SnapshotFacts = {
  /** The VirtualMachine of the ManagedVM; undefined: there is none. */
  readonly virtualMachine: Fields | undefined;
  /** Names of the disks that were ordered. */
  readonly disks: readonly string[];
};

/**
 * KubeVirt calls a snapshot Succeeded that has not a single disk in it: volumes whose StorageClass has no VolumeSnapshotClass are left out
 * (updateSnapshotSnapshotableVolumes in pkg/storage/snapshot/snapshot.go). Its list of those left out also has what is no disk, such as cloud-init.
 */
export function flawOf(made: Fields, { virtualMachine, disks }: SnapshotFacts): string | undefined {
  const machine = textAt(virtualMachine, 'metadata', 'uid');
  if (machine === undefined || textAt(made, 'status', 'sourceUID') !== machine) return 'it is of another machine';
  const included = new Set(textsAt(made, 'status', 'snapshotVolumes', 'includedVolumes'));
  const wanted = new Set([...disks, ...claimedVolumes(virtualMachine)]);
  const missing = [...wanted].filter(name => !included.has(name));
  if (missing.length === 0) return undefined;
  return `disks are not in it (no volumes, or their StorageClass has no VolumeSnapshotClass): ${missing.slice(0, 5).join(', ')}`;
}

/** Volumes that hold data, plugged in ones too. */
function claimedVolumes(virtualMachine: Fields | undefined): readonly string[] {
  const volumes = listAt(virtualMachine, 'spec', 'template', 'spec', 'volumes');
  const claimed = volumes.filter(volume => claimOfVolume(volume) !== undefined);
  return claimed.map(volume => textAt(volume, 'name') ?? '');
}

/**
 * Where the agent is there KubeVirt has it hold the file systems, or makes no snapshot at all; but a machine that is paused, or whose agent could
 * not hold them long enough, it snapshots as it is (Freeze and updateSnapshotSourceIndications there).
 */
export function consistencyOf(made: Fields): 'FilesystemConsistent' | 'CrashConsistent' {
  const indications = textsAt(made, 'status', 'indications');
  const held =
    indications.includes('GuestAgent') && indications.every(each => each === 'Online' || each === 'GuestAgent');
  return held ? 'FilesystemConsistent' : 'CrashConsistent';
}

export function snapshotFailure(made: Fields): string {
  const failure = listAt(made, 'status', 'conditions').find(condition => textAt(condition, 'type') === 'Failure');
  return excerpt(textAt(made, 'status', 'error', 'message') ?? textAt(failure, 'reason') ?? 'it does not say why', 200);
}
