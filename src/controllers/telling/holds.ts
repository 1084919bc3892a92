const FIRST_MS = 30_000;
const LONGEST_MS = 600_000;

/**
 * Receivers that do not answer: while one is held nothing else is tried there, so that a thousand notices for it neither use up their tries
 * nor keep others waiting. Of this process alone: another asks once more.
 */
export class Holds {
  readonly #held = new Map<string, { readonly until: Date; readonly failures: number }>();

  /** Undefined: it is not held. */
  until(key: string, now: Date): Date | undefined {
    const held = this.#held.get(key);
    return held !== undefined && held.until > now ? held.until : undefined;
  }

  failed(key: string, now: Date, askedMs = 0): void {
    // What failed at the same time as another has told nothing new.
    if (this.until(key, now) !== undefined) return;
    const failures = (this.#held.get(key)?.failures ?? 0) + 1;
    const ms = Math.max(Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS), Math.min(askedMs, LONGEST_MS));
    this.#held.set(key, { until: new Date(now.getTime() + ms), failures });
  }

  worked(key: string): void {
    this.#held.delete(key);
  }
}
