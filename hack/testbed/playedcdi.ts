/**
 * PLAYED, not real: CDI, of which no server can be built from published modules.
 *
 * Real: the CRDs, and the claims' admission: a claim over quota is refused by kube-apiserver and reported as CDI reports it. Played: a
 * DataVolume becomes a claim of the size asked for, an import succeeds at once, a DataSource with a source is ready. No data moves; a
 * source is not looked at, except that a DataSource must exist. CDI's own webhook is played by an admission policy (see objects.ts).
 */
import { ApiError, type Client, type KubeObject } from './client.ts';
import { timestamp } from './clock.ts';
import { type Condition, isTrue, withCondition } from './conditions.ts';
import { type DataVolume, type DataVolumeStatus, judged, sameVerdict } from './datavolume.ts';
import type { Misbehaviours } from './misbehaviour.ts';
import { type Claim, storageClass } from './playedstorage.ts';
import { LookAgain, Player } from './player.ts';
import { type Key, keyOf, Store } from './store.ts';

type DataSource = KubeObject & {
  readonly spec: { readonly source?: Readonly<Record<string, unknown>> };
  readonly status?: { readonly conditions?: readonly Condition[] };
};

const api = '/apis/cdi.kubevirt.io/v1beta1';
const stuck = 'testbed.managed.systems/deletion-stuck';
const exceededQuota = 'ErrExceededQuota';
/** Milliseconds until a claim that was over quota is tried again. */
const quotaPause = 500;
/** Milliseconds between two attempts of a failing import. */
const restartPause = 5_000;
const importError = 'Unable to connect to http data source: expected status code 200, got 404. Status: 404 Not Found';

export class PlayedCdi {
  readonly #client: Client;
  readonly #claims: Store<Claim>;
  readonly #misbehaviours: Misbehaviours;
  readonly #volumes: Store<DataVolume>;
  readonly #sources: Store<DataSource>;
  /** How often the importer of a failing DataVolume has been started anew. */
  readonly #restarts = new Map<Key, number>();
  #enqueue: (key: Key) => void = () => {};

  constructor(client: Client, claims: Store<Claim>, misbehaviours: Misbehaviours) {
    this.#client = client;
    this.#claims = claims;
    this.#misbehaviours = misbehaviours;
    this.#volumes = new Store<DataVolume>(client, `${api}/datavolumes`);
    this.#sources = new Store<DataSource>(client, `${api}/datasources`);
  }

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const player = new Player(key => this.#playVolume(this.#volumes.get(key)), signal, report);
    this.#enqueue = player.enqueue;
    const lookAtAll = () => {
      for (const volume of this.#volumes.all()) player.enqueue(keyOf(volume));
    };
    this.#volumes.onChange(player.enqueue);
    this.#claims.onChange(player.enqueue);
    this.#misbehaviours.onChange(lookAtAll);
    this.#sources.onChange(lookAtAll);
    const sourcePlayer = new Player(key => this.#playSource(this.#sources.get(key)), signal, report);
    this.#sources.onChange(sourcePlayer.enqueue);
    await Promise.all([this.#volumes.follow(signal), this.#sources.follow(signal)]);
  }

  async #playVolume(volume: DataVolume | undefined): Promise<void> {
    if (volume === undefined) return;
    const misbehaves = this.#misbehaviours.of(keyOf(volume));
    await this.#holdBack(volume, misbehaves('DeletionStuck'));
    if (volume.metadata.deletionTimestamp !== undefined) return;
    const status = await this.#next(volume, misbehaves('ImportFails'), misbehaves('NeverReady'));
    if (!sameVerdict(volume.status, status)) {
      const { namespace, name, resourceVersion } = volume.metadata;
      const path = `${api}/namespaces/${namespace}/datavolumes/${name}/status`;
      await this.#client.patch('merge', path, { metadata: { resourceVersion }, status });
    }
    if (status.conditions?.some(each => each.reason === exceededQuota)) throw new LookAgain(quotaPause);
  }

  /** Keeps a DataVolume from going, as a stuck importer or storage does, with a finalizer on it. */
  async #holdBack(volume: DataVolume, hold: boolean): Promise<void> {
    const { namespace, name, resourceVersion, finalizers = [], deletionTimestamp } = volume.metadata;
    if (hold === finalizers.includes(stuck) || (hold && deletionTimestamp !== undefined)) return;
    const wanted = hold ? [...finalizers, stuck] : finalizers.filter(each => each !== stuck);
    const patch = { metadata: { resourceVersion, finalizers: wanted } };
    await this.#client.patch('merge', `${api}/namespaces/${namespace}/datavolumes/${name}`, patch);
    throw new LookAgain(0);
  }

  async #next(volume: DataVolume, fails: boolean, never: boolean): Promise<DataVolumeStatus> {
    const before = volume.status;
    const { name } = volume.metadata;
    // What has been imported stays imported.
    if (before?.phase === 'Succeeded') return before;
    const missing = this.#missingSource(volume);
    if (missing !== undefined) return unbound(before, 'NotFound', missing);
    const claim = this.#claims.get(keyOf(volume));
    if (claim === undefined) {
      const refusal = await this.#createClaim(volume);
      if (refusal !== undefined) return unbound(before, exceededQuota, refusal);
      return judged(before, { phase: 'Pending', progress: 'N/A', claimName: name }, pending(name));
    }
    if (claim.metadata.ownerReferences?.some(owner => owner.uid === volume.metadata.uid) !== true) {
      return unbound(before, 'ErrResourceExists', `Resource "${name}" already exists and is not managed by DataVolume`);
    }
    if (claim.status?.phase !== 'Bound') {
      return judged(before, { phase: 'Pending', progress: 'N/A', claimName: name }, pending(name));
    }
    if (fails) return failing(before, name, this.#restartLater(keyOf(volume)));
    if (never) return importing(before, name);
    return judged(before, { phase: 'Succeeded', progress: '100.0%', claimName: name }, succeeded(name));
  }

  /** The number of restarts so far; the next one is due some seconds from now. */
  #restartLater(key: Key): number {
    const restarts = this.#restarts.get(key);
    if (restarts !== undefined) return restarts;
    const count = (this.#volumes.get(key)?.status?.restartCount ?? 0) + 1;
    this.#restarts.set(key, count);
    setTimeout(() => {
      this.#restarts.delete(key);
      this.#enqueue(key);
    }, restartPause).unref();
    return count;
  }

  #missingSource({ spec, metadata }: DataVolume): string | undefined {
    if (spec.sourceRef === undefined) return undefined;
    const { namespace = metadata.namespace, name } = spec.sourceRef;
    const source = this.#sources.get(`${namespace}/${name}`);
    return isTrue(source?.status?.conditions, 'Ready') ? undefined : `DataSource ${namespace}/${name} is not ready`;
  }

  /** Undefined when the claim is made, else the refusal in the words of kube-apiserver's quota admission. */
  async #createClaim(volume: DataVolume): Promise<string | undefined> {
    try {
      await this.#client.create(
        `/api/v1/namespaces/${volume.metadata.namespace}/persistentvolumeclaims`,
        claimFor(volume),
      );
      return undefined;
    } catch (error) {
      if (error instanceof ApiError && error.status === 403 && error.message.includes('exceeded quota'))
        return error.message;
      throw error;
    }
  }

  async #playSource(source: DataSource | undefined): Promise<void> {
    if (source === undefined) return;
    const ready = Object.keys(source.spec.source ?? {}).length > 0;
    const status = ready ? 'True' : 'False';
    const reason = ready ? 'Ready' : 'NoSource';
    const known = source.status?.conditions?.find(each => each.type === 'Ready');
    if (known?.status === status) return;
    const message = ready ? 'DataSource is ready to be consumed' : 'DataSource has no source';
    const wanted: Condition = { type: 'Ready', status, reason, message };
    const conditions = withCondition(source.status?.conditions ?? [], wanted, timestamp());
    const { namespace, name } = source.metadata;
    // The kind has no status subresource.
    await this.#client.patch('merge', `${api}/namespaces/${namespace}/datasources/${name}`, {
      status: { conditions, source: source.spec.source },
    });
  }
}

