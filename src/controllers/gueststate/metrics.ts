import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { GuestState } from '../../api/gueststate.ts';
import type { Verdict } from '../../guest/run/step.ts';
import type { Outcome } from './judge.ts';
import type { Shards } from './shards.ts';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 90];

/** What the guest worker tells of its work. No label holds a word that a guest has said. */
export class GuestMetrics {
  readonly #outcomes = new Map<string, { readonly namespace: string; readonly contact: Outcome }>();
  readonly #looks;
  /** By outcome: finding a counter by its labels costs more than counting. */
  readonly #lookCounters = new Map<Outcome, { inc(): void }>();
  readonly #seconds;
  readonly #steps;

  constructor(registry: Registry, shards: Pick<Shards, 'held' | 'holds'>) {
    const registers = [registry];
    const outcomes = this.#outcomes;
    new Gauge({
      ...{ name: 'steward_guests', help: 'Guests of this worker by the outcome of the last attempt to reach them' },
      ...{ labelNames: ['contact'] as const, registers },
      collect() {
        this.reset();
        // What was a guest of a shard that another has now is his to count.
        const ours = outcomes.values().filter(({ namespace }) => shards.holds(namespace));
        const counts = Map.groupBy(ours, ({ contact }) => contact);
        for (const [contact, guests] of counts) this.set({ contact }, guests.length);
      },
    });
    new Gauge({
      ...{ name: 'steward_guest_shards', help: 'Shards of namespaces that this worker holds', registers },
      collect() {
        this.set(shards.held);
      },
    });
    this.#looks = new Counter({
      ...{ name: 'steward_guest_looks_total', help: 'Attempts to look into a guest by outcome' },
      ...{ labelNames: ['contact'] as const, registers },
    });
    this.#seconds = new Histogram({
      ...{ name: 'steward_guest_look_seconds', help: 'Seconds per attempt to look into a guest' },
      ...{ buckets: SECONDS, registers },
    });
    this.#steps = new Counter({
      ...{ name: 'steward_guest_steps_total', help: 'Steps in guests by how they ended' },
      ...{ labelNames: ['verdict'] as const, registers },
    });
  }

  /** What is known of a guest, whether it was tried or not. */
  found({ uid = '', namespace = '' }: GuestState['metadata'], contact: Outcome): void {
    this.#outcomes.set(uid, { namespace, contact });
  }

  looked(record: GuestState['metadata'], contact: Outcome, seconds: number): void {
    this.found(record, contact);
    this.#lookCounterOf(contact).inc();
    this.#seconds.observe(seconds);
  }

  #lookCounterOf(contact: Outcome): { inc(): void } {
    const known = this.#lookCounters.get(contact);
    if (known !== undefined) return known;
    const counter = this.#looks.labels({ contact });
    this.#lookCounters.set(contact, counter);
    return counter;
  }

  ended(verdict: Verdict): void {
    const failed = verdict.kind === 'Finished' && verdict.exitCode !== 0;
    this.#steps.inc({ verdict: failed ? 'Failed' : verdict.kind });
  }

  forget(uid: string): void {
    this.#outcomes.delete(uid);
  }
}
