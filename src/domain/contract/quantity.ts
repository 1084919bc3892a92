const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['k', 'M', 'G', 'T', 'P', 'E'];

/**
 * A whole Kubernetes quantity in the form in which the API server stores it: `2048Mi` is `2Gi`, `1000M` is `1G`.
 * Throws RangeError for anything else (fractions and exponents are not used for sizes here).
 */
export function canonicalQuantity(quantity: string): string {
  const [, digits, suffix = ''] = /^([0-9]+)([A-Za-z]{0,2})$/.exec(quantity) ?? [];
  const [base, suffixes] = suffix.endsWith('i') ? [1024n, ['', ...BINARY]] : [1000n, ['', ...DECIMAL]];
  let power = suffixes.indexOf(suffix);
  if (digits === undefined || power < 0) throw new RangeError(`${JSON.stringify(quantity)} is not a whole quantity`);
  let number = BigInt(digits);
  while (number !== 0n && number % base === 0n && power < suffixes.length - 1) {
    number /= base;
    power += 1;
  }
  return `${number}${suffixes[power]}`;
}

/** Bytes as a canonical quantity with a binary suffix, rounded up to whole MiB. */
export function binaryQuantity(bytes: bigint): string {
  const mebibyte = 1n << 20n;
  return canonicalQuantity(`${(bytes + mebibyte - 1n) / mebibyte}Mi`);
}
