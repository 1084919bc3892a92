import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 600_000;
const ASKED_MS = 500;

/** Waits until it is so. `what`: what is waited for, or how far it is; the error names it. Throws after ten minutes. */
export async function until(reached: () => Promise<boolean>, what: string | (() => Promise<string>)): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await reached())) {
    if (performance.now() > deadline)
      throw new Error(`not after ${LIMIT_MS / 1000} s: ${typeof what === 'string' ? what : await what()}`);
    await sleep(ASKED_MS);
  }
}
