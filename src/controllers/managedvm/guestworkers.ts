import { guestState } from '../../api/gueststate.ts';
import type { ManagedVM } from '../../api/managedvm.ts';
import { numberAt, textAt } from '../../domain/contract/json.ts';
import type { Unreadable } from '../../domain/contract/unreadable.ts';
import { type ShardLease, type ShardStanding, type Shards, seenShards, standingOf } from '../../domain/guest/shards.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { LEASE } from '../../runtime/leader/lease.ts';
import type { Asked, PolledSource } from '../../runtime/pass/controller.ts';
import { isShardLease } from '../gueststate/shards.ts';
import type { Settings } from '../settings.ts';

/** Intervals, at which guests are looked into, for which a Lease has lapsed, or has not been readable, until that counts. */
const PATIENCE = 2;
/** Lists in an interval, and the longest time between two. */
const LISTS = 10;
const LONGEST_MS = 60_000;

/** The guest workers, as far as their Leases tell whether they live. */
export type GuestWorkers = {
  /** Lists the Leases from time to time, where there are records: they are renewed too often to be watched. */
  readonly source: PolledSource<ManagedVM & KubeObject>;
  /** Of the shard that a record names. */
  standingOf(worker: string | undefined): ShardStanding;
  /** Why nothing is known of them; empty where something is. */
  unreadable(): readonly Unreadable[];
};

type Silence = { readonly since: number; readonly until: number; readonly why: string };

export function guestWorkersOf({
  namespace,
  guestIntervalMs,
}: Pick<Settings, 'namespace' | 'guestIntervalMs'>): GuestWorkers {
  const graceMs = PATIENCE * guestIntervalMs;
  let shards: Shards | undefined;
  let silence: Silence | undefined;
  const unreadable = (): readonly Unreadable[] =>
    silence === undefined || silence.until - silence.since < graceMs
      ? []
      : [{ kind: LEASE.kind, namespace, why: silence.why }];

  const look = async (asked: Asked): Promise<void> => {
    try {
      const leases = await asked.list(LEASE, namespace);
      shards = seenShards(shards, leases.flatMap(shardLease), asked.monotonic());
      silence = undefined;
    } catch (error) {
      const now = asked.monotonic();
      silence = { since: now, why: messageOf(error), ...silence, until: now };
    }
  };
  return {
    standingOf: worker => standingOf(shards, worker, graceMs),
    unreadable,
    source: {
      ...{ name: 'guest workers', everyMs: Math.min(guestIntervalMs / LISTS, LONGEST_MS) },
      ask: async (_now, _signal, asked) => {
        if (asked.read.list(guestState).length === 0) return () => false;
        const [before, silent] = [shards, unreadable().length];
        await look(asked);
        const heard = unreadable().length !== silent;
        const after = shards;
        return ({ metadata: { namespace: of = '', name } }) => {
          const record = asked.read.get(guestState, { namespace: of, name });
          if (record === undefined) return false;
          const worker = textAt(record, 'status', 'worker');
          return heard || standingOf(before, worker, graceMs) !== standingOf(after, worker, graceMs);
        };
      },
    },
  };
}

function shardLease(lease: KubeObject): readonly ShardLease[] {
  const { name, uid = '' } = lease.metadata;
  if (!isShardLease(name)) return [];
  const holder = textAt(lease, 'spec', 'holderIdentity');
  const renewal = [uid, holder, textAt(lease, 'spec', 'renewTime')].join(' ');
  const seconds = holder === undefined ? 0 : (numberAt(lease, 'spec', 'leaseDurationSeconds') ?? 0);
  return [{ name, renewal, heldMs: Math.max(0, seconds) * 1000 }];
}
