import { Registry } from 'prom-client';

/** Renders metrics of its own in Prometheus' text format, in pieces of whole lines, each with a line break at its end. */
export type MetricsText = { pieces(): Iterable<string> };

/** A registry that also gives out what others render: prom-client keeps an object per series, too much where there are many for each object. */
export class OpenRegistry extends Registry {
  readonly #texts: MetricsText[] = [];

  add(text: MetricsText): void {
    this.#texts.push(text);
  }

  /** The whole text in pieces, none of them longer than one metric of prom-client is: with tens of thousands of objects it has many megabytes. */
  async *pieces(): AsyncGenerator<string> {
    for (const { name } of this.getMetricsAsArray()) yield `${await this.getSingleMetricAsString(name)}\n\n`;
    for (const text of this.#texts) yield* text.pieces();
  }

  override async metrics(): Promise<string> {
    return (await Array.fromAsync(this.pieces())).join('');
  }
}
