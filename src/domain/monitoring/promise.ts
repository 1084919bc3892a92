import { waiting } from '../contract/finding.ts';
import { applied, applyProblems, missing } from '../contract/outcome.ts';
import type { Accepted, Carried, Said, ServicePromise, Wanted } from '../contract/promise.ts';
import { entitlements } from '../contract/service-levels.ts';
import { guestView } from '../machine/view.ts';
import { available } from './available.ts';
import { CHILD_KINDS, OPERATOR } from './childkinds.ts';
import { eventsMonitored } from './eventsmonitored.ts';
import type { OfMonitoring } from './facts.ts';
import { monitored } from './monitored.ts';
import { renderOverrideRules } from './prometheusrules.ts';
import { CONDITIONS, type ConditionType, type Finding, REASONS, type Reason } from './reasons.ts';
import { renderScrape } from './scrape.ts';

/** The guest is watched, and it is noticed whether it is up (MO-5, MO-12). */
export const monitoring: ServicePromise<OfMonitoring, ConditionType, Reason> = {
  conditions: CONDITIONS,
  reasons: REASONS,
  children,
  assess,
};

function children({ managedVM, operatingSystem, facts }: Accepted<OfMonitoring>): Wanted {
  const { settings } = facts.monitoring;
  const overrides = renderOverrideRules(managedVM, settings);
  const scrape = renderScrape({ managedVM, operatingSystem, monitoringLabels: settings.monitoringLabels });
  return { apply: [...scrape, ...(overrides ? [overrides] : [])], keep: [] };
}

function assess(carried: Carried<OfMonitoring>): Said<ConditionType, Reason> {
  const { managedVM, facts, now } = carried;
  const { machine: observed, monitoring } = facts;
  const guest = guestView(managedVM, observed, now);
  const findings = obstacles(carried);
  const watched = { ...carried, observed, monitoring, obstacles: findings, agent: guest.agent };
  return {
    conditions: {
      Available: available(managedVM, observed, monitoring.prometheusWatch, guest, now),
      Monitored: monitored(watched),
      EventsMonitored: eventsMonitored(watched),
    },
    findings,
  };
}

/** What stands in the way of the children. */
function obstacles({ managedVM, facts, outcomes, blocked }: Carried<OfMonitoring>): readonly Finding[] {
  if (blocked || !entitlements(managedVM.spec.serviceLevel).monitoring) return [];
  const operator = facts.monitoring.installed ? [] : [missing('ServiceMonitor', OPERATOR)];
  const problems = [...operator, ...applyProblems(outcomes, CHILD_KINDS)];
  if (problems.length > 0 || applied(outcomes, 'ServiceMonitor')) return problems;
  return [waiting('MonitoringPending', 'The ServiceMonitor of the VM is not in place yet.')];
}
