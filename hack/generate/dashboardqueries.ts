type Written = { readonly panels?: readonly { readonly targets?: readonly { readonly expr?: string }[] }[] };

/** Queries of PromQL of a dashboard as Grafana imports it. */
export function queriesOf(dashboard: string): readonly string[] {
  const { panels = [] } = JSON.parse(dashboard) as Written;
  return panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => expr ?? []));
}
