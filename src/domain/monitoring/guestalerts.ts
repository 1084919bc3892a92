/** What Prometheus tells of the alerts about guests that Steward's own rules raise. */
import { listAt, textAt } from '../contract/json.ts';
import type { SeenAlert } from '../contract/seenalert.ts';
import { stateAlerts } from './alerts.ts';
import { systemEventAlerts } from './eventalerts.ts';
import { fillingAlert, sensorAlerts } from './sensoralerts.ts';
import { DEFAULT_THRESHOLDS } from './thresholds.ts';

/** How far back an alert is seen that fires no more, and in which steps. One that only holds and does not fire yet is none. */
const BACK = '3d:1m';

// What somebody does in the guest is no consequence of what was installed in it.
const names = [
  ...[...stateAlerts(''), ...sensorAlerts({ namespace: '' }, DEFAULT_THRESHOLDS)],
  ...[fillingAlert(''), ...systemEventAlerts('')],
];
const OURS = `alertname=~"${[...new Set(names.map(({ alert }) => alert))].join('|')}",managed_vm!=""`;
const BY = 'by (namespace, managed_vm, alertname)';
const FIRING = `ALERTS{alertstate="firing",${OURS}}`;

/**
 * One query for the alerts about all VMs: instant vector, its label `of` says what a series shows. `began`: in epoch seconds, when the expression
 * held first, of those that have fired; `firing`: that it does now.
 */
export const ALERTS_QUERY = [
  `label_replace(max ${BY} (max_over_time((ALERTS_FOR_STATE{${OURS}} and ignoring (alertstate) ${FIRING})[${BACK}])), "of", "began", "", "")`,
  `label_replace(max ${BY} (${FIRING}), "of", "firing", "", "")`,
].join('\nor ');

/** Alerts by `namespace/name` of the ManagedVM. */
export type GuestAlerts = ReadonlyMap<string, readonly SeenAlert[]>;

/** The alerts that the series of a whole answer tell of; a series that tells nothing that is understood is one that fires since ever. */
export function guestAlerts(answer: readonly unknown[]): GuestAlerts {
  const firing = new Set(answer.filter(series => textAt(series, 'metric', 'of') === 'firing').map(keyOf));
  const found = new Map<string, SeenAlert[]>();
  for (const series of answer) {
    if (textAt(series, 'metric', 'of') !== 'began') continue;
    const seconds = Number(listAt(series, 'value')[1]);
    const alert = textAt(series, 'metric', 'alertname') ?? '';
    const began = new Date(Number.isFinite(seconds) ? seconds * 1000 : 8.64e15);
    const vm = vmOf(series);
    found.set(vm, [...(found.get(vm) ?? []), { alert, began, firing: firing.has(keyOf(series)) }]);
  }
  return found;
}

function vmOf(series: unknown): string {
  return `${textAt(series, 'metric', 'namespace')}/${textAt(series, 'metric', 'managed_vm')}`;
}

function keyOf(series: unknown): string {
  return `${vmOf(series)} ${textAt(series, 'metric', 'alertname')}`;
}
