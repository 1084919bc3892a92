/**
 * The life of a DataVolume, as CDI leads it: a claim of its size, then its data, then it has succeeded for good. How the data gets into
 * the volume is the business of a {@link Filler}; quota is kube-apiserver's.
 */
import { ApiError, type Client } from '../client/client.ts';
import { type Key, keyOf, Store } from '../client/store.ts';
import { LookAgain, Player } from '../played/player.ts';
import { type Claim, claimPath } from '../played/provisioner.ts';
import type { DataSources } from './datasources.ts';
import * as status from './datavolume.ts';
import { type DataVolume, type DataVolumeStatus, dataVolumesPath, type Work } from './datavolume.ts';
import * as claims from './datavolumeclaim.ts';

/** How far a DataVolume's data is. */
export type Filling =
  | { readonly state: 'done' }
  /** The source cannot be read yet. */
  | { readonly state: 'waiting'; readonly reason: string; readonly message: string }
  /** `progress` is a share such as `12.50%`, or N/A. */
  | { readonly state: 'running'; readonly progress: string }
  | { readonly state: 'failed'; readonly message: string };

export interface Filler {
  readonly defaults: claims.ClaimDefaults;
  /** Brings the data into the volume of a bound claim or says how far that is. After a failure it is tried again when `due`. */
  fill(volume: DataVolume, claim: Claim, due: boolean): Filling | Promise<Filling>;
  /** Ends all work on a DataVolume that is gone. */
  forget(key: Key): void;
}

/** Milliseconds until a claim that was over quota, or a source that cannot be read yet, is tried again. */
const pause = 500;
/** Milliseconds between two attempts of a failing import. */
const restartPause = 5_000;

export class DataVolumes {
  readonly store: Store<DataVolume>;
  readonly #client: Client;
  readonly #claims: Store<Claim>;
  readonly #sources: DataSources;
  readonly #filler: Filler;
  /** DataVolumes whose failed import is not to be tried again yet. */
  readonly #failed = new Set<Key>();
  #enqueue: (key: Key) => void = () => {};

  constructor(client: Client, claimStore: Store<Claim>, sources: DataSources, filler: Filler) {
    this.#client = client;
    this.#claims = claimStore;
    this.#sources = sources;
    this.#filler = filler;
    this.store = new Store<DataVolume>(client, dataVolumesPath);
  }

  readonly lookAtAll = (): void => {
    for (const volume of this.store.all()) this.#enqueue(keyOf(volume));
  };

  readonly lookAt = (key: Key): void => this.#enqueue(key);

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const player = new Player(key => this.#play(key), signal, report);
    this.#enqueue = player.enqueue;
    this.store.onChange(player.enqueue);
    this.#claims.onChange(player.enqueue);
    this.#sources.onChange(this.lookAtAll);
    await this.store.follow(signal);
  }

  async #play(key: Key): Promise<void> {
    const volume = this.store.get(key);
    if (volume === undefined || volume.metadata.deletionTimestamp !== undefined) return this.#filler.forget(key);
    const next = await this.#next(volume);
    if (!status.sameVerdict(volume.status, next)) {
      const { namespace, name, resourceVersion } = volume.metadata;
      const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/${name}/status`;
      await this.#client.patch('merge', path, { metadata: { resourceVersion }, status: next });
    }
    const waits = next.phase?.endsWith('Scheduled') === true;
    if (waits || next.conditions?.some(each => each.reason === status.exceededQuota)) throw new LookAgain(pause);
  }

  async #next(volume: DataVolume): Promise<DataVolumeStatus> {
    const before = volume.status;
    const { name } = volume.metadata;
    // What has been imported stays imported.
    if (before?.phase === 'Succeeded') return before;
    const claim = this.#claims.get(keyOf(volume));
    if (claim === undefined) return this.#withoutClaim(volume);
    const populated = claims.isPopulated(claim, volume);
    if (!claims.isOwned(claim, volume)) {
      if (!populated) {
        const message = `Resource "${name}" already exists and is not managed by DataVolume`;
        return status.unbound(before, 'ErrResourceExists', message);
      }
      await this.#client.patch('merge', claimPath(claim), claims.adoption(claim, volume));
    }
    if (claim.status?.phase !== 'Bound') return status.pending(before, name);
    const work = this.#workOn(volume);
    return populated ? status.succeeded(before, name, work) : this.#fill(volume, claim, work);
  }

  async #withoutClaim(volume: DataVolume): Promise<DataVolumeStatus> {
    const { status: before, metadata } = volume;
    if (claims.awaitsClaim(volume)) return status.pending(before, metadata.name);
    const missing = this.#missingSource(volume);
    if (missing !== undefined) return status.unbound(before, 'NotFound', missing);
    const refusal = await this.#createClaim(volume);
    if (refusal !== undefined) return status.unbound(before, status.exceededQuota, refusal);
    return status.pending(before, metadata.name);
  }

  async #fill(volume: DataVolume, claim: Claim, work: Work): Promise<DataVolumeStatus> {
    const { status: before, metadata } = volume;
    const filling = await this.#filler.fill(volume, claim, !this.#failed.has(keyOf(volume)));
    switch (filling.state) {
      case 'done':
        return status.succeeded(before, metadata.name, work);
      case 'running':
        return status.transferring(before, metadata.name, work, filling.progress);
      case 'waiting':
        return status.scheduled(before, metadata.name, work, filling.reason, filling.message);
      case 'failed':
        return status.failing(before, metadata.name, work, filling.message, this.#restartLater(volume));
    }
  }

  /** The number of restarts so far; the next one is due some seconds from now. */
  #restartLater(volume: DataVolume): number {
    const key = keyOf(volume);
    const restarts = volume.status?.restartCount ?? 0;
    if (this.#failed.has(key)) return restarts;
    this.#failed.add(key);
    setTimeout(() => {
      this.#failed.delete(key);
      this.#enqueue(key);
    }, restartPause).unref();
    return restarts + 1;
  }

  #workOn({ spec }: DataVolume): Work {
    return spec.sourceRef !== undefined || spec.source?.pvc !== undefined ? 'Clone' : 'Import';
  }

  #missingSource({ spec, metadata }: DataVolume): string | undefined {
    if (spec.sourceRef === undefined) return undefined;
    const { namespace = metadata.namespace, name } = spec.sourceRef;
    return this.#sources.isReady(`${namespace}/${name}`) ? undefined : `DataSource ${namespace}/${name} is not ready`;
  }

  /** Undefined when the claim is made, else the refusal in the words of kube-apiserver's quota admission. */
  async #createClaim(volume: DataVolume): Promise<string | undefined> {
    try {
      const path = `/api/v1/namespaces/${volume.metadata.namespace}/persistentvolumeclaims`;
      await this.#client.create(path, claims.claimFor(volume, this.#filler.defaults));
      return undefined;
    } catch (error) {
      if (error instanceof ApiError && error.status === 403 && error.message.includes('exceeded quota'))
        return error.message;
      throw error;
    }
  }
}
