import type { Child, RenderInput } from './child.ts';

export type ScrapeInput = RenderInput & {
  /** Labels by which the cluster's Prometheus selects ServiceMonitors. */
  readonly monitoringLabels?: Readonly<Record<string, string>>;
};

/** Service and ServiceMonitor of a ManagedVM; none where the level does not include monitoring (MO-5). */
export function renderScrape(_input: ScrapeInput): readonly Child[] {
  throw new Error('not yet');
}
