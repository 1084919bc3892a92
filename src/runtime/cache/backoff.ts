/** Exponential delays with jitter, as client-go's reflector has them. */
export class Backoff {
  readonly #first: number;
  readonly #longest: number;
  readonly #random: () => number;
  #failures = 0;

  /** `random` returns a number in [0, 1); each delay is up to twice its base. */
  constructor(firstMs: number, longestMs: number, random: () => number = Math.random) {
    this.#first = firstMs;
    this.#longest = longestMs;
    this.#random = random;
  }

  next(): number {
    const base = Math.min(this.#first * 2 ** this.#failures, this.#longest);
    this.#failures += 1;
    return Math.min(base * (1 + this.#random()), this.#longest);
  }

  reset(): void {
    this.#failures = 0;
  }
}
