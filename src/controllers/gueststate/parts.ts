import type { Clock } from '../../runtime/api/clock.ts';
import type { Hands } from './hands.ts';
import type { Keyring } from './keyring.ts';
import type { Memories } from './memory.ts';
import type { GuestMetrics } from './metrics.ts';
import type { Plans } from './plans.ts';
import type { Shards } from './shards.ts';

/** What the guest worker works with. */
export type Parts = {
  /** Unique per process: the holder of leases. */
  readonly identity: string;
  readonly shards: Shards;
  readonly keyring: Keyring;
  readonly plans: Plans;
  readonly hands: Hands;
  readonly memories: Memories;
  readonly metrics: GuestMetrics;
  readonly clock: Clock;
  /** Whether Windows guests are looked into. */
  readonly windows: boolean;
  readonly intervalMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
};
