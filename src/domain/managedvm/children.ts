import type { Asked, Wanted } from '../contract/promise.ts';
import type { OfMachine } from '../machine/facts.ts';
import type { Promises } from './promises.ts';

/** Every child as it should be. Undefined without a catalogue entry: then nothing can be said, and all stays as it is. */
export function wantedBy<F extends OfMachine>(promises: Promises<F>, asked: Asked<F>): Wanted | undefined {
  const { operatingSystem } = asked.facts.machine;
  if (operatingSystem === undefined) return undefined;
  const wanted = Object.values(promises).map(promise => promise.children({ ...asked, operatingSystem }));
  return { apply: wanted.flatMap(({ apply }) => apply), keep: wanted.flatMap(({ keep }) => keep) };
}
