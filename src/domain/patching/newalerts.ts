/** Whether alerts about VMs have begun since they were patched: the check `no-new-alerts` of a ring's gate (MO-11). */
import { instant } from '../contract/condition.ts';
import type { SeenAlert } from '../contract/seenalert.ts';

/** The alerts about a VM, or why they are not known, in words for a sentence: what is not known proves nothing. */
export type VMAlerts = readonly SeenAlert[] | string;

/** The last run of a VM. */
export type AlertedRun = {
  readonly name: string;
  readonly managedVM: string;
  readonly start: Date;
  readonly ended: Date | undefined;
};

/** Why a ring passes nothing on, in words for a sentence; undefined: nothing stands against it. `alerts`: by UID of the ManagedVM. */
export function alertsAgainst(runs: readonly AlertedRun[], alerts: ReadonlyMap<string, VMAlerts>): string | undefined {
  const known = runs.map(run => ({ run, seen: alerts.get(run.managedVM) ?? 'nobody has asked' }));
  const alerted = known.flatMap(({ run, seen }) => {
    const alert = typeof seen === 'string' ? undefined : newAlert(run, seen);
    return alert === undefined ? [] : [{ run, alert }];
  });
  const [first] = alerted;
  if (first !== undefined) {
    const { alert, began } = first.alert;
    return `alerts have begun on ${alerted.length} since they were patched, ${alert} of PatchRun ${first.run.name} at ${instant(began)}`;
  }
  const unknown = known.map(({ seen }) => seen).find(seen => typeof seen === 'string');
  return unknown && `whether alerts have begun since is not known, for ${unknown}`;
}

/** What came with the run, and has gone with it, is the reboot: it was to be expected. */
function newAlert({ start, ended }: AlertedRun, alerts: readonly SeenAlert[]): SeenAlert | undefined {
  return alerts.find(({ began, firing }) => began >= start && (firing || (ended !== undefined && began >= ended)));
}