function claimFor(volume: DataVolume): KubeObject & { readonly spec: object } {
  const { namespace, name, uid = '', labels = {} } = volume.metadata;
  const { storage, pvc } = volume.spec;
  const spec = storage ?? pvc ?? {};
  const owner = {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, app: 'containerized-data-importer', 'app.kubernetes.io/managed-by': 'cdi-controller' },
      annotations: { 'cdi.kubevirt.io/storage.contentType': 'kubevirt' },
      ownerReferences: [owner],
    },
    spec: {
      storageClassName: spec.storageClassName ?? storageClass,
      accessModes: spec.accessModes ?? ['ReadWriteMany'],
      volumeMode: spec.volumeMode ?? (storage ? 'Block' : 'Filesystem'),
      resources: { requests: { storage: spec.resources?.requests?.storage ?? '10Gi' } },
    },
  };
}

const bound = (claim: string) => ({ status: 'True', reason: 'Bound', message: `PVC ${claim} Bound` }) as const;
const notReady = (reason: string) => ({ status: 'False', reason, message: '' }) as const;

function pending(claim: string) {
  return {
    Bound: { status: 'False', reason: 'Pending', message: `PVC ${claim} Pending` },
    Ready: notReady('Pending'),
    Running: notReady(''),
  } as const;
}

function succeeded(claim: string) {
  return {
    Bound: bound(claim),
    Ready: { status: 'True', reason: '', message: '' },
    Running: { status: 'False', reason: 'Completed', message: 'Import Complete' },
  } as const;
}

function unbound(before: DataVolumeStatus | undefined, reason: string, message: string): DataVolumeStatus {
  const verdict = {
    Bound: { status: 'False', reason, message },
    Ready: notReady(reason),
    Running: notReady(''),
  } as const;
  return judged(before, { phase: 'Pending', progress: 'N/A' }, verdict);
}

function importing(before: DataVolumeStatus | undefined, claim: string): DataVolumeStatus {
  const verdict = {
    Bound: bound(claim),
    Ready: notReady('TransferRunning'),
    Running: { status: 'True', reason: 'Pod is running', message: '' },
  } as const;
  return judged(before, { phase: 'ImportInProgress', progress: '0.00%', claimName: claim }, verdict);
}

/** CDI's importer tries again and again; the phase says nothing of it, the condition does. */
function failing(before: DataVolumeStatus | undefined, claim: string, restartCount: number): DataVolumeStatus {
  const status = { phase: 'ImportInProgress', progress: 'N/A', claimName: claim, restartCount };
  const verdict = {
    Bound: bound(claim),
    Ready: notReady('Error'),
    Running: { status: 'False', reason: 'Error', message: importError },
  } as const;
  return judged(before, status, verdict);
}
