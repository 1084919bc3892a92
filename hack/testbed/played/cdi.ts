/**
 * PLAYED, not real: CDI, of which no server can be built from published modules.
 *
 * Real: the CRDs, and the claims' admission: a claim over quota is refused by kube-apiserver and reported as CDI reports it. Played: a
 * DataVolume becomes a claim of the size asked for, an import succeeds at once, a DataSource with a source is ready. No data moves; a
 * source is not looked at, except that a DataSource must exist. What CDI's webhooks refuse is refused: see cdi/admission.ts and controlplane/objects.ts.
 */

import { DataSources } from '../cdi/datasources.ts';
import type { DataVolume } from '../cdi/datavolume.ts';
import { DataVolumes, type Filling } from '../cdi/datavolumes.ts';
import type { Client } from '../client/client.ts';
import { keyOf, type Store } from '../client/store.ts';
import type { Misbehaviours } from './misbehaviour.ts';
import { LookAgain, Player } from './player.ts';
import type { Claim } from './provisioner.ts';
import { playedClaims } from './storage.ts';

const stuck = 'testbed.managed.systems/deletion-stuck';
const importError = 'Unable to connect to http data source: expected status code 200, got 404. Status: 404 Not Found';

export class PlayedCdi {
  readonly #client: Client;
  readonly #misbehaviours: Misbehaviours;
  readonly #sources: DataSources;
  readonly #volumes: DataVolumes;

  constructor(client: Client, claims: Store<Claim>, misbehaviours: Misbehaviours) {
    this.#client = client;
    this.#misbehaviours = misbehaviours;
    this.#sources = new DataSources(client, () => true);
    this.#volumes = new DataVolumes(client, claims, this.#sources, {
      defaults: playedClaims,
      fill: volume => this.#fill(volume),
      forget: () => {},
    });
  }

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const { store, lookAtAll } = this.#volumes;
    const holder = new Player(key => this.#holdBack(store.get(key)), signal, report);
    store.onChange(holder.enqueue);
    this.#misbehaviours.onChange(() => {
      lookAtAll();
      for (const volume of store.all()) holder.enqueue(keyOf(volume));
    });
    await Promise.all([this.#volumes.play(signal, report), this.#sources.play(signal, report)]);
  }

  #fill(volume: DataVolume): Filling {
    const misbehaves = this.#misbehaviours.of(keyOf(volume));
    if (misbehaves('ImportFails')) return { state: 'failed', message: importError };
    if (misbehaves('NeverReady')) return { state: 'running', progress: '0.00%' };
    return { state: 'done' };
  }

  /** Keeps a DataVolume from going, as a stuck importer or storage does, with a finalizer on it. */
  async #holdBack(volume: DataVolume | undefined): Promise<void> {
    if (volume === undefined) return;
    const hold = this.#misbehaviours.of(keyOf(volume))('DeletionStuck');
    const { namespace, name, resourceVersion, finalizers = [], deletionTimestamp } = volume.metadata;
    if (hold === finalizers.includes(stuck) || (hold && deletionTimestamp !== undefined)) return;
    const wanted = hold ? [...finalizers, stuck] : finalizers.filter(each => each !== stuck);
    const path = `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datavolumes/${name}`;
    await this.#client.patch('merge', path, { metadata: { resourceVersion, finalizers: wanted } });
    throw new LookAgain(0);
  }
}
