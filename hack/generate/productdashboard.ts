import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { ProductSpec } from '../../src/api/product.ts';
import { BACKUP_METRICS } from '../../src/domain/application/backupmetrics.ts';
import { indicatorValue } from '../../src/domain/application/indicators.ts';
import { CLOSED_METRIC, PROBE_METRICS } from '../../src/domain/application/probemetrics.ts';
import { probeSeries, RECORDED } from '../../src/domain/application/recorded.ts';
import { those, type Watched } from '../../src/domain/application/watched.ts';
import { choice, dashboardOf, judged, limited, lines, number } from './panels.ts';

/** One application, as the dashboard's variables choose it. Its queries are written by what writes its rules. */
const chosen = (productName: string, product: ProductSpec): Watched => ({
  ...{ namespace: '$namespace', vm: '$managed_vm', application: '$application', level: 'Expert' },
  ...{ productName, product },
});

/** How an order of a product fares: whether it works, how fast, and whether its backups do (AP-5, AP-6, AP-11). */
export function productDashboard(name: string, product: ProductSpec): DashboardBuilder {
  const watched = chosen(name, product);
  const orders = `${RECORDED.evaluated}{product="${name}"`;
  const dashboard = dashboardOf(
    `${product.displayName}, managed`,
    `Orders of ${product.displayName}. What an order has at its level stands on the page of the product.`,
  )
    .withVariable(choice('namespace', `${orders}}`))
    .withVariable(choice('application', `${orders},namespace="$namespace"}`))
    .withVariable(choice('managed_vm', `${orders},namespace="$namespace",application="$application"}`));
  addFunction(dashboard, watched);
  addPerformance(dashboard, watched);
  if (product.backup !== undefined) addBackups(dashboard, watched);
  return dashboard;
}

function addFunction(dashboard: DashboardBuilder, watched: Watched): void {
  const own = those(watched);
  const of = probeSeries(watched);
  dashboard
    .withRow(new RowBuilder('Whether it works'))
    .withPanel(judged('Works now', 'bool_yes_no', `max(${RECORDED.working}${own})`, 1))
    .withPanel(
      number(
        'Availability, this month',
        'percent',
        `100 * max(${RECORDED.workingMinutes}${own}) / max(${RECORDED.measuredMinutes}${own})`,
      ),
    )
    .withPanel(judged('Probes that are read', 'percentunit', `max(${RECORDED.probesRead}${own})`, 1))
    .withPanel(
      number('Closed for work since', 'dateTimeFromNow', `1000 * (max(${CLOSED_METRIC}${own}) > 0)`).noValue('open'),
    )
    .withPanel(
      lines('Probes: 1 succeeds, 0 fails', 'short', `max by (probe) (${of(PROBE_METRICS.success)})`, '{{probe}}'),
    )
    .withPanel(lines('How long probes take', 's', `max by (probe) (${of(PROBE_METRICS.duration)})`, '{{probe}}'));
}

function addPerformance(dashboard: DashboardBuilder, watched: Watched): void {
  const { exporter, indicators = [] } = watched.product.monitoring ?? {};
  if (exporter === undefined) return;
  const missing = `max by (metric) (${RECORDED.metricSeries}${those(watched)})`;
  dashboard
    .withRow(new RowBuilder('Performance, at Advanced and Expert'))
    .withPanel(lines('Series of each metric that must be there', 'short', missing, '{{metric}}'));
  for (const indicator of indicators) {
    const { name, above, below, says } = indicator;
    const panel = lines(name, 'short', indicatorValue(indicator, watched), name).description(says);
    const side = above === undefined ? 'below' : 'above';
    dashboard.withPanel(limited(panel, side, Number(above ?? below)));
  }
}

function addBackups(dashboard: DashboardBuilder, watched: Watched): void {
  const ago = (metric: string) => `time() - max(${metric}${those(watched)})`;
  const newest = (metric: string) => `max(${metric}${those(watched)})`;
  dashboard
    .withRow(new RowBuilder('Dumps and their proof'))
    .withPanel(lines('Age of the newest dump', 's', ago(BACKUP_METRICS.dumpedAt), 'dump'))
    .withPanel(lines('Age of the last proof', 's', ago(BACKUP_METRICS.provenAt), 'proof'))
    .withPanel(lines('Size of the newest dump', 'bytes', newest(BACKUP_METRICS.bytes), 'dump'))
    .withPanel(lines('How long a restore took', 's', newest(BACKUP_METRICS.restoreSeconds), 'restore'));
}
