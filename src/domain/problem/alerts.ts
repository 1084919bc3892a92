import type { Alert } from '../contract/alert.ts';

const due = (clock: string): string =>
  `time() - min by (namespace, priority) (steward_incident_due_timestamp_seconds{clock="${clock}"}) > 0`;

/**
 * What nobody else tells of the handling itself: clocks that have run out, and remedies that did not hold. By namespace and priority, for a storm is one
 * alert and not thousands. By the instant at which time is over and not by a status that says so: also where Steward is too busy to look.
 */
export const HANDLING_ALERTS: readonly Alert[] = [
  {
    alert: 'IncidentNotTakenUp',
    expr: due('response'),
    for: '1m',
    severity: 'critical',
    summary: 'An incident of priority {{ $labels.priority }} in {{ $labels.namespace }} was not taken up in time',
    description:
      'Nobody has begun to work on an incident of priority {{ $labels.priority }} in namespace {{ $labels.namespace }}, and its response time was over {{ $value | humanizeDuration }} ago.',
  },
  {
    alert: 'IncidentNotResolved',
    expr: due('resolution'),
    for: '1m',
    severity: 'critical',
    summary: 'An incident of priority {{ $labels.priority }} in {{ $labels.namespace }} was not resolved in time',
    description:
      'An incident of priority {{ $labels.priority }} in namespace {{ $labels.namespace }} is not resolved, and its resolution time was over {{ $value | humanizeDuration }} ago.',
  },
  {
    alert: 'ProblemCameBack',
    expr: 'max by (namespace, name) (steward_condition{kind="Problem",type="Solved",status="False",reason="CameBack"})',
    for: '5m',
    severity: 'warning',
    summary: 'Problem {{ $labels.namespace }}/{{ $labels.name }} came back',
    description:
      'An incident came after the remedy of Problem {{ $labels.namespace }}/{{ $labels.name }} had been carried out, or after it was closed; its condition Solved names it.',
  },
];
