import { z } from 'zod';
import { amountOf, ONE } from '../runtime/api/quantity.ts';
import { withRules } from './rules.ts';

const pattern = /^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/;

/** A Kubernetes quantity of bytes, whole and positive, e.g. `20Gi`. */
export const ByteQuantity = z.string().min(1).max(20).regex(pattern);

/** Bytes of a ByteQuantity. @throws RangeError for any other text. */
export function bytesOf(quantity: string): bigint {
  const amount = pattern.test(quantity) ? amountOf(quantity) : undefined;
  if (amount === undefined) throw new RangeError(`${quantity} is not a whole positive quantity of bytes`);
  return amount / ONE;
}

/** A ByteQuantity within bounds, so that a forgotten unit (`memory: "4"`) is refused instead of ordered. */
function boundedBytes(least: string, most: string) {
  return withRules(ByteQuantity, {
    rule: `quantity(self).compareTo(quantity('${least}')) >= 0 && quantity(self).compareTo(quantity('${most}')) <= 0`,
    message: `must be from ${least} to ${most}, with its unit, e.g. 20Gi`,
    holds: value => bytesOf(value) >= bytesOf(least) && bytesOf(value) <= bytesOf(most),
  });
}

export const MemorySize = boundedBytes('128Mi', '16Ti');
export const DiskSize = boundedBytes('64Mi', '64Ti');
