/** Loads the operator once more with one piece of the runtime's source replaced; nothing is written to disk. */
import { registerHooks } from 'node:module';
import type { Runtime } from '../operator/launch.ts';
import { type Mutant, mutants } from './mutants.ts';
import { olderOperators } from './older.ts';

const QUERY = '?mutant=';
const SOURCES = new URL('../../../src/', import.meta.url).href;

const known: readonly Mutant[] = [...mutants, ...olderOperators];
let hooked = false;

/** Throws when the text to replace is not in the file exactly once. */
export async function mutated(mutant: Mutant): Promise<Runtime> {
  const { launch, refusal } = (await import(mutatedURL('../operator/launch.ts', numberOf(mutant)))) as Runtime;
  return { launch, refusal, mutant: numberOf(mutant) };
}

/** For a process of its own: what is imported by this name is mutated. */
export function mutatedURL(module: string, number: number): string {
  if (!hooked) hook();
  hooked = true;
  return `${module}${QUERY}${number}`;
}

function numberOf(mutant: Mutant): number {
  return known.indexOf(mutant);
}

function hook(): void {
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const [, number] = context.parentURL?.split(QUERY) ?? [];
      return number !== undefined && found.url.startsWith(SOURCES)
        ? { ...found, url: `${found.url}${QUERY}${number}` }
        : found;
    },
    load(url, context, next) {
      const [file = '', number] = url.split(QUERY);
      const mutant = number === undefined ? undefined : known[Number(number)];
      const loaded = next(file, context);
      if (mutant === undefined || file !== new URL(mutant.file, `${SOURCES}runtime/`).href) return loaded;
      return { ...loaded, source: mutate(String(loaded.source), mutant) };
    },
  });
}

export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`mutant "${name}": its text is ${more.length + 1 > 1 ? 'more than once' : 'not'} in ${file}`);
  return `${before}${replace}${after}`;
}
