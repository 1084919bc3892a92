import { type DashboardBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { choices, dashboardOf, lines, number, table, unwanted } from './panels.ts';

const HERE = 'namespace=~"$namespace"';
/** Once, however many replicas tell of it. */
const once = (metric: string, by: readonly string[], more = '') =>
  `max by (${by.join(', ')}) (${metric}{${HERE}${more}})`;
const open = (more = '') => once('steward_incident_open', ['namespace', 'priority', 'scope', 'phase'], more);
const overdue = (clock: string) => once('steward_incident_overdue', ['namespace', 'priority'], `,clock="${clock}"`);
const due = (clock: string) => `min(steward_incident_due_timestamp_seconds{${HERE},clock="${clock}"})`;
const problems = (metric: string) => once(metric, ['namespace', 'phase']);

/** Incidents that are open, the clocks that run for them, and the Problems behind them. */
export function incidentDashboard(): DashboardBuilder {
  const dashboard = dashboardOf(
    'Incidents and clocks',
    'What is open, how long there is left, and what keeps coming back.',
  ).withVariable(choices('namespace', 'steward_incident_open'));
  addClocks(dashboard);
  addIncidents(dashboard);
  addProblems(dashboard);
  return dashboard;
}

function addClocks(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Clocks'))
    .withPanel(number('Open', 'short', `sum(${open()}) or vector(0)`))
    .withPanel(unwanted('Not taken up in time', `sum(${overdue('response')})`))
    .withPanel(unwanted('Not resolved in time', `sum(${overdue('resolution')})`))
    .withPanel(
      number(
        'Oldest that nobody has taken up',
        'dateTimeFromNow',
        `1000 * min(steward_incident_oldest_unacknowledged_timestamp_seconds{${HERE}})`,
      ).noValue('none'),
    )
    .withPanel(number('Next to be taken up', 'dateTimeFromNow', `1000 * ${due('response')}`).noValue('none'))
    .withPanel(number('Next to be resolved', 'dateTimeFromNow', `1000 * ${due('resolution')}`).noValue('none'))
    .withPanel(
      table(
        'Time that is left, by customer and priority',
        's',
        `min by (namespace, priority, clock) (steward_incident_due_timestamp_seconds{${HERE}}) - time()`,
        'left',
      ),
    )
    .withPanel(
      table(
        'Alerts on the handling itself',
        'short',
        `max by (alertname, namespace, priority, severity, alertstate) (ALERTS{alertname=~"IncidentNotTakenUp|IncidentNotResolved|ProblemCameBack",${HERE}})`,
        'now',
      ),
    );
}

function addIncidents(dashboard: DashboardBuilder): void {
  const by = (label: string) => `sum by (${label}) (${open()})`;
  dashboard
    .withRow(new RowBuilder('Open incidents'))
    .withPanel(lines('By priority', 'short', by('priority'), '{{priority}}'))
    .withPanel(lines('By phase', 'short', by('phase'), '{{phase}}'))
    .withPanel(lines('By scope', 'short', by('scope'), '{{scope}}'))
    .withPanel(lines('By customer', 'short', by('namespace'), '{{namespace}}'));
}

function addProblems(dashboard: DashboardBuilder): void {
  dashboard
    .withRow(new RowBuilder('Problems'))
    .withPanel(lines('Open, by phase', 'short', `sum by (phase) (${problems('steward_problem_open')})`, '{{phase}}'))
    .withPanel(
      lines(
        'Incidents of open Problems',
        'short',
        `sum by (phase) (${problems('steward_problem_incidents')})`,
        '{{phase}}',
      ),
    )
    .withPanel(
      table(
        'What keeps coming back',
        'short',
        `max by (namespace, name, reason) (steward_condition{kind="Problem",type="Solved",status="False",${HERE}})`,
        'now',
      ),
    )
    .withPanel(
      number(
        'Oldest that is open',
        'dateTimeFromNow',
        `1000 * min(steward_problem_oldest_timestamp_seconds{${HERE}})`,
      ).noValue('none'),
    );
}
