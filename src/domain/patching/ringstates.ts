import type { PatchingFacts } from './facts.ts';
import type { RingVerdict } from './rings.ts';
import type { PatchTerms, Ring } from './terms.ts';

type Stands = readonly [Ring, Pick<RingVerdict, 'state' | 'reason'>];

/** How the rings of some terms stand, as the two policies say; one of which nothing is said yet keeps its place, and waits. */
export function ringStates(
  { rings, policy, provenBy }: Pick<PatchTerms, 'rings' | 'policy' | 'provenBy'>,
  said: PatchingFacts['rings'],
): readonly Stands[] {
  return rings.map(ring => {
    const found = said(ring.party === 'Provider' ? provenBy : policy).find(({ name }) => name === ring.name);
    return [ring, found ?? { state: 'Waiting', reason: `Ring ${ring.name} has not been judged yet.` }];
  });
}
