/** How often it is looked whether the process has come to rest. */
export const IDLE_CHECK_MS = 5_000;
/** Milliseconds of CPU time between two checks, up to which the process rests: a twentieth of a core. */
const REST_CPU_MS = 250;
/** Milliseconds of CPU time after which there may be something to give back. */
const WORK_CPU_MS = 2_000;
/** The least work between two collections, in times of what the last one took: who works a little all the time must not collect half the time. */
const WORK_PER_COLLECTION = 20;

/**
 * Collects garbage once when the process has come to rest after work. V8 does so only while something is allocated, so that an operator
 * that has created ten thousand objects and rests would keep the memory that this took until the next ones come.
 */
export class IdleGarbageCollector {
  readonly #collect: () => number;
  #tookMs = 0;
  /** A start is work, however little it took: the first rest is after it. */
  #collectedAt = Number.NEGATIVE_INFINITY;
  #checkedAt = 0;

  /** `collect` returns the milliseconds of CPU time that it took. */
  constructor(collect: () => number) {
    this.#collect = collect;
  }

  /** To be called every {@link IDLE_CHECK_MS} with the CPU time of the process so far, in milliseconds. */
  check(cpuMs: number): void {
    const rests = cpuMs - this.#checkedAt <= REST_CPU_MS;
    this.#checkedAt = cpuMs;
    const enoughMs = Math.max(WORK_CPU_MS, this.#tookMs * WORK_PER_COLLECTION);
    if (!rests || cpuMs - this.#collectedAt < enoughMs) return;
    this.#tookMs = this.#collect();
    this.#collectedAt = cpuMs + this.#tookMs;
  }
}
