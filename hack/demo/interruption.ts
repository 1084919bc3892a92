/** Ctrl-C and its kin, as something to look at while waiting. */
export type Interruption = {
  readonly signal: AbortSignal;
  /** Resolves after so many milliseconds, or at once when interrupted. */
  pause(milliseconds: number): Promise<void>;
};

/** From now on SIGINT, SIGTERM and SIGHUP no longer end this process by themselves. */
export function onInterruption(): Interruption {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort());
  return {
    signal: interrupted.signal,
    pause: milliseconds =>
      new Promise(resolve => {
        if (interrupted.signal.aborted) return resolve();
        const end = () => {
          clearTimeout(timer);
          interrupted.signal.removeEventListener('abort', end);
          resolve();
        };
        const timer = setTimeout(end, milliseconds);
        interrupted.signal.addEventListener('abort', end);
      }),
  };
}
