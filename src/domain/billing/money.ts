/**
 * Money is counted in cents, as whole numbers of any size, and shares of it as exact fractions: a floating-point number cannot hold a tenth, and a sum of
 * what was rounded is not what was agreed. Rounded is once for each line, and nowhere else (GE-1).
 */

/** An exact fraction; the denominator is greater than zero. */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint };

const AMOUNT = /^(-?)(0|[1-9][0-9]*)\.([0-9]{2})$/;

/** Cents of an amount with two places, e.g. 4900n of `49.00`. @throws RangeError for any other text. */
export function centsOf(amount: string): bigint {
  const [, sign, units = '', cents = ''] = AMOUNT.exec(amount) ?? [];
  if (sign === undefined) throw new RangeError(`${amount} is not an amount with two places such as 49.00`);
  const size = BigInt(units) * 100n + BigInt(cents);
  return sign === '-' ? -size : size;
}

/** The inverse of {@link centsOf}. */
export function amountOf(cents: bigint): string {
  return decimalOf({ numerator: cents, denominator: 100n }, 2);
}

/** So much of an amount, to the cent. */
export function share(cents: bigint, { numerator, denominator }: Fraction): bigint {
  return rounded({ numerator: cents * numerator, denominator });
}

/** The nearest whole number; a half goes away from zero, as merchants round (DIN 1333). */
export function rounded({ numerator, denominator }: Fraction): bigint {
  const size = numerator < 0n ? -numerator : numerator;
  const nearest = (2n * size + denominator) / (2n * denominator);
  return numerator < 0n ? -nearest : nearest;
}

/** A fraction as a plain decimal with so many places, rounded as {@link rounded}. */
export function decimalOf({ numerator, denominator }: Fraction, places: number): string {
  const scaled = rounded({ numerator: numerator * 10n ** BigInt(places), denominator });
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0');
  const point = digits.length - places;
  const text = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
  return scaled < 0n ? `-${text}` : text;
}
