import type { Outcome } from '../cases.ts';

/** A case that has failed where its work throws. */
export async function judged(name: string, work: () => Promise<void>): Promise<Outcome> {
  try {
    await work();
    return { name };
  } catch (error) {
    return { name, failure: String(error instanceof Error ? error.message : error).slice(0, 2000) };
  }
}
