import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { GuestRecord } from './record.ts';
import type { ShardStanding } from './shards.ts';

/** What one pass read about the inside of one guest. Nothing of it was read from the guest itself: the operator never connects to one. */
export type GuestFacts = {
  /** Undefined: nothing looks into the guest. */
  readonly record: GuestRecord | undefined;
  /** Of the shard whose worker has written the record. */
  readonly shard: ShardStanding;
  /** Managed applications that run on the VM; undefined where that cannot be read. */
  readonly applications: readonly string[] | undefined;
  readonly unreadable: readonly Unreadable[];
};

export type OfGuest = OfMachine & { readonly guest: GuestFacts };
