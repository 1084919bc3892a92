/** Kubernetes quantities, as far as sizes of disks and memory go. */
import { amountOf, ONE } from '../../../src/runtime/api/quantity.ts';

/** Whole bytes of a quantity such as `20Gi`. Throws a RangeError for one that is no size. */
export function bytes(quantity: string): bigint {
  const amount = amountOf(quantity);
  if (amount === undefined || amount < 0n) throw new RangeError(`${quantity} is no size`);
  return amount / ONE;
}
