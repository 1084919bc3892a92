/** The only source of time in the runtime, so that tests can own it. */
export type Clock = {
  /** Wall clock, for statuses and schedules. */
  now(): Date;
  /** Milliseconds that never go back, for deadlines and durations. */
  monotonic(): number;
  /** Resolves after `ms`, and at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

/** setTimeout fires at once beyond 2^31-1 ms, so longer sleeps end early and the caller looks again. */
const LONGEST_SLEEP = 86_400_000;

export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  // Not node:timers/promises: there each sleep that is ended early makes an error with a stack.
  sleep: (ms, signal) =>
    new Promise(resolve => {
      if (signal?.aborted === true) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, Math.min(Math.max(ms, 0), LONGEST_SLEEP));
      signal?.addEventListener('abort', end);
    }),
};
