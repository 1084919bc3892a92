import type { Dial } from './dial.ts';
import { GuestFailure } from './failure.ts';

/** How a guest is dialled: at its address, or by KubeVirt in our place (its subresource `portforward`). */
export type WayName = 'Direct' | 'PortForward';

export type Way = { readonly name: WayName; readonly dial: Dial };

/** The way that led to a guest last, and when, in steady milliseconds. */
export type Led = { readonly name: WayName; readonly at: number };

/** For so long the others are not tried first: a way that leads nowhere costs all the time that a connection may take. */
export const LED_MS = 3_600_000;

/**
 * Dials by one way after the other until one leads to somebody who takes the connection; what he is, his host key tells. The one that led
 * last, which `memory` keeps, comes first for a while. Where none leads, the reason is that of the first in the list.
 */
export function dialInTurn(ways: readonly Way[], memory: { led?: Led | undefined }, now: () => number): Dial {
  return async limit => {
    const failures = new Map<WayName, GuestFailure>();
    for (const { name, dial } of inOrder(ways, memory.led, now())) {
      try {
        const stream = await dial(limit);
        if (memory.led?.name !== name || isOver(memory.led, now())) memory.led = { name, at: now() };
        return stream;
      } catch (error) {
        if (!(error instanceof GuestFailure)) throw error;
        failures.set(name, error);
      }
    }
    memory.led = undefined;
    throw nowhere(ways.flatMap(({ name }) => failures.get(name) ?? []));
  };
}

function inOrder(ways: readonly Way[], led: Led | undefined, now: number): readonly Way[] {
  if (led === undefined || isOver(led, now)) return ways;
  return [...ways.filter(({ name }) => name === led.name), ...ways.filter(({ name }) => name !== led.name)];
}

function isOver({ at }: Led, now: number): boolean {
  return now - at >= LED_MS;
}

function nowhere(failures: readonly GuestFailure[]): GuestFailure {
  const [first] = failures;
  if (first === undefined) return new GuestFailure('NotReachable', 'no way is known');
  return new GuestFailure(first.reason, failures.map(({ message }) => message).join('; '));
}
