/** What a test asks the played components to do wrong, told by the ConfigMap `kube-system/played-node`. */
import type { Client, KubeObject } from '../client/client.ts';
import { type Key, Store } from '../client/store.ts';

export const misbehaviours = ['ImportFails', 'AgentLost', 'VMICrashLoop', 'DeletionStuck', 'NeverReady'] as const;
export type Misbehaviour = (typeof misbehaviours)[number];

type ConfigMap = KubeObject & { readonly data?: Readonly<Record<string, string>> };

export class Misbehaviours {
  readonly #store: Store<ConfigMap>;

  constructor(client: Client) {
    const selector = 'fieldSelector=metadata.name%3Dplayed-node';
    this.#store = new Store<ConfigMap>(client, '/api/v1/namespaces/kube-system/configmaps', selector);
  }

  /** What the VirtualMachine or DataVolume of that key is to do wrong. */
  of(key: Key): (misbehaviour: Misbehaviour) => boolean {
    const listed = this.#store.get('kube-system/played-node')?.data?.[key.replace('/', '.')] ?? '';
    const words = listed.split(',').map(word => word.trim());
    return misbehaviour => words.includes(misbehaviour);
  }

  onChange(listener: () => void): void {
    this.#store.onChange(listener);
  }

  follow(signal: AbortSignal): Promise<void> {
    return this.#store.follow(signal);
  }
}
