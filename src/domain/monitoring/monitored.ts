import { AlertThresholds } from '../../api/alertthresholds.ts';
import type { ManagedVM } from '../../api/managedvm.ts';

import { DEFAULT_RULES_NAME, overrideRulesName } from '../contract/child.ts';
import { instant } from '../contract/condition.ts';
import { gravest, unknown } from '../contract/finding.ts';
import { applied, type Outcome } from '../contract/outcome.ts';
import { entitlements } from '../contract/service-levels.ts';
import type { Observed } from '../machine/observed.ts';
import { conditionOf } from '../machine/observedvm.ts';
import { guestRuns } from '../machine/vmstate.ts';
import type { MonitoringFacts } from './facts.ts';
import type { Need } from './prometheuswatch.ts';
import type { Finding, Verdict } from './reasons.ts';
import { overriddenThresholds } from './thresholds.ts';

/** Minutes after which a new VM must be watched: as long as the alert ManagedVMTargetMissing waits. */
export const WATCH_GRACE_MINUTES = 15;

type Facts = {
  readonly managedVM: ManagedVM;
  readonly observed: Observed;
  readonly monitoring: MonitoringFacts;
  readonly outcomes: readonly Outcome[];
  /** What stands in the way of the children of monitoring. */
  readonly obstacles: readonly Finding[];
  /** The verdict on the guest agent. */
  readonly agent: Verdict;
  readonly now: Date;
};

/**
 * Whether the sensors of the guest are watched (MO-5): CPU, memory, storage, services. That rules and target are in place is no proof that
 * Prometheus uses them, and what Prometheus evaluated a moment ago is none that the rules are still there.
 */
export function monitored(facts: Facts): Verdict {
  const { managedVM, monitoring, outcomes } = facts;
  const { serviceLevel, powerState } = managedVM.spec;
  if (!entitlements(serviceLevel).monitoring) {
    return unknown('NotIncluded', `Service level ${serviceLevel} does not include monitoring (MO-5).`);
  }
  const obstacle = gravest(facts.obstacles);
  if (obstacle) {
    const status = obstacle.standing === 'failed' ? 'False' : 'Unknown';
    return { status, reason: obstacle.reason, message: obstacle.message };
  }
  if (!monitoring.installed || !applied(outcomes, 'ServiceMonitor')) {
    return unknown('NotProvisioned', 'The ServiceMonitor of the VM is not in place yet.');
  }
  if (powerState === 'Stopped') {
    return unknown('PoweredOff', 'The VM is powered off as ordered, so there is nothing to scrape.');
  }
  const rules = rulesLacking(facts);
  if (rules !== undefined) return unknown('NotProvisioned', `PrometheusRule ${rules} is not in place.`);
  const deaf = neverFiring(managedVM);
  if (deaf !== undefined) return { status: 'False', reason: 'ThresholdNeverReached', message: deaf };
  const { prometheusWatch: watch } = monitoring;
  if (watch === undefined) {
    return unknown(
      'NotObserved',
      'Rules and ServiceMonitor are in place, but nothing proves that a Prometheus uses them.',
    );
  }
  if (watch.state === 'undecided') return asBefore(managedVM);
  if (watch.state === 'silent') {
    const message = `Prometheus has given no usable answer since ${instant(watch.since)}: ${watch.why}.`;
    return unknown('PrometheusSilent', message);
  }
  return watch.lacks.length === 0 ? watches(managedVM) : lacking(facts, watch);
}

function watches({ metadata, spec }: ManagedVM): Verdict {
  const services = spec.services?.length ?? 0;
  const sensors = `CPU, memory, file systems, clock and ${services === 1 ? '1 service' : `${services || 'no'} services`}`;
  const message = `Prometheus evaluates the rules of namespace ${metadata.namespace} and scrapes the guest, so its ${sensors} are watched (MO-5). Event logs and security events (MO-12) are not part of this: see EventsMonitored.`;
  return { status: 'True', reason: 'PrometheusWatches', message };
}

/** Whether event logs and security-relevant events of the guest are watched (MO-12). */
export function eventsMonitored({ spec }: ManagedVM): Verdict {
  if (!entitlements(spec.serviceLevel).monitoring) {
    return unknown('NotIncluded', `Service level ${spec.serviceLevel} does not include monitoring (MO-12).`);
  }
  if (spec.powerState === 'Stopped') return unknown('PoweredOff', 'The VM is powered off as ordered.');
  const message = `Service level ${spec.serviceLevel} includes event logs and security events (MO-12), but nothing watches them yet.`;
  return unknown('EventMonitoringNotAvailable', message);
}

