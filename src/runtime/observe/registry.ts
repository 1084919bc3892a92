import { Registry } from 'prom-client';

/** Renders metrics of its own in Prometheus' text format, with a line break at its end. */
export type MetricsText = { render(): string };

/** A registry that also gives out what others render: prom-client keeps an object per series, too much where there are many for each object. */
export class OpenRegistry extends Registry {
  readonly #texts: MetricsText[] = [];

  add(text: MetricsText): void {
    this.#texts.push(text);
  }

  override async metrics(): Promise<string> {
    const own = await super.metrics();
    return [own, ...this.#texts.map(text => text.render())].join('\n');
  }
}
