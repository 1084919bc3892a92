import type { ApplicationLevel } from '../../api/applicationlevel.ts';
import type { ManagedApplication } from '../../api/managedapplication.ts';
import type { ProductSpec } from '../../api/product.ts';
import { type Blackbox, isAskedOutside } from './asked.ts';
import { objectiveAt, TOLD_PERCENT } from './performance.ts';

/** An application as rules look at it. */
export type Watched = {
  readonly namespace: string;
  /** Name of the ManagedVM. */
  readonly vm: string;
  readonly application: string;
  readonly level: ApplicationLevel;
  readonly productName: string;
  readonly product: ProductSpec;
  /** Whether it is asked from outside of its guest as well. */
  readonly isAskedOutside?: boolean;
};

export function watchedOf(
  { metadata, spec }: ManagedApplication,
  product: ProductSpec,
  blackbox?: Blackbox | undefined,
): Watched {
  const { name: application, namespace = '' } = metadata;
  return {
    namespace,
    vm: spec.managedVMs[0] ?? '',
    application,
    level: spec.serviceLevel,
    productName: spec.product,
    product,
    ...(isAskedOutside(product, blackbox) && { isAskedOutside: true }),
  };
}

/** Labels of all that is recorded and told of an application. Its level decides who handles an alert (AP-3, AP-4). */
export function identityOf({ namespace, vm, application }: Watched) {
  return { namespace, managed_vm: vm, application };
}

/** Series of this application alone: no Product can read those of another (AP-5). */
export function those(watched: Watched, ...more: readonly string[]): string {
  const own = Object.entries(identityOf(watched)).map(([label, value]) => `${label}="${value}"`);
  return `{${[...own, ...more].join(',')}}`;
}

/** Percent of the readings of a probe whose time is told. */
export function toldPercent({ product, level }: Watched): number {
  return objectiveAt(product, level).responseTime?.percent ?? TOLD_PERCENT;
}
