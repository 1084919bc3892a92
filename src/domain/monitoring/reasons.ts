import { SUBJECT } from '../contract/alert.ts';
import type * as contract from '../contract/finding.ts';
import { type ConditionMeaning, NOTHING, type ReasonMeaning, WAIT } from '../contract/reasons.ts';
import { entitlements } from '../contract/service-levels.ts';
import { MACHINE_KINDS, type Reason as MachineReason } from '../machine/reasons.ts';
import { STATES } from '../machine/statereasons.ts';

const includesMonitoring: ConditionMeaning['counts'] = ({ serviceLevel }) => entitlements(serviceLevel).monitoring;

/** What stands in the way of any watch over a guest. */
const OF_THE_WATCH = [
  ...['NotIncluded', 'PoweredOff', 'NotObserved', 'NotProvisioned', 'NotRunning', 'KindNotReadable'],
  ...['ChildNameTaken', 'ApplyRefused', 'ApplyRetrying', 'ChildTerminating', 'QuotaExceeded', 'AgentStarting'],
] as const;

/** What is said of the watch over a guest (MO-5, MO-12), and of the guest as far as the watch shows that it is up. */
export const CONDITIONS = {
  Available: {
    meaning: 'The guest runs, and its agent or its exporter was seen within the grace of 15 minutes.',
    shares: [
      'PoweredOff',
      'NotObserved',
      'NotProvisioned',
      'KindNotReadable',
      'QuotaExceeded',
      'AgentStarting',
      ...STATES,
    ],
    restsOn: MACHINE_KINDS,
    counts: includesMonitoring,
    toldBy: 'ManagedVMDown',
  },
  Monitored: {
    meaning:
      'The sensors of the guest (CPU, memory, file systems, clock, services) are watched: the rules are in place, Prometheus evaluates them, has the metrics they need and scrapes the guest (MO-5). True only on proof from Prometheus. Event logs are not part of it.',
    shares: [...OF_THE_WATCH],
    restsOn: [...MACHINE_KINDS, 'Service', 'ServiceMonitor', 'PrometheusRule'],
    counts: includesMonitoring,
    alert: {
      alert: 'ManagedVMNotMonitored',
      for: '15m',
      severity: 'critical',
      summary: '{{ $labels.managed_vm }} is not watched',
      description: `${SUBJECT} has not been watched as its level promises for 15 minutes; its condition Monitored says what is missing.`,
    },
  },
  EventsMonitored: {
    meaning:
      'Event logs and security-relevant events of the guest are watched (MO-12): Prometheus evaluates the rules on them, and has a reading younger than 10 minutes of every part of the sensor in this guest. True only on proof from Prometheus.',
    shares: [...OF_THE_WATCH],
    restsOn: [...MACHINE_KINDS, 'Service', 'ServiceMonitor', 'PrometheusRule'],
    counts: includesMonitoring,
    toldBy: 'ManagedVMEventsSilent',
  },
} as const satisfies Readonly<Record<string, ConditionMeaning>>;
export type ConditionType = keyof typeof CONDITIONS;

