/** Kubernetes quantities, as far as sizes of disks go. */

const factors: Readonly<Record<string, bigint>> = {
  '': 1n,
  k: 10n ** 3n,
  M: 10n ** 6n,
  G: 10n ** 9n,
  T: 10n ** 12n,
  P: 10n ** 15n,
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
};

/** Bytes of a quantity such as `20Gi`. Throws a RangeError for one that is no size. */
export function bytes(quantity: string): bigint {
  const [, whole, fraction = '', unit = ''] = /^(\d+)(?:\.(\d+))?([A-Za-z]*)$/.exec(quantity) ?? [];
  const factor = factors[unit];
  if (whole === undefined || factor === undefined) throw new RangeError(`${quantity} is no size`);
  const scale = 10n ** BigInt(fraction.length);
  return (BigInt(whole + fraction) * factor) / scale;
}
