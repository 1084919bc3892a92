/**
 * Gives claims their volumes, and takes them back by their reclaim policy: what external-provisioner and external-resizer do together.
 * Whether there is anything behind a volume is the business of its {@link Backing}.
 */
import type { Client, KubeObject } from '../client/client.ts';
import { bytes } from '../client/quantity.ts';
import { keyOf, Store } from '../client/store.ts';
import { Player } from './player.ts';

type Capacity = { readonly storage: string };

export type Claim = KubeObject & {
  readonly spec: {
    readonly storageClassName?: string;
    readonly volumeName?: string;
    readonly volumeMode?: string;
    readonly accessModes: readonly string[];
    readonly resources: { readonly requests: Capacity };
  };
  readonly status?: { readonly phase?: string; readonly capacity?: Capacity; readonly allocatedResources?: Capacity };
};

type Volume = KubeObject & {
  readonly spec: { readonly persistentVolumeReclaimPolicy?: string };
  readonly status?: { readonly phase?: string };
};

type StorageClass = KubeObject & {
  readonly provisioner: string;
  readonly reclaimPolicy?: string;
  /** `largest`: the size beyond which its pool lets no volume grow. */
  readonly parameters?: { readonly largest?: string };
};

export interface Backing {
  /** Name of the provisioner, as StorageClasses give it. */
  readonly provisioner: string;
  readonly volumeModes: readonly string[];
  /** Makes what is behind the volume of that name; returns the part of its spec that says where it is. Done twice it is done once. */
  make(volume: string): Promise<object>;
  /** Removes it with all data. */
  remove(volume: string): Promise<void>;
}

export const claimsPath = '/api/v1/persistentvolumeclaims';
const volumesPath = '/api/v1/persistentvolumes';
/** Without this annotation kube-controller-manager looks for a driver of its own to delete the volume with, and fails. */
const provisionedBy = 'pv.kubernetes.io/provisioned-by';
/** Keeps a deleted volume until what is behind it has been dealt with. */
const finalizer = 'testbed.managed.systems/volume';

export class Provisioner {
  readonly claims: Store<Claim>;
  readonly #volumes: Store<Volume>;
  readonly #classes: Store<StorageClass>;
  readonly #client: Client;
  readonly #backing: Backing;

  constructor(client: Client, backing: Backing) {
    this.#client = client;
    this.#backing = backing;
    this.claims = new Store<Claim>(client, claimsPath);
    this.#volumes = new Store<Volume>(client, volumesPath);
    this.#classes = new Store<StorageClass>(client, '/apis/storage.k8s.io/v1/storageclasses');
  }

  /** Provisions until `signal` aborts. */
  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const claimPlayer = new Player(key => this.#playClaim(this.claims.get(key)), signal, report);
    const volumePlayer = new Player(key => this.#playVolume(this.#volumes.get(key)), signal, report);
    this.claims.onChange(claimPlayer.enqueue);
    this.#volumes.onChange(volumePlayer.enqueue);
    this.#classes.onChange(() => {
      for (const claim of this.claims.all()) claimPlayer.enqueue(keyOf(claim));
    });
    await Promise.all([this.claims.follow(signal), this.#volumes.follow(signal), this.#classes.follow(signal)]);
  }

  async #playClaim(claim: Claim | undefined): Promise<void> {
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return;
    const storageClass = this.#classes.get(claim.spec.storageClassName ?? '');
    if (storageClass?.provisioner !== this.#backing.provisioner) return;
    await (claim.spec.volumeName === undefined
      ? this.#provision(claim, storageClass)
      : this.#grow(claim, storageClass.parameters?.largest));
  }

  async #provision(claim: Claim, storageClass: StorageClass): Promise<void> {
    const name = `pvc-${claim.metadata.uid}`;
    const { volumeMode = 'Filesystem' } = claim.spec;
    if (this.#volumes.get(name) !== undefined || !this.#backing.volumeModes.includes(volumeMode)) return;
    const place = await this.#backing.make(name);
    const annotations = { [provisionedBy]: this.#backing.provisioner };
    await this.#client.create(volumesPath, {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name, annotations, finalizers: [finalizer] },
      spec: {
        storageClassName: storageClass.metadata.name,
        capacity: claim.spec.resources.requests,
        accessModes: claim.spec.accessModes,
        volumeMode,
        persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
        claimRef: referenceTo(claim),
        ...place,
      },
    });
  }

  /** Nothing behind a volume has to grow: there is room for all that is written to it. */
  async #grow(claim: Claim, largest: string | undefined): Promise<void> {
    const { storage } = claim.spec.resources.requests;
    const has = claim.status?.capacity?.storage;
    if (has === undefined || bytes(has) >= bytes(storage)) return;
    if (largest !== undefined && bytes(storage) > bytes(largest)) return await this.#refuse(claim);
    await this.#client.patch('merge', `${volumesPath}/${claim.spec.volumeName}`, { spec: { capacity: { storage } } });
    const status = {
      capacity: { storage },
      allocatedResources: null,
      allocatedResourceStatuses: null,
      conditions: null,
    };
    await this.#client.patch('merge', `${claimPath(claim)}/status`, { status });
  }

  /** As external-resizer does it when the driver says OutOfRange: the claim keeps its volume, and says why it does not grow. */
  async #refuse(claim: Claim): Promise<void> {
    const { storage } = claim.spec.resources.requests;
    if (claim.status?.allocatedResources?.storage === storage) return;
    const message = 'failed to expand pvc with rpc error: code = OutOfRange desc = pool has no space left';
    const lastTransitionTime = new Date().toISOString();
    const status = {
      allocatedResources: { storage },
      allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' },
      conditions: [{ type: 'ControllerResizeError', status: 'True', lastTransitionTime, message }],
    };
    await this.#client.patch('merge', `${claimPath(claim)}/status`, { status });
  }

  async #playVolume(volume: Volume | undefined): Promise<void> {
    if (volume?.metadata.annotations?.[provisionedBy] !== this.#backing.provisioner) return;
    const { name, deletionTimestamp, finalizers = [], resourceVersion } = volume.metadata;
    const phase = volume.status?.phase;
    const deletes = volume.spec.persistentVolumeReclaimPolicy === 'Delete';
    if (deletionTimestamp === undefined) {
      if (phase === 'Released' && deletes) await this.#client.delete(`${volumesPath}/${name}`);
      return;
    }
    if (phase === 'Bound' || !finalizers.includes(finalizer)) return;
    if (deletes) await this.#backing.remove(name);
    const others = finalizers.filter(each => each !== finalizer);
    await this.#client.patch('merge', `${volumesPath}/${name}`, { metadata: { resourceVersion, finalizers: others } });
  }
}

export function claimPath({ metadata }: Claim): string {
  return `/api/v1/namespaces/${metadata.namespace}/persistentvolumeclaims/${metadata.name}`;
}

function referenceTo({ metadata: { namespace, name, uid } }: Claim) {
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid };
}
