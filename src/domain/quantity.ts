const FACTORS: Readonly<Record<string, readonly string[]>> = {
  '1024': ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'],
  '1000': ['', 'k', 'M', 'G', 'T', 'P', 'E'],
};

/**
 * Bytes of a whole Kubernetes quantity such as `20Gi`, `4G` or `1048576`.
 * Throws RangeError for anything else (fractions and exponents are not used for sizes here).
 */
export function bytesOf(quantity: string): bigint {
  const { number, base, power } = parse(quantity);
  return number * base ** BigInt(power);
}

/** A whole quantity in the form in which the API server stores it: `2048Mi` is `2Gi`, `1000M` is `1G`. */
export function canonicalQuantity(quantity: string): string {
  let { number, base, power, suffixes } = parse(quantity);
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

function parse(quantity: string): { number: bigint; base: bigint; power: number; suffixes: readonly string[] } {
  const [, digits, suffix = ''] = /^([0-9]+)([A-Za-z]{0,2})$/.exec(quantity) ?? [];
  const base = suffix.endsWith('i') ? '1024' : '1000';
  const suffixes = FACTORS[base] ?? [];
  const power = suffixes.indexOf(suffix);
  if (digits === undefined || power < 0) throw new RangeError(`${JSON.stringify(quantity)} is not a whole quantity`);
  return { number: BigInt(digits), base: BigInt(base), power, suffixes };
}
