import { type Doubt, isDoubtOver, isUnproven, keptAs } from '../../domain/intake/doubt.ts';
import { fingerprintOf } from '../../domain/intake/fingerprint.ts';
import { overAt } from '../../domain/intake/merging.ts';
import type { Labels } from '../../domain/intake/pointer.ts';
import type { Clock } from '../../runtime/api/clock.ts';
import { isAlreadyExists, isForbidden } from '../../runtime/api/errors.ts';
import type { Stock } from './stock.ts';

/** Of more than so many alerts it is not remembered since when they are refused: they are counted only. */
const MOST_REMEMBERED = 2_000;

/** What was not told for so long is news when it comes again. Milliseconds. */
const FORGOTTEN_MS = 30 * 60_000;

/** Alerts that were told and not proven, since when; in memory only: who starts anew waits anew. */
export class Doubts {
  readonly #stock: Stock;
  readonly #clock: Clock;
  readonly #began: Date;
  readonly #doubts = new Map<string, Doubt>();

  constructor(stock: Stock, clock: Clock) {
    this.#stock = stock;
    this.#clock = clock;
    this.#began = clock.now();
  }

  refused(doubt: Omit<Doubt, 'since' | 'last'>): void {
    const now = this.#clock.now();
    const fingerprint = fingerprintOf(doubt.pointer.labels);
    const before = this.#doubts.get(fingerprint);
    if (before === undefined && this.#doubts.size >= MOST_REMEMBERED) return;
    this.#doubts.set(fingerprint, { ...doubt, since: before?.since ?? now, last: now });
  }

  proven(labels: Labels): void {
    this.#doubts.delete(fingerprintOf(labels));
  }

  /** Keeps what goes on, ends what is not told any more. Throws ApiError. */
  async settle(): Promise<void> {
    const now = this.#clock.now();
    for (const doubt of this.#doubts.values()) {
      const kept = keptAs(doubt, this.#stock.incidents(), now);
      if (kept !== undefined) await this.#stock.open(kept).catch(unlessGone);
    }
    const told = (fingerprint: string) => this.#doubts.get(fingerprint)?.last;
    for (const incident of this.#stock.incidents().filter(isUnproven)) {
      if (!isDoubtOver(incident, told, this.#began, now)) continue;
      const signals = overAt(incident, undefined, now);
      if (signals !== undefined) await this.#stock.tell(incident, { signals: [...signals] });
      this.#doubts.delete(incident.spec.alert?.fingerprint ?? '');
    }
    for (const [fingerprint, { last }] of this.#doubts)
      if (now.getTime() - last.getTime() > FORGOTTEN_MS) this.#doubts.delete(fingerprint);
  }
}

/** What goes with its namespace needs no record, and another replica may have been faster. */
function unlessGone(error: unknown): void {
  if (!isAlreadyExists(error) && !isForbidden(error)) throw error;
}
