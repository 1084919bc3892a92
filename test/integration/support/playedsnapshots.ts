/** KubeVirt's snapshot controller, played by the rules of its own code (pkg/storage/snapshot, v1.8.4): it writes what that would write. */
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { VirtualMachine, VirtualMachineSnapshot } from '../../../src/api/upstream.ts';
import type { Any, Api } from './api.ts';

type Played = {
  /** Disks whose StorageClass has no VolumeSnapshotClass: left out, and the snapshot succeeds (getSnapshotPVC, updateSnapshotSnapshotableVolumes). */
  readonly withoutClass?: readonly string[];
  /** Whether the guest's agent is connected: then the file systems are held (Freeze). */
  readonly agent?: boolean;
};

/** What KubeVirt says of a snapshot that it has made of a machine that runs. */
export async function playSnapshot(api: Api, namespace: string, name: string, played: Played = {}): Promise<void> {
  const { withoutClass = [], agent = true } = played;
  const { spec } = await api.get(VirtualMachineSnapshot, namespace, name);
  const machine = await api.get(VirtualMachine, namespace, spec.source.name);
  const volumes: readonly Any[] = machine.spec.template.spec.volumes;
  const isIn = ({ name: volume, dataVolume, persistentVolumeClaim }: Any) =>
    (dataVolume ?? persistentVolumeClaim) !== undefined && !withoutClass.includes(volume);
  const names = (wanted: boolean) => volumes.filter(volume => isIn(volume) === wanted).map(volume => volume.name);
  await say(api, namespace, name, {
    ...{ phase: 'Succeeded', readyToUse: true, sourceUID: machine.metadata.uid },
    ...{ creationTime: new Date().toISOString(), indications: [agent ? 'GuestAgent' : 'NoGuestAgent', 'Online'] },
    snapshotVolumes: { includedVolumes: names(true), excludedVolumes: names(false) },
  });
}

/** What it says once its deadline has passed: the file systems could not be held, and it tries no more. */
export async function playFailedSnapshot(api: Api, namespace: string, name: string): Promise<void> {
  const failure = { type: 'Failure', status: 'True', reason: 'snapshot deadline exceeded' };
  const error = { message: 'Failed freezing vm' };
  await say(api, namespace, name, { phase: 'Failed', readyToUse: false, error, conditions: [failure] });
}

async function say(api: Api, namespace: string, name: string, status: object): Promise<void> {
  await api.client.patch('merge', `${pathOf(VirtualMachineSnapshot, namespace, name)}/status`, { status });
}
