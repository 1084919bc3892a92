import type { ProductSpec } from '../../../api/product.ts';

/** What is wrong with what a Product says of its tests: each is of a line on a system that it offers, and there is one of a kind. */
export function testedFaults({ tested = [], lines }: ProductSpec): readonly string[] {
  const told = new Set<string>();
  return tested.flatMap(({ line, operatingSystem, environment }) => {
    const isOffered = lines.some(
      ({ name, operatingSystems }) => name === line && operatingSystems.some(system => system.name === operatingSystem),
    );
    const what = `line ${line} on ${operatingSystem}`;
    const key = `${what} in a ${environment}`;
    const isTwice = told.has(key);
    told.add(key);
    return [
      ...(isOffered ? [] : [`spec.tested: ${what} is not offered.`]),
      ...(isTwice ? [`spec.tested: there are two entries for ${key}; keep the last that passed.`] : []),
    ];
  });
}
