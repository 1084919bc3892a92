import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { fleetDashboard } from './fleetdashboard.ts';
import { incidentDashboard } from './incidentdashboard.ts';
import { productDashboard } from './productdashboard.ts';
import { shippedProducts } from './products.ts';
import { vmDashboard } from './vmdashboard.ts';

const FOLDER = 'charts/steward/files/dashboards';

/** Dashboards of Grafana that the chart brings, by the names of their files. Another is another line here. */
function dashboards(): ReadonlyMap<string, DashboardBuilder> {
  return new Map([
    ['fleet', fleetDashboard()],
    ['managedvm', vmDashboard()],
    ['incidents', incidentDashboard()],
    ...shippedProducts().map(({ name, spec }) => [`product-${name}`, productDashboard(name, spec)] as const),
  ]);
}

/** One file for each dashboard, as Grafana imports it. */
export function generateDashboards(): Map<string, string> {
  return new Map(
    [...dashboards()].map(([name, builder]) => {
      const { panels = [], ...dashboard } = builder.uid(`steward-${name}`).tags(['steward']).readonly().build();
      const numbered = panels.map((panel, index) => ({ ...panel, id: index + 1 }));
      return [`${FOLDER}/${name}.json`, `${JSON.stringify({ ...dashboard, panels: numbered }, null, 2)}\n`];
    }),
  );
}
