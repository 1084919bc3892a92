import type { KeyPrints, ManagedVM } from '../../api/managedvm.ts';

/** What is stored of one generation of a VM's keys. Each has a Secret of its own, which is never changed. */
export type KeySet = KeyPrints & { readonly generation: number };

/** The generation of the provider's key that is ordered: where none is, the first. */
export function orderedGeneration({ spec }: ManagedVM): number {
  return spec.access?.providerKey?.generation ?? 1;
}

/** The generation that the guest was given. Where the status has lost that, the newest that is stored: those before it are tried as well. */
export function presentGeneration({ status }: ManagedVM, generations: readonly number[]): number {
  const { keys } = status ?? {};
  return keys === undefined ? Math.max(1, ...generations) : (keys.generation ?? 1);
}

/** The keys that come after those that the guest was given: the ones that were published, or the newest that are stored and serve for its host key. */
export function nextKeySet({ status }: ManagedVM, present: KeySet, sets: readonly KeySet[]): KeySet | undefined {
  const published = status?.keys?.next;
  const after = sets.filter(({ generation, host }) => generation > present.generation && host === present.host);
  if (published === undefined) return after.sort((a, b) => b.generation - a.generation)[0];
  return after.find(
    ({ generation, provider }) => generation === published.generation && provider === published.provider,
  );
}
