import { secondsOf } from '../../api/duration.ts';
import { PRIORITIES, type ServicePlanSpec } from '../../api/serviceplan.ts';
import { digestOf } from './digest.ts';

/**
 * SHA-256 of everything that a plan says, for those who work and bill by it to pin (GE-8): a plan never changes, but can be deleted and made
 * anew under its name. How durations and lists are written does not count.
 */
export function planRevision(plan: ServicePlanSpec): string {
  const { serviceLevel, validFrom, calendarRef, availability, incidents, patching, backup, prices } = plan;
  const { Critical, Important, Other } = patching?.deadlines ?? {};
  const says = {
    ...{ serviceLevel, validFrom, calendarRef },
    availability: availability?.target ?? null,
    times:
      incidents === undefined
        ? null
        : PRIORITIES.map(priority => incidents.priorities[priority]).map(({ response, resolution }) => [
            secondsOf(response),
            secondsOf(resolution),
          ]),
    matrix: incidents?.matrix ?? null,
    deadlines: [Critical, Important, Other].map(seconds),
    backup: [backup?.recoveryPointObjective, backup?.recoveryTimeObjective].map(seconds),
    prices: [prices.currency, prices.perMonth, prices.billWhenStopped, prices.effortPerHour],
    // Plans of before these fields keep their revision.
    ...(patching?.policyRef !== undefined && { patchPolicy: patching.policyRef }),
    ...(backup?.policyRef !== undefined && { backupPolicy: backup.policyRef }),
    ...(prices.applications && { applications: prices.applications.map(each => [each.level, each.perMonth]).sort() }),
    ...(prices.licences && { licences: prices.licences.map(each => [each.product, each.perMonth]).sort() }),
    onDemand: (prices.onDemand ?? []).map(({ service, price }) => [service, price]).sort(),
  };
  return digestOf(JSON.stringify(says));
}

function seconds(duration: string | undefined): number | null {
  return duration === undefined ? null : secondsOf(duration);
}
