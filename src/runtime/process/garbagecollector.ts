/** How often it is looked whether the process has come to rest. */
export const IDLE_CHECK_MS = 5_000;
/** Milliseconds of CPU time between two checks, up to which the process rests: a twentieth of a core. */
const REST_CPU_MS = 250;
/** Milliseconds of CPU time after which there may be something to give back. */
const WORK_CPU_MS = 2_000;

/**
 * Collects garbage once when the process has come to rest after work. V8 does so only while something is allocated, so that an operator
 * that has created ten thousand objects and rests would keep the memory that this took until the next ones come.
 */
export class IdleGarbageCollector {
  readonly #collect: () => void;
  /** A start is work, however little it took: the first rest is after it. */
  #collectedAt = Number.NEGATIVE_INFINITY;
  #checkedAt = 0;

  constructor(collect: () => void) {
    this.#collect = collect;
  }

  /** To be called every {@link IDLE_CHECK_MS} with the CPU time of the process so far, in milliseconds. */
  check(cpuMs: number): void {
    const rests = cpuMs - this.#checkedAt <= REST_CPU_MS;
    this.#checkedAt = cpuMs;
    if (!rests || cpuMs - this.#collectedAt < WORK_CPU_MS) return;
    this.#collectedAt = cpuMs;
    this.#collect();
  }
}
