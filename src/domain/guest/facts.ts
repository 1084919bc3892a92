import type { Unreadable } from '../contract/unreadable.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { GuestRecord } from './record.ts';
import type { Customer, Grants } from './rootways.ts';
import type { ShardStanding } from './shards.ts';

/** What one pass read about the inside of one guest. Nothing of it was read from the guest itself: the operator never connects to one. */
export type GuestFacts = {
  /** Undefined: nothing looks into the guest. */
  readonly record: GuestRecord | undefined;
  /** Of the shard whose worker has written the record. */
  readonly shard: ShardStanding;
  /** Managed applications that run on the VM; undefined where that cannot be read. */
  readonly applications: readonly PlannedApplication[] | undefined;
  /** Who may do what beside it, where the provider alone is to hold root in it; undefined: not read yet. */
  readonly rights: Rights | undefined;
  readonly unreadable: readonly Unreadable[];
};

/** What is bound in its namespace and for the whole cluster, and whose the namespace is; or why that cannot be read. */
export type Rights = { readonly grants: Grants; readonly customer: Customer } | { readonly why: string };

/** An application that the guest worker sets up, by the hash of its plan. */
export type PlannedApplication = { readonly name: string; readonly uid: string; readonly revision: string };

export type OfGuest = OfMachine & { readonly guest: GuestFacts };
