/** Whether a series of measurements stays flat. Pure. */

export type Flatness = {
  /** Medians of the first and the last quarter. */
  readonly first: number;
  readonly last: number;
  readonly flat: boolean;
};
/** How much more is no growth: the greater of the two. */
export type Tolerance = { readonly absolute: number; readonly share: number };

/** Medians of quarters: one sample that was taken at a bad moment neither hides a slope nor makes one. */
export function flatness(samples: readonly number[], { absolute, share }: Tolerance): Flatness {
  const quarter = Math.ceil(samples.length / 4);
  const first = median(samples.slice(0, quarter));
  const last = median(samples.slice(-quarter));
  return { first, last, flat: last - first <= Math.max(absolute, first * share) };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [below = 0, above = 0] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[middle]];
  return (below + above) / 2;
}
