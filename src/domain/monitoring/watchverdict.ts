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
import type { ConditionType, Finding, Reason, Verdict } from './reasons.ts';
import { overriddenThresholds } from './thresholds.ts';

/** Minutes after which a new VM must be watched: as long as the alert ManagedVMTargetMissing waits. */
export const WATCH_GRACE_MINUTES = 15;

/** What the verdicts on the watch over a guest rest on. */
export type WatchFacts = {
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

/** Why a guest is not watched, whatever Prometheus says; undefined: Prometheus is to say. */
export function notWatched(facts: WatchFacts, promise: 'MO-5' | 'MO-12'): Verdict | undefined {
  const { monitoring, outcomes } = facts;
  const { serviceLevel, powerState } = facts.managedVM.spec;
  if (!entitlements(serviceLevel).monitoring) {
    return unknown('NotIncluded', `Service level ${serviceLevel} does not include monitoring (${promise}).`);
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
  return rules === undefined ? undefined : unknown('NotProvisioned', `PrometheusRule ${rules} is not in place.`);
}

/** The PrometheusRule that its alerts need and that is not there. */
function rulesLacking({ managedVM, monitoring, outcomes }: WatchFacts): string | undefined {
  const { namespace } = managedVM.metadata;
  if (!monitoring.rulesPresent) return `${namespace}/${DEFAULT_RULES_NAME}`;
  const ownMissing = overriddenThresholds(managedVM.spec) !== undefined && !applied(outcomes, 'PrometheusRule');
  return ownMissing ? `${namespace}/${overrideRulesName(managedVM)}` : undefined;
}

/** What a guest is waited for before anybody can say whether it is watched. */
const WAITED: readonly Reason[] = ['NotRunning', 'AgentStarting', 'WatchStarting'];

/** A restart of Steward or of Prometheus is no news about the VM: what was said of it is said again, where it was a proof, one of these, or that it is waited for. */
export function asBefore(
  { managedVM }: WatchFacts,
  type: ConditionType,
  proof: Verdict,
  disproofs: readonly Reason[],
): Verdict {
  const before = managedVM.status?.conditions?.find(condition => condition.type === type);
  if (before?.status === 'True') return proof;
  const reason = disproofs.find(known => known === before?.reason);
  if (before?.status === 'False' && reason) return { status: 'False', reason, message: before.message };
  const waited = WAITED.find(known => known === before?.reason);
  if (before?.status === 'Unknown' && waited) return unknown(waited, before.message);
  return unknown('NotObserved', 'Prometheus has not been asked for long enough to tell whether it watches the VM.');
}

/** Of what a guest has to show itself: it runs, its first boot is complete, and its time for it is over; undefined: it has to. */
export function notYetShown(facts: WatchFacts, says: string): Verdict | undefined {
  // Nobody can read a guest that is not up, and whether it should be is for Available to say.
  if (!guestRuns(facts.observed.virtualMachineInstance)) {
    return unknown('NotRunning', 'No guest is running, so there is nothing to scrape.');
  }
  if (facts.agent.reason === 'AgentStarting') {
    return unknown('AgentStarting', `${says}: its first boot is not complete.`);
  }
  return undefined;
}

/** A VM that was never seen watched has a while for it: from the last of its ServiceMonitor, the guest's start and the agent's first answer. */
export function inGrace({ managedVM, observed, outcomes, now }: WatchFacts, type: ConditionType, says: string) {
  const before = managedVM.status?.conditions?.find(condition => condition.type === type);
  if (before !== undefined && before.status !== 'Unknown') return undefined;
  const { virtualMachineInstance: vmi } = observed;
  const monitor = outcomes.find(({ child }) => child.kind === 'ServiceMonitor')?.object?.metadata.creationTimestamp;
  const from = [
    Date.parse(monitor ?? ''),
    vmi?.startedAt?.getTime() ?? Number.NaN,
    conditionOf(vmi, 'AgentConnected')?.since?.getTime() ?? Number.NaN,
  ].filter(time => !Number.isNaN(time));
  if (from.length === 0) return undefined;
  const deadline = new Date(Math.max(...from) + WATCH_GRACE_MINUTES * 60_000);
  if (now >= deadline) return undefined;
  const message = `${says} yet; it has until ${instant(deadline)} (${WATCH_GRACE_MINUTES} minutes).`;
  return { ...unknown('WatchStarting', message), nextEdge: deadline } satisfies Verdict;
}

const LAST_SEEN = / \(seen last [^)]*\)/g;

/** When something that is gone was seen last, as a part of a sentence. */
export function lastSeen(at: Date | undefined): string {
  return at === undefined ? '' : ` (seen last ${instant(at)})`;
}

/** A process that has begun anew does not know what was seen before it: the instants that stand there already are kept, so that nothing is written for that. */
export function disproof({ managedVM }: WatchFacts, type: ConditionType, reason: Reason, message: string): Verdict {
  const before = managedVM.status?.conditions?.find(condition => condition.type === type);
  const same = before?.status === 'False' && before.message.replace(LAST_SEEN, '') === message;
  return { status: 'False', reason, message: same ? before.message : message };
}