export const REASONS = {
  // What is as it should be.
  GuestAnswers: {
    on: ['Available'],
    meaning: 'The guest runs, and its agent answers or Prometheus reads its exporter.',
    action: NOTHING,
  },
  PrometheusWatches: {
    on: ['Monitored'],
    meaning: 'The rules are in place; Prometheus evaluates them, has the metrics they need and scrapes the guest.',
    action: NOTHING,
  },
  EventsWatched: {
    on: ['EventsMonitored'],
    meaning:
      'Prometheus evaluates the rules on events, and has a fresh reading of every part of the sensor in the guest.',
    action: NOTHING,
  },

  // What is not promised, or not known.
  EventMonitoringNotAvailable: {
    on: ['EventsMonitored'],
    meaning:
      'The level includes event logs and security events, and the sensor for those of Windows has been tried against documentation only, so it proves nothing.',
    action: 'Ask the provider; watch them in the guest until then.',
  },

  // Something below Steward is missing.
  PrometheusOperatorNotInstalled: {
    on: ['Ready', 'Monitored', 'EventsMonitored'],
    meaning: 'The level includes monitoring, but prometheus-operator does not serve its kinds.',
    action: 'Provider: install prometheus-operator; it is picked up at once.',
  },

  // The machine.
  GuestFrozen: {
    on: ['Available'],
    meaning:
      'The file systems of the guest are held still for longer than a backup or a snapshot may take, so whatever writes in it waits. Steward asks KubeVirt every five minutes to let go, but not while KubeVirt makes a VirtualMachineSnapshot.',
    action:
      'Provider: see what holds them, `virtctl unfreeze NAME`, and the log of the guest agent; a backup during which they were let go counts as crash-consistent.',
    alert: {
      ...{ alert: 'ManagedVMGuestFrozen', for: '1m', severity: 'critical' },
      summary: '{{ $labels.managed_vm }}: the guest is held still, and nobody lets it go',
      description: `The file systems of ${SUBJECT} have been held still for longer than a backup may take, so whatever writes in it waits; its condition Available says since when.`,
    },
  },
  GuestNotSeen: {
    on: ['Available'],
    meaning: 'The guest runs, but neither its agent nor its exporter shows that it is up.',
    action: 'Look at the guest; see AgentConnected and Monitored.',
  },

  // Monitoring.
  MonitoringPending: {
    on: ['Ready', 'Monitored', 'EventsMonitored'],
    meaning: 'The target of monitoring is not in place yet.',
    action: WAIT,
  },
  WatchStarting: {
    on: ['Monitored', 'EventsMonitored'],
    meaning: 'The VM is new, and Prometheus does not watch it yet.',
    action: WAIT,
  },
  PrometheusSilent: {
    on: ['Monitored', 'EventsMonitored', 'Available'],
    meaning: 'Prometheus has not answered for longer than prometheus.tolerance, so nothing is known.',
    action: 'Provider: check that Prometheus runs, and that Steward reaches prometheus.url (see its log).',
  },
  RulesNotEvaluated: {
    on: ['Monitored', 'EventsMonitored'],
    meaning: 'Prometheus was asked and does not evaluate the alert rules of the VM.',
    action: 'Provider: check ruleSelector and ruleNamespaceSelector of Prometheus against monitoring.labels.',
  },
  MetricsMissing: {
    on: ['Monitored'],
    meaning: 'Prometheus was asked and lacks metrics of Steward or KubeVirt, so alerts on the VM stay silent.',
    action: 'Provider: let Prometheus scrape Steward and KubeVirt; both bring a ServiceMonitor.',
  },
  ThresholdNeverReached: {
    on: ['Monitored'],
    meaning: 'A threshold of spec.alertThresholds was stored that no guest can pass, so its alert never fires.',
    action: 'Set one within the bounds of the API (docs/api.md), or take it out.',
    orderers: true,
    cooperation: true,
  },
  EventSensorsSilent: {
    on: ['EventsMonitored'],
    meaning:
      'Prometheus was asked and has no fresh reading of a part of the sensor for events in the guest; the message names them, with when each was seen last.',
    action:
      'Provider: see `systemctl status steward-sensors` in the guest, Configured, and the log of the guest worker, which sets it up ([runbook](runbooks/ManagedVMEventsSilent.md)).',
  },
  GuestNotScraped: {
    on: ['Monitored'],
    meaning: 'Prometheus was asked and does not read the exporter in the guest.',
    action:
      'Provider: check the selectors of Prometheus; customer: check that the exporter runs and no firewall is in the way.',
    // It knows whether the guest runs.
    toldBy: 'ManagedVMTargetMissing',
  },
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof REASONS | MachineReason;
export type Finding = contract.Finding<Reason>;
export type Verdict = contract.Verdict<Reason>;
