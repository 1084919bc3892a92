import { createHash } from 'node:crypto';
import type { ProductModule, ProductSpec } from '../../api/product.ts';
import type { Engine } from '../contract/applicationplan.ts';

/** The engine in whose database the modules of a Product are: that of the binding's. So far modules are extensions of PostgreSQL. */
export function moduleEngine(product: ProductSpec): Engine | undefined {
  const { database: bound } = product.interface ?? {};
  if (bound === undefined) return undefined;
  const made = product.steps.find(({ database }) => database?.database?.name === bound);
  return made?.database?.engine === 'PostgreSQL' ? 'PostgreSQL' : undefined;
}

/** The modules that are ordered, in the order of the Product, in which one may build upon another. */
export function orderedModules(product: ProductSpec, ordered: readonly string[] = []): readonly ProductModule[] {
  return (product.modules ?? []).filter(({ name }) => ordered.includes(name));
}

/** Longest name of a step in a plan. */
const LONGEST_NAME = 32;

/** The name of the step that makes a module, in the letters of such names; told apart by a hash where it had to be cut. */
export function moduleStepName(module: string): string {
  const name = `module-${module.replaceAll('_', '-')}`;
  if (name.length <= LONGEST_NAME && !name.endsWith('-')) return name;
  const hash = createHash('sha256').update(module).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - hash.length - 1)}-${hash}`;
}
