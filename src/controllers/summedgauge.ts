import { Gauge, type Registry } from 'prom-client';

export type Counted = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

type Described<Item> = {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** What one of them counts for. */
  readonly of: (item: Item) => readonly Counted[];
  readonly fold: (a: number, b: number) => number;
};

export function add(a: number, b: number): number {
  return a + b;
}

/** A gauge over many objects that is reckoned when somebody asks: they have no series of their own, and none is left of what is gone. */
export function summedGauge<Item>(registry: Registry, items: () => Iterable<Item>, described: Described<Item>): void {
  const { of, fold, ...gauge } = described;
  new Gauge({
    ...{ ...gauge, registers: [registry] },
    collect() {
      this.reset();
      for (const { labels, value } of summed(items(), of, fold)) this.set({ ...labels }, value);
    },
  });
}

function summed<Item>(
  items: Iterable<Item>,
  of: Described<Item>['of'],
  fold: Described<Item>['fold'],
): readonly Counted[] {
  const sums = new Map<string, Counted>();
  for (const item of items) {
    for (const { labels, value } of of(item)) {
      const key = Object.values(labels).join('\n');
      const before = sums.get(key);
      sums.set(key, { labels, value: before === undefined ? value : fold(before.value, value) });
    }
  }
  return [...sums.values()];
}
