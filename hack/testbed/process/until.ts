/** Waiting for a server that is starting. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it works; fails when that takes longer than `seconds`, or when `died` rejects. */
export async function until(
  what: string,
  attempt: () => Promise<unknown>,
  died: Promise<never>,
  seconds = 180,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  let over = false;
  const tries = async () => {
    while (!over) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`${what} is not ready after ${seconds} s`, { cause: error });
      }
      await sleep(50);
    }
    return undefined;
  };
  try {
    await Promise.race([tries(), died]);
  } finally {
    over = true;
  }
}
