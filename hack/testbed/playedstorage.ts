/**
 * PLAYED, not real: the CSI driver behind the StorageClass `standard`, that is external-provisioner and external-resizer.
 *
 * Real: the claims, their admission with quota and the permission to grow by the StorageClass, and the binding of claim and volume by
 * kube-controller-manager. Played: a volume of the size asked for is there at once, grows at once, and goes with its claim.
 */
import type { Client, KubeObject } from './client.ts';
import { Player } from './player.ts';
import { bytes } from './quantity.ts';
import { keyOf, Store } from './store.ts';

export const storageClass = 'standard';
export const provisioner = 'played-storage';

type Capacity = { readonly storage: string };

export type Claim = KubeObject & {
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: Capacity };
  };
  readonly status?: { readonly phase?: string; readonly capacity?: Capacity };
};

type Volume = KubeObject & {
  readonly spec: { readonly storageClassName?: string; readonly capacity: Capacity };
  readonly status?: { readonly phase?: string };
};

const volumes = '/api/v1/persistentvolumes';

export class PlayedStorage {
  readonly claims: Store<Claim>;
  readonly #volumes: Store<Volume>;
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.claims = new Store<Claim>(client, '/api/v1/persistentvolumeclaims');
    this.#volumes = new Store<Volume>(client, volumes);
  }

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const claimPlayer = new Player(key => this.#playClaim(this.claims.get(key)), signal, report);
    const volumePlayer = new Player(key => this.#playVolume(this.#volumes.get(key)), signal, report);
    this.claims.onChange(claimPlayer.enqueue);
    this.#volumes.onChange(volumePlayer.enqueue);
    await Promise.all([this.claims.follow(signal), this.#volumes.follow(signal)]);
  }

  async #playClaim(claim: Claim | undefined): Promise<void> {
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
    if (claim.spec.storageClassName !== storageClass) return;
    const name = `pvc-${claim.metadata.uid}`;
    if (claim.spec.volumeName === undefined) {
      if (this.#volumes.get(name) === undefined) await this.#client.create(volumes, volumeFor(claim, name));
      return;
    }
    const { storage } = claim.spec.resources.requests;
    const has = claim.status?.capacity?.storage;
    if (has === undefined || bytes(has) >= bytes(storage)) return;
    await this.#client.patch('merge', `${volumes}/${claim.spec.volumeName}`, { spec: { capacity: { storage } } });
    const path = `/api/v1/namespaces/${claim.metadata.namespace}/persistentvolumeclaims/${claim.metadata.name}`;
    await this.#client.patch('merge', `${path}/status`, { status: { capacity: { storage }, conditions: null } });
  }

  async #playVolume(volume: Volume | undefined): Promise<void> {
    if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return;
    if (volume.spec.storageClassName !== storageClass || volume.status?.phase !== 'Released') return;
    await this.#client.delete(`${volumes}/${keyOf(volume)}`);
  }
}

function volumeFor(claim: Claim, name: string): Volume & { readonly spec: object } {
  const { namespace, name: claimName, uid } = claim.metadata;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    // Without the annotation kube-controller-manager looks for a driver of its own to delete the volume with, and fails.
    metadata: { name, annotations: { 'pv.kubernetes.io/provisioned-by': provisioner } },
    spec: {
      storageClassName: storageClass,
      capacity: claim.spec.resources.requests,
      accessModes: claim.spec.accessModes,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid },
      csi: { driver: provisioner, volumeHandle: name },
    } as Volume['spec'],
  };
}
