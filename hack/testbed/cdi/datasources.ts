/** Keeps the condition Ready of DataSources, as CDI does. */
import type { Client, KubeObject } from '../client/client.ts';
import { type Condition, isTrue, withCondition } from '../client/conditions.ts';
import { type Key, keyOf, Store } from '../client/store.ts';
import { timestamp } from '../client/timestamp.ts';
import { Player } from '../played/player.ts';
import type { NamedClaim } from './datavolume.ts';

export type DataSource = KubeObject & {
  readonly spec: {
    readonly source?: {
      readonly pvc?: NamedClaim;
      readonly snapshot?: NamedClaim;
      readonly dataSource?: { readonly namespace: string; readonly name: string };
    };
  };
  readonly status?: { readonly conditions?: readonly Condition[] };
};

const path = '/apis/cdi.kubevirt.io/v1beta1/datasources';

export class DataSources {
  readonly #client: Client;
  readonly #store: Store<DataSource>;
  readonly #isReady: (source: DataSource) => boolean;
  #enqueue: (key: Key) => void = () => {};

  /** `isReady` says whether what a DataSource with a source names can be read. */
  constructor(client: Client, isReady: (source: DataSource) => boolean) {
    this.#client = client;
    this.#store = new Store<DataSource>(client, path);
    this.#isReady = isReady;
  }

  get(key: Key): DataSource | undefined {
    return this.#store.get(key);
  }

  isReady(key: Key): boolean {
    return isTrue(this.get(key)?.status?.conditions, 'Ready');
  }

  onChange(listener: (key: Key) => void): void {
    this.#store.onChange(listener);
  }

  /** To be called when the answer of `isReady` may have changed. */
  readonly lookAgain = (): void => {
    for (const source of this.#store.all()) this.#enqueue(keyOf(source));
  };

  async play(signal: AbortSignal, report: (line: string) => void): Promise<void> {
    const player = new Player(key => this.#play(this.get(key)), signal, report);
    this.#enqueue = player.enqueue;
    this.#store.onChange(player.enqueue);
    await this.#store.follow(signal);
  }

  async #play(source: DataSource | undefined): Promise<void> {
    if (source === undefined) return;
    const wanted = this.#judge(source);
    const known = source.status?.conditions?.find(each => each.type === 'Ready');
    if (known?.status === wanted.status && known.reason === wanted.reason) return;
    const conditions = withCondition(source.status?.conditions ?? [], wanted, timestamp());
    const { namespace, name } = source.metadata;
    // The kind has no status subresource.
    await this.#client.patch('merge', `/apis/cdi.kubevirt.io/v1beta1/namespaces/${namespace}/datasources/${name}`, {
      status: { conditions, source: source.spec.source },
    });
  }

  #judge(source: DataSource): Condition {
    const type = 'Ready';
    if (Object.keys(source.spec.source ?? {}).length === 0) {
      return { type, status: 'False', reason: 'NoSource', message: 'DataSource has no source' };
    }
    return this.#isReady(source)
      ? { type, status: 'True', reason: 'Ready', message: 'DataSource is ready to be consumed' }
      : { type, status: 'False', reason: 'NotFound', message: 'The source of the DataSource cannot be read yet' };
  }
}
