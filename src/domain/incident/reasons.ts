import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, type SharedReason } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';

/** The alert that says that incidents are late. An incident of it would be late too, and keep itself open: it is counted nowhere. */
export const LATE_ALERT = 'ManagedVMIncidentsLate';

/** What is said of incidents (MO-6, MO-14). */
export const CONDITIONS = {
  IncidentsInTime: {
    meaning:
      'Every incident of the VM that is not closed is responded to and resolved within what its terms promise; those for which no times are promised do not count (MO-6, GE-3). One that was late counts until it is closed.',
    shares: ['NotIncluded', 'KindNotReadable'],
    restsOn: ['Incident'],
    counts: ({ serviceLevel }) => entitlements(serviceLevel).incidentHandling !== 'None',
    alert: {
      ...{ alert: LATE_ALERT, for: '1m', severity: 'critical' },
      summary: '{{ $labels.managed_vm }}: an incident is late',
      description: `An incident of ${SUBJECT} was not responded to or not resolved in time; its condition IncidentsInTime says which.`,
    },
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  NoOpenIncidents: {
    on: ['IncidentsInTime'],
    meaning: 'No incident for which times are promised is open.',
    action: NOTHING,
  },
  AllInTime: {
    on: ['IncidentsInTime'],
    meaning: 'The clocks of all incidents that are not closed are kept so far.',
    action: 'See `kubectl get incidents`: they say until when.',
  },
  IncidentsLate: {
    on: ['IncidentsInTime'],
    meaning: 'An incident was not responded to, or not resolved, in the time that was promised.',
    action: 'Provider: the message names it; see `kubectl describe incident NAME`.',
  },
  AlertsNotHeard: {
    on: ['IncidentsInTime'],
    meaning:
      'The receiver of alerts is not installed, or has not compared with Alertmanager and Prometheus for three of its intervals: what fires meanwhile becomes no incident, so nobody knows whether one would be late.',
    action: 'Provider: switch it on (`intake.enabled`), or see its log: `kubectl logs deployment/steward-receive`.',
  },
  IncidentsNotInstalled: {
    on: ['IncidentsInTime'],
    meaning: 'The kind Incident is not served.',
    action: "Provider: install Steward's CRDs.",
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | SharedReason;
export type Verdict = contract.Verdict<Reason>;
