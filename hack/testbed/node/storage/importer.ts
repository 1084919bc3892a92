/**
 * A stand-in for CDI's importer, since no CDI server can be built from published modules: puts the bytes of a named image, or of another
 * claim's disk, onto the disk of a DataVolume.
 *
 * Like CDI it writes the annotation `storage.pod.phase` on the claim once the disk is whole. Until that is there an import begins anew,
 * also after the test bed was killed; nothing half is ever seen, as a disk gets its name last.
 */
import { stat } from 'node:fs/promises';
import type { DataSources } from '../../cdi/datasources.ts';
import type { DataVolume } from '../../cdi/datavolume.ts';
import { filled, isFilled, isReadable, sizeOfDisk } from '../../cdi/datavolumeclaim.ts';
import type { Filler, Filling } from '../../cdi/datavolumes.ts';
import type { Client, KubeObject, List } from '../../client/client.ts';
import { type Key, keyOf, type Store } from '../../client/store.ts';
import { type Claim, claimPath } from '../../played/provisioner.ts';
import { makeDisk, progressOf } from './disk.ts';
import { diskOf } from './folders.ts';
import { claimDefaults } from './objects.ts';
import { type Images, notFound, type Source, sourceOf, tooLarge } from './source.ts';

/** Milliseconds between two looks at how far a copy is. */
const lookInterval = 1_000;

/** A file to copy, or a disk to be left empty; or what there is to say instead. */
type Origin = { readonly state: 'ready'; readonly file: string | undefined } | Exclude<Filling, { state: 'done' }>;

type Transfer = {
  readonly claimUid: string | undefined;
  readonly file: string | undefined;
  readonly ending: AbortController;
  failure: string | undefined;
};

type Pod = KubeObject & {
  readonly spec: {
    readonly volumes?: readonly { readonly persistentVolumeClaim?: { readonly claimName: string } }[];
  };
  readonly status?: { readonly phase?: string };
};

export class Importer implements Filler {
  readonly defaults = claimDefaults;
  readonly #client: Client;
  readonly #claims: Store<Claim>;
  readonly #sources: DataSources;
  readonly #folder: string;
  readonly #images: Images;
  readonly #signal: AbortSignal;
  readonly #transfers = new Map<Key, Transfer>();
  /** Told of a DataVolume whose copy is further than it was. */
  onProgress: (key: Key) => void = () => {};

  constructor(
    client: Client,
    claims: Store<Claim>,
    sources: DataSources,
    { folder, images, signal }: { readonly folder: string; readonly images: Images; readonly signal: AbortSignal },
  ) {
    this.#client = client;
    this.#claims = claims;
    this.#sources = sources;
    this.#folder = folder;
    this.#images = images;
    this.#signal = signal;
  }

  async fill(volume: DataVolume, claim: Claim, due: boolean): Promise<Filling> {
    if (isFilled(claim)) return { state: 'done' };
    const key = keyOf(volume);
    const known = this.#transfers.get(key);
    if (known !== undefined && known.claimUid === claim.metadata.uid) {
      if (known.failure === undefined) return this.#running(claim, known);
      if (!due) return { state: 'failed', message: known.failure };
    }
    const origin = await this.#originOf(sourceOf(volume, source => this.#sources.get(source)));
    if (origin.state !== 'ready') return origin;
    const size = sizeOfDisk(claim, this.defaults.overheadPercent);
    const length = origin.file === undefined ? 0n : BigInt((await stat(origin.file)).size);
    if (length > size) return { state: 'failed', message: tooLarge(length, size) };
    return this.#running(claim, this.#start(key, claim, size, origin.file));
  }

  forget(key: Key): void {
    this.#transfers.get(key)?.ending.abort();
    this.#transfers.delete(key);
  }

  async #running(claim: Claim, { file }: Transfer): Promise<Filling> {
    return { state: 'running', progress: await progressOf(this.#diskOf(claim), file) };
  }

  #start(key: Key, claim: Claim, size: bigint, file: string | undefined): Transfer {
    this.forget(key);
    const ending = new AbortController();
    const transfer: Transfer = { claimUid: claim.metadata.uid, file, ending, failure: undefined };
    this.#transfers.set(key, transfer);
    const looks = setInterval(() => this.onProgress(key), lookInterval).unref();
    const signal = AbortSignal.any([this.#signal, ending.signal]);
    makeDisk(this.#diskOf(claim), size, file, signal)
      .then(() => this.#client.patch('merge', claimPath(claim), filled))
      .catch((error: unknown) => {
        transfer.failure = `Unable to process data: ${error instanceof Error ? error.message : error}`;
      })
      .finally(() => {
        clearInterval(looks);
        if (!signal.aborted) this.onProgress(key);
      });
    return transfer;
  }

  async #originOf(source: Source): Promise<Origin> {
    switch (source.kind) {
      case 'blank':
        return { state: 'ready', file: undefined };
      case 'unsupported':
        return { state: 'failed', message: source.message };
      case 'image': {
        const file = this.#images[source.name];
        return file !== undefined && (await isThere(file))
          ? { state: 'ready', file }
          : { state: 'failed', message: notFound(source.name) };
      }
      case 'claim':
        return this.#diskToClone(source);
    }
  }

  async #diskToClone({ namespace, name }: { readonly namespace: string; readonly name: string }): Promise<Origin> {
    const waiting = (reason: string, message: string): Origin => ({ state: 'waiting', reason, message });
    const claim = this.#claims.get(`${namespace}/${name}`);
    if (claim === undefined) return waiting('CloneWithoutSource', `The source pvc ${name} doesn't exist`);
    if (!isReadable(claim) || !(await isThere(this.#diskOf(claim))))
      return waiting('CloneSourceNotReady', `The source pvc ${name} is not filled yet`);
    if (await this.#isInUse(namespace, name)) return waiting('CloneSourceInUse', `The source pvc ${name} is in use`);
    return { state: 'ready', file: this.#diskOf(claim) };
  }

  async #isInUse(namespace: string, claim: string): Promise<boolean> {
    const { items } = await this.#client.get<List<Pod>>(`/api/v1/namespaces/${namespace}/pods`);
    return items.some(
      ({ spec, status }) =>
        !['Succeeded', 'Failed'].includes(status?.phase ?? '') &&
        spec.volumes?.some(volume => volume.persistentVolumeClaim?.claimName === claim) === true,
    );
  }

  #diskOf(claim: Claim): string {
    return diskOf(this.#folder, claim.spec.volumeName ?? '');
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
