import type { GuestStateStatus } from '../../api/gueststate.ts';
import { instant } from '../../domain/contract/condition.ts';

export type VMLease = NonNullable<GuestStateStatus['lease']>;

/** The part of the record that says who works in the guest. */
export type Leased = Pick<GuestStateStatus, 'lease' | 'leaseGeneration'>;

/** Who takes the lease, and what for. */
export type Taker = { readonly holder: string; readonly purpose: string };

/** A lease that has not changed for so long, as we saw it, has lapsed. Milliseconds. */
export const LEASE_MS = 45_000;
/** Its holder writes it anew when this much of it has passed. Milliseconds. */
export const RENEW_MS = 15_000;

/**
 * The lease as its taker writes it; undefined while another's has not lapsed. Each taking has a generation of its own, one's own again included:
 * whatever an earlier one still sends is refused by the guest. `unchangedMs` is by the taker's own steady clock, as for a Lease of Kubernetes:
 * `until` is for people, since the clocks of two workers may differ.
 * `first`: {@link firstGeneration} of this record.
 */
export function takeLease(
  { lease, leaseGeneration = 0 }: Leased,
  { holder, purpose }: Taker,
  when: { readonly now: Date; readonly unchangedMs: number; readonly first: number },
): Required<Leased> | undefined {
  if (lease !== undefined && lease.holder !== holder && when.unchangedMs < LEASE_MS) return undefined;
  const generation = Math.max(leaseGeneration + 1, when.first);
  const since = instant(when.now);
  return {
    lease: { holder, purpose, generation, since, until: untilOf(when.now) },
    leaseGeneration: generation,
  };
}

/**
 * The least generation of a record that was made then: seconds since 1970, so that one which was deleted and made anew begins above whatever the
 * guest remembers of the former.
 */
export function firstGeneration(creationTimestamp: string | undefined): number {
  return Math.max(1, Math.floor(Date.parse(creationTimestamp ?? '') / 1000) || 1);
}

/** The lease held on, by its holder, where its last writing is so long ago that it must be written anew. */
export function renewLease(lease: VMLease, when: { readonly now: Date; readonly unchangedMs: number }): VMLease {
  return when.unchangedMs < RENEW_MS ? lease : { ...lease, until: untilOf(when.now) };
}

/** Whether the record says that this holder works in the guest. Whether it still does, only its write tells: it conflicts otherwise. */
export function isHeldBy({ lease }: Leased, holder: string): boolean {
  return lease?.holder === holder;
}

/** The record without a lease; the generation stays, so that the next is a higher one. */
export function giveBack<Record extends Leased>(record: Record): Record {
  const { lease: _, ...rest } = record;
  return rest as Record;
}

function untilOf(now: Date): string {
  return instant(new Date(now.getTime() + LEASE_MS));
}
