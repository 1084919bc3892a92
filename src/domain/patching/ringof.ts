import { selects } from './selects.ts';
import type { Ring } from './terms.ts';

/** A ManagedVM, as far as rings ask about it. */
export type Placed = { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };

/**
 * The ring that a ManagedVM is in. The provider's rings that others wait for come first, and take VMs of the namespaces that he names: no label moves a
 * tenant's VM ahead of others. Who plans himself is then in a ring of his own, if he has any; all others are in the provider's last ring (MO-11).
 */
export function ringOf(rings: readonly Ring[], managedVM: Placed): Ring | undefined {
  const customer = rings.filter(({ party }) => party === 'Customer');
  const last = rings.findLast(({ party }) => party === 'Provider');
  return provingRingOf(rings, managedVM) ?? customer.find(ring => isIn(ring, managedVM)) ?? last;
}

/** The provider's ring that others wait for and that a ManagedVM is in; undefined: it is in none of them. */
export function provingRingOf(rings: readonly Ring[], managedVM: Placed): Ring | undefined {
  const provider = rings.filter(({ party }) => party === 'Provider');
  return provider.slice(0, -1).find(ring => isIn(ring, managedVM));
}

/** The provider's ring that must have proven what a ring installs; undefined: it is the first one, which proves it for all. */
export function provingRing(rings: readonly Ring[], ring: Ring | undefined): Ring | undefined {
  const provider = rings.filter(({ party }) => party === 'Provider');
  const position = provider.findIndex(({ name }) => name === ring?.name && ring.party === 'Provider');
  return position >= 0 ? provider[position - 1] : provider.at(-2);
}

function isIn({ namespaces, selector }: Ring, { namespace, labels }: Placed): boolean {
  return (namespaces?.includes(namespace) ?? true) && (selector === undefined || selects(selector, labels));
}
