import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../api/clock.ts';
import { type KubeObject, keyOf, keyString } from '../api/object.ts';
import { messageOf } from '../http/exchange.ts';
import type { Asked, PolledSource } from './controller.ts';

/** Objects that are looked at before others have their turn. */
const AT_ONCE = 500;

type Asking = {
  readonly objects: () => readonly KubeObject[];
  readonly asked: Asked;
  readonly enqueue: (key: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
};

/** Asks until the signal aborts, and names the objects that have something new to look at. Only the leader asks. */
export async function keepAsking(source: PolledSource<KubeObject>, on: Asking): Promise<void> {
  while (!on.signal.aborted) {
    await askOnce(source, on);
    await on.clock.sleep(source.everyMs, on.signal);
  }
}

/** A function of its own: one that sleeps would hold the last object it looked at, also when that is long gone. */
async function askOnce({ name, ask }: PolledSource<KubeObject>, on: Asking): Promise<void> {
  try {
    const concerns = await ask(on.clock.now(), on.signal, on.asked);
    for (const [index, object] of on.objects().entries()) {
      if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
      if (concerns(object)) on.enqueue(keyString(keyOf(object)));
    }
  } catch (error) {
    if (!on.signal.aborted) on.log.error({ source: name, error: messageOf(error) }, 'asking failed');
  }
}
