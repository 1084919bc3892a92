import { z } from 'zod';
import { withRules } from './rules.ts';

const units: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 1000n,
  M: 1000n ** 2n,
  G: 1000n ** 3n,
  T: 1000n ** 4n,
  P: 1000n ** 5n,
  Ki: 1024n,
  Mi: 1024n ** 2n,
  Gi: 1024n ** 3n,
  Ti: 1024n ** 4n,
  Pi: 1024n ** 5n,
};

const pattern = /^[1-9][0-9]{0,14}(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)?$/;

/** A Kubernetes quantity of bytes, whole and positive, e.g. `20Gi`. */
export const ByteQuantity = z.string().min(1).max(20).regex(pattern);

/** Bytes of a ByteQuantity. @throws RangeError for any other text. */
export function bytesOf(quantity: string): bigint {
  const unit = units[quantity.replace(/^[0-9]+/, '')];
  if (!pattern.test(quantity) || unit === undefined) {
    throw new RangeError(`${quantity} is not a whole positive quantity of bytes`);
  }
  return BigInt(Number.parseInt(quantity, 10)) * unit;
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
