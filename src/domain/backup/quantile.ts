/** What 95 of 100 of some values do not exceed, by the nearest rank; undefined: there are none. */
export function p95(values: readonly number[]): number | undefined {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.ceil(ascending.length * 0.95) - 1];
}
