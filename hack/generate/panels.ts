/** Panels and variables as all of Steward's dashboards have them. */

import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  ReduceDataOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The Prometheus that is chosen on the dashboard. */
const SOURCE = { type: 'prometheus', uid: '$datasource' };

/** A dashboard of Prometheus' series, over the last day. */
export function dashboardOf(title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .description(description)
    .time({ from: 'now-24h', to: 'now' })
    .refresh('1m')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Prometheus').type('prometheus'));
}

/** A choice among the values of a label. */
export function choice(label: string, selector: string): QueryVariableBuilder {
  return new QueryVariableBuilder(label)
    .datasource(SOURCE)
    .query(`label_values(${selector}, ${label})`)
    .refresh(VariableRefresh.OnTimeRangeChanged);
}

/** The same where several, or all, may be chosen: selectors take them by `=~"$label"`. */
export function choices(label: string, selector: string): QueryVariableBuilder {
  return choice(label, selector).multi(true).includeAll(true).allValue('.*');
}

/** One number: the newest. */
export function number(title: string, unit: string, expr: string): StatBuilder {
  return new StatBuilder()
    .title(title)
    .datasource(SOURCE)
    .unit(unit)
    .height(4)
    .span(6)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(steps([{ value: null, color: 'text' }]))
    .withTarget(query(expr, '').instant());
}

/** One number, green from `least` on and red below. */
export function judged(title: string, unit: string, expr: string, least: number): StatBuilder {
  return number(title, unit, expr).thresholds(
    steps([
      { value: null, color: 'red' },
      { value: least, color: 'green' },
    ]),
  );
}

/** One number, green as long as there is nothing of it. */
export function unwanted(title: string, expr: string): StatBuilder {
  return number(title, 'short', `${expr} or vector(0)`).thresholds(
    steps([
      { value: null, color: 'green' },
      { value: 1, color: 'red' },
    ]),
  );
}

/** What there is now, by its labels, the value under a name of its own. */
export function table(title: string, unit: string, expr: string, value: string): TableBuilder {
  return new TableBuilder()
    .title(title)
    .datasource(SOURCE)
    .unit(unit)
    .height(8)
    .span(12)
    .transformations([{ id: 'organize', options: { excludeByName: { Time: true }, renameByName: { Value: value } } }])
    .withTarget(query(expr, '').instant().format(PromQueryFormat.Table));
}

/** Lines over time, a legend for each series. */
export function lines(title: string, unit: string, expr: string, legend: string): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(title)
    .datasource(SOURCE)
    .unit(unit)
    .height(7)
    .span(12)
    .withTarget(query(expr, legend).range());
}

/** Lines with a limit, beyond which it is told. */
export function limited(panel: TimeSeriesBuilder, side: 'above' | 'below', limit: number): TimeSeriesBuilder {
  const [within, beyond] = ['green', 'red'];
  const [below, above] = side === 'above' ? [within, beyond] : [beyond, within];
  return panel
    .thresholds(
      steps([
        { value: null, color: below },
        { value: limit, color: above },
      ]),
    )
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Line));
}

function steps(of: Threshold[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(of);
}

function query(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(SOURCE).expr(expr).legendFormat(legend);
}
