/** How keys that a backup has brought back come to orders that were made anew, with UIDs of their own (MO-16, docs/disaster.md). */
import type { ManagedVM } from '../../api/managedvm.ts';
import { keySecretName } from '../contract/child.ts';

/** What is stored of one generation of keys. */
export type StoredKeySet = {
  /** The ManagedVM for which it was made, as the Secret bears it in its labels and in its mark. */
  readonly owner: { readonly namespace: string; readonly name: string; readonly uid: string };
  readonly generation: number;
  /** Stands for what it holds: equal where that is equal. */
  readonly content: string;
};

/** One copy: the keys of a former order under the name of the present one. */
export type KeyCopy = { readonly order: ManagedVM; readonly keys: StoredKeySet };

export type Rejoining = {
  readonly copies: readonly KeyCopy[];
  /** Orders that have the keys of their former selves already. */
  readonly joined: readonly ManagedVM[];
  /** What a person must decide, as sentences; for none of these anything is copied. */
  readonly doubts: readonly string[];
  /** Sentences about keys to which no order belongs. */
  readonly leftOver: readonly string[];
};

/**
 * Which keys belong to which order. An order is its former self again where it has its namespace and name: in the namespace of keys, where only the
 * provider writes, that is proof enough for a person to consent to. What is stored is never changed, and nothing is guessed.
 */
export function rejoining(orders: readonly ManagedVM[], stored: readonly StoredKeySet[]): Rejoining {
  const living = new Set(orders.map(({ metadata }) => metadata.uid ?? ''));
  const byName = Map.groupBy(stored, ({ owner }) => path(owner));
  const named = new Set(orders.map(({ metadata }) => path(metadata)));
  const decided = orders.map(order => decide(order, byName.get(path(order.metadata)) ?? [], living));
  const strangers = [...byName].filter(([name]) => !named.has(name)).map(([name]) => name);
  return {
    copies: decided.flatMap(({ copies = [] }) => copies),
    joined: decided.flatMap(({ joined }) => joined ?? []),
    doubts: decided.flatMap(({ doubt }) => doubt ?? []),
    leftOver: strangers.sort().map(name => `Keys of ManagedVM ${name} are stored, and no such order is there.`),
  };
}

type Decision = { readonly copies?: readonly KeyCopy[]; readonly joined?: ManagedVM; readonly doubt?: string };

function decide(order: ManagedVM, stored: readonly StoredKeySet[], living: ReadonlySet<string>): Decision {
  const { uid = '' } = order.metadata;
  const own = stored.filter(({ owner }) => owner.uid === uid);
  const former = stored.filter(({ owner }) => !living.has(owner.uid));
  const formers = [...new Set(former.map(({ owner }) => owner.uid))].sort();
  const what = `ManagedVM ${path(order.metadata)}`;
  if (formers.length === 0) return {};
  if (formers.length > 1) {
    const doubt = `${what} has keys of ${formers.length} former orders (${formers.join(', ')}): which of them its guest was given is not known. Take the Secrets of the others out of the namespace of keys.`;
    return { doubt };
  }
  const missing = former.filter(each => own.every(({ generation }) => generation !== each.generation));
  const others = own.filter(
    each => !former.some(same => same.generation === each.generation && same.content === each.content),
  );
  if (others.length > 0) {
    const names = others.map(({ generation }) => keySecretName(uid, generation)).join(', ');
    const doubt = `${what} has keys that are not those of its former self: Secret ${names}. Steward has run before they came. If no guest was given them, delete them and ask again.`;
    return { doubt };
  }
  return missing.length === 0 ? { joined: order } : { copies: missing.map(keys => ({ order, keys })) };
}

function path({ namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${namespace}/${name}`;
}
