/** Numbers that look random and are the same for the same seed (mulberry32). */
export type Random = {
  readonly seed: number;
  /** In [0, 1). */
  next(): number;
  below(limit: number): number;
  /** `count` of the items, without repetition. */
  sample<T>(items: readonly T[], count: number): T[];
  pick<T>(items: readonly [T, ...T[]]): T;
};

export function randomOf(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    ...{ seed, next, below },
    sample: (items, count) => {
      const left = items.map((item, index) => ({ item, index }));
      const taken = [];
      while (taken.length < count && left.length > 0) taken.push(...left.splice(below(left.length), 1));
      return taken.sort((a, b) => a.index - b.index).map(({ item }) => item);
    },
    pick: items => items[below(items.length)] ?? items[0],
  };
}