/** The PrometheusRule that its alerts need and that is not there. */
function rulesLacking({ managedVM, monitoring, outcomes }: Facts): string | undefined {
  const { namespace } = managedVM.metadata;
  if (!monitoring.rulesPresent) return `${namespace}/${DEFAULT_RULES_NAME}`;
  const ownMissing = overriddenThresholds(managedVM.spec) !== undefined && !applied(outcomes, 'PrometheusRule');
  return ownMissing ? `${namespace}/${overrideRulesName(managedVM)}` : undefined;
}

/** Thresholds that were stored before the API refused those that no guest can pass. */
function neverFiring({ spec }: ManagedVM): string | undefined {
  const { error } = AlertThresholds.safeParse(spec.alertThresholds ?? {});
  if (error === undefined) return undefined;
  const fields = [...new Set(error.issues.map(({ path }) => ['spec.alertThresholds', ...path].join('.')))];
  return `${fields.join(', ')}: with this an alert never fires or comes too late, so what it is for is not watched (MO-12).`;
}

/** A restart of Steward or of Prometheus is no news about the VM: what was proven holds until it is disproven. */
function asBefore(managedVM: ManagedVM): Verdict {
  const before = managedVM.status?.conditions?.find(({ type }) => type === 'Monitored');
  if (before?.status === 'True') return watches(managedVM);
  const reason = (Object.keys(WORDS) as Shortfall[]).find(known => known === before?.reason);
  if (before?.status === 'False' && reason) return { status: 'False', reason, message: before.message };
  return unknown('NotObserved', 'Prometheus has not been asked for long enough to tell whether it watches the VM.');
}

type Shortfall = 'RulesNotEvaluated' | 'MetricsMissing' | 'GuestNotScraped';

/** What is missing, by the reason that it is reported under; the first one that applies is the condition's. */
const WORDS: Readonly<Record<Shortfall, Partial<Record<Need, (managedVM: ManagedVM) => string>>>> = {
  RulesNotEvaluated: {
    rules: ({ metadata }) => `does not evaluate PrometheusRule ${metadata.namespace}/${DEFAULT_RULES_NAME}`,
    thresholds: managedVM =>
      `does not evaluate PrometheusRule ${managedVM.metadata.namespace}/${overrideRulesName(managedVM)}`,
  },
  MetricsMissing: {
    order: () => 'has no metrics of Steward about the VM (steward_managedvm_info)',
    machine: () => 'has no metrics of KubeVirt about the VM (kubevirt_vm_info)',
  },
  GuestNotScraped: {
    target: () => "does not have the guest's exporter as a target",
    scrape: () => "cannot read the guest's exporter",
  },
};

function lacking(facts: Facts, { lacks }: { readonly lacks: readonly Need[] }): Verdict {
  const { managedVM, observed, agent } = facts;
  const found = Object.entries(WORDS).flatMap(([reason, words]) =>
    Object.entries(words).flatMap(([need, word]) =>
      lacks.some(lack => lack === need) ? [{ reason: reason as Shortfall, word: word(managedVM) }] : [],
    ),
  );
  const [first] = found;
  if (first === undefined) return watches(managedVM);
  const says = `Prometheus ${found.map(({ word }) => word).join(', and ')}`;
  if (first.reason === 'GuestNotScraped') {
    // Nobody can read a guest that is not up, and whether it should be is for Available to say.
    if (!guestRuns(observed.virtualMachineInstance)) {
      return unknown('NotRunning', 'No guest is running, so there is nothing to scrape.');
    }
    if (agent.reason === 'AgentStarting') return unknown('AgentStarting', `${says}: its first boot is not complete.`);
  }
  const deadline = deadlineOf(facts);
  if (deadline !== undefined && facts.now < deadline) {
    const message = `${says} yet; it has until ${instant(deadline)} (${WATCH_GRACE_MINUTES} minutes).`;
    return { ...unknown('WatchStarting', message), nextEdge: deadline };
  }
  return { status: 'False', reason: first.reason, message: `${says}.` };
}

/** A VM that was never seen watched has a while for it: from the last of its ServiceMonitor, the guest's start and the agent's first answer. */
function deadlineOf({ managedVM, observed, outcomes }: Facts): Date | undefined {
  const before = managedVM.status?.conditions?.find(({ type }) => type === 'Monitored');
  if (before !== undefined && before.status !== 'Unknown') return undefined;
  const { virtualMachineInstance: vmi } = observed;
  const monitor = outcomes.find(({ child }) => child.kind === 'ServiceMonitor')?.object?.metadata.creationTimestamp;
  const from = [
    Date.parse(monitor ?? ''),
    vmi?.startedAt?.getTime() ?? Number.NaN,
    conditionOf(vmi, 'AgentConnected')?.since?.getTime() ?? Number.NaN,
  ].filter(time => !Number.isNaN(time));
  return from.length === 0 ? undefined : new Date(Math.max(...from) + WATCH_GRACE_MINUTES * 60_000);
}
