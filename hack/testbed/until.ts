/** Waiting for a server that is starting. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it works; fails when that takes a minute, or when `died` rejects. */
export async function until(what: string, attempt: () => Promise<unknown>, died: Promise<never>): Promise<void> {
  const deadline = Date.now() + 60_000;
  let over = false;
  const tries = async () => {
    while (!over) {
      try {
        return await attempt();
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`${what} is not ready after 60 s`, { cause: error });
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
