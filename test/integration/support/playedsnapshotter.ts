/**
 * PLAYED, not real: snapshot controller and CSI driver for the volumes of the played storage. A VolumeSnapshot gets its content, and both are
 * ready at once, as external-snapshotter v8 leaves them; there is nothing behind them.
 */
import type { Client, KubeObject } from '../../../hack/testbed/client/client.ts';
import { pathOf } from '../../../hack/testbed/client/path.ts';
import { Store } from '../../../hack/testbed/client/store.ts';
import { provisioner } from '../../../hack/testbed/played/storage.ts';
import type { ResourceKind } from '../../../src/runtime/api/object.ts';
import type { Api } from './api.ts';

const group = 'snapshot.storage.k8s.io';
const apiVersion = `${group}/v1`;
const kindOf = (kind: string, plural: string, namespaced: boolean): ResourceKind => {
  return { group, version: 'v1', kind, plural, namespaced };
};
export const VolumeSnapshot = kindOf('VolumeSnapshot', 'volumesnapshots', true);
const VolumeSnapshotContent = kindOf('VolumeSnapshotContent', 'volumesnapshotcontents', false);
const VolumeSnapshotClass = kindOf('VolumeSnapshotClass', 'volumesnapshotclasses', false);

type Snapshot = KubeObject & {
  readonly spec: { readonly source: { readonly persistentVolumeClaimName?: string } };
  readonly status?: { readonly readyToUse?: boolean };
};

export type Snapshotter = {
  /** Makes the VolumeSnapshotClass of the played storage, and snapshots until {@link stop}. */
  start(): Promise<void>;
  /** Until {@link release} no snapshot gets ready, and a backup that waits for one does not end. */
  hold(): void;
  release(): void;
  stop(): void;
};

export function playSnapshotter({ client }: Api): Snapshotter {
  const ending = new AbortController();
  const snapshots = new Store<Snapshot>(client, pathOf(VolumeSnapshot));
  let isHeld = false;
  const look = (snapshot: Snapshot | undefined) => {
    if (isHeld || !snapshot?.spec.source.persistentVolumeClaimName || snapshot.status?.readyToUse) return;
    void take(client, snapshot).catch(error => ending.signal.aborted || console.error('played snapshotter:', error));
  };
  snapshots.onChange(key => look(snapshots.get(key)));
  return {
    start: async () => {
      await client.create(pathOf(VolumeSnapshotClass), {
        ...{ apiVersion, kind: 'VolumeSnapshotClass', metadata: { name: 'played' } },
        ...{ driver: provisioner, deletionPolicy: 'Delete' },
      } as KubeObject);
      void snapshots.follow(ending.signal);
    },
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      for (const snapshot of snapshots.all()) look(snapshot);
    },
    stop: () => ending.abort(),
  };
}

async function take(client: Client, { metadata }: Snapshot): Promise<void> {
  const { namespace = '', name, uid } = metadata;
  const content = `snapcontent-${uid}`;
  const ready = { readyToUse: true, restoreSize: 1024 ** 3 };
  await client.create(pathOf(VolumeSnapshotContent), {
    ...{ apiVersion, kind: 'VolumeSnapshotContent', metadata: { name: content } },
    spec: {
      ...{ deletionPolicy: 'Delete', driver: provisioner, volumeSnapshotClassName: 'played' },
      source: { volumeHandle: `volume-of-${name}` },
      volumeSnapshotRef: { apiVersion, kind: 'VolumeSnapshot', namespace, name, uid },
    },
  } as KubeObject);
  const at = new Date();
  await status(client, pathOf(VolumeSnapshotContent, '', content), {
    ...{ ...ready, snapshotHandle: `snapshot-${uid}`, creationTime: at.getTime() * 1_000_000 },
  });
  await status(client, pathOf(VolumeSnapshot, namespace, name), {
    ...{ ...ready, restoreSize: '1Gi', boundVolumeSnapshotContentName: content, creationTime: at.toISOString() },
  });
}

function status(client: Client, path: string, value: object): Promise<unknown> {
  return client.patch('merge', `${path}/status`, { status: value });
}
