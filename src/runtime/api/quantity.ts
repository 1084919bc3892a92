/** Kubernetes quantities (apimachinery `resource.Quantity`): decimal and binary suffixes. */
const PATTERN = /^([+-]?\d+)(?:\.(\d+))?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/;
const FACTORS: Record<string, bigint> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  T: 10n ** 21n,
  P: 10n ** 24n,
  E: 10n ** 27n,
};
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
/** Those of whole numbers, each a thousand times the one before. */
const DECIMAL = ['k', 'M', 'G', 'T', 'P', 'E'];
const LONGEST_FRACTION = 9;

/**
 * Whether two values are quantities of the same amount, at least one of them with a suffix: API servers and webhooks
 * rewrite `1024Mi` to `1Gi` and `1000m` to `1`. Plain strings and numbers are never equal by this.
 */
export function equalQuantities(a: unknown, b: unknown): boolean {
  if ((typeof a !== 'string' && typeof a !== 'number') || (typeof b !== 'string' && typeof b !== 'number'))
    return false;
  const [left, right] = [String(a), String(b)];
  if (!hasSuffix(left) && !hasSuffix(right)) return false;
  const amount = amountOf(left);
  return amount !== undefined && amount === amountOf(right);
}

function hasSuffix(text: string): boolean {
  return PATTERN.exec(text)?.[3] !== undefined;
}

/** How much the amount 1 is for {@link amountOf}. */
export const ONE = 10n ** 18n;

/** In units of 10⁻⁹ × 10⁻⁹, so that nine fractional digits of a nano are still whole; undefined for what is no quantity, or finer. */
export function amountOf(quantity: string): bigint | undefined {
  const [, whole, fraction = '', suffix = ''] = PATTERN.exec(quantity) ?? [];
  if (whole === undefined || fraction.length > LONGEST_FRACTION) return undefined;
  const scaled = BigInt(whole + fraction) * 10n ** BigInt(LONGEST_FRACTION - fraction.length);
  const power = BINARY.indexOf(suffix);
  const factor = power >= 0 ? 10n ** 9n * 1024n ** BigInt(power + 1) : (FACTORS[suffix] ?? 10n ** 9n);
  return scaled * factor;
}

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
