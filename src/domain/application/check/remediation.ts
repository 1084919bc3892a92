import type { ProductSpec } from '../../../api/product.ts';
import type { Forbidding, ProductRung } from '../../../api/productremediation.ts';
import { applicationAlerts } from '../alerts.ts';

/** How much an action interrupts: a ladder goes up. FreeSpace interrupts nothing, and stands anywhere before a person. */
const INTERRUPTS = { FreeSpace: 0, Reload: 1, RestartUnit: 2, RestartVM: 3, Human: 4 } as const;

const RESTARTS: readonly ProductRung['action'][] = ['RestartUnit', 'RestartVM'];

/** During these a restart would cut off work of Steward's own. */
const OWN_WORK: readonly Forbidding[] = ['RunActive', 'RestoreInProgress'];

/** What is wrong with the ladder of a Product (AP-3, AP-4). */
export function remediationFaults(spec: ProductSpec): readonly string[] {
  const ladder = spec.remediation ?? [];
  if (ladder.length === 0) return [];
  return [
    ...(spec.levels.every(level => level === 'Basic')
      ? ['spec.remediation: the Product is offered at Basic only, which includes no remediation (AP-3).']
      : []),
    ...ladder.flatMap((rung, index) =>
      [
        ...nameFaults(rung, spec),
        ...placeFaults(rung, ladder.slice(0, index)),
        ...limitFaults(rung),
        ...forbiddenFaults(rung, ladder.slice(0, index)),
      ].map(fault => `spec.remediation.${rung.name}.${fault}.`),
    ),
    ...lastFaults(ladder),
  ];
}

function nameFaults({ trigger, unit }: ProductRung, spec: ProductSpec): readonly string[] {
  const { probes = [], alerts = [] } = trigger;
  const told = alertsOf(spec);
  const units = spec.steps.flatMap(({ unit: own, file }) => [own?.name, file?.unit]);
  return [
    ...probes
      .filter(probe => !spec.probes.some(({ name }) => name === probe))
      .map(probe => `trigger: there is no probe ${probe}`),
    ...alerts
      .filter(alert => alert.startsWith('ManagedApplication') && !told.includes(alert))
      .map(alert => `trigger: no rule of this Product tells ${alert}`),
    ...(unit !== undefined && !units.includes(unit) ? [`unit: no step of this Product names unit ${unit}`] : []),
  ];
}

/** Names of the alerts that an order of the Product can have. */
function alertsOf(product: ProductSpec): readonly string[] {
  return product.levels.flatMap(level =>
    applicationAlerts({ namespace: '', vm: '', application: '', level, productName: '', product }).map(
      ({ alert }) => alert,
    ),
  );
}

function placeFaults({ action }: ProductRung, before: readonly ProductRung[]): readonly string[] {
  const stronger =
    action === 'FreeSpace' ? undefined : before.find(each => INTERRUPTS[each.action] > INTERRUPTS[action]);
  return stronger === undefined
    ? []
    : [`action: ${action} interrupts less than ${stronger.action} of rung ${stronger.name}, and stands after it`];
}

/** Whose cooldown is too long for its limit is taken again and again, and the next rung never. */
function limitFaults({ action, maxPer: { count, hours }, cooldownMinutes }: ProductRung): readonly string[] {
  return action !== 'Human' && count * cooldownMinutes >= hours * 60
    ? [
        `maxPer: ${count} times ${cooldownMinutes} minutes of cooldown are not less than ${hours} hours, so that the next rung is never reached`,
      ]
    : [];
}

function forbiddenFaults(
  { action, forbiddenWhen = [] }: ProductRung,
  before: readonly ProductRung[],
): readonly string[] {
  const gentler = before.filter(each => isGentler(each.action, action)).flatMap(each => each.forbiddenWhen ?? []);
  const needed: readonly Forbidding[] = RESTARTS.includes(action)
    ? [...OWN_WORK, ...(action === 'RestartVM' ? (['OtherApplicationHealthy'] as const) : []), ...gentler]
    : [];
  const missing = [...new Set(needed)].filter(each => !forbiddenWhen.includes(each));
  return [
    ...missing.map(each => `forbiddenWhen: ${action} needs ${each}`),
    ...(action === 'Human' && forbiddenWhen.length > 0 ? ['forbiddenWhen: a person may always be called'] : []),
    ...(action === 'FreeSpace' && forbiddenWhen.includes('DiskFull')
      ? ['forbiddenWhen: DiskFull is when FreeSpace is needed']
      : []),
  ];
}

function isGentler(one: ProductRung['action'], other: ProductRung['action']): boolean {
  return one !== 'FreeSpace' && INTERRUPTS[one] < INTERRUPTS[other];
}

/** Trouble that no rung cures reaches a person. */
function lastFaults(ladder: readonly ProductRung[]): readonly string[] {
  const last = ladder.at(-1);
  if (last?.action !== 'Human' || ladder.some(rung => rung !== last && rung.action === 'Human'))
    return ['spec.remediation: its last rung is Human, and no other is.'];
  const triggers = (of: (rung: ProductRung) => readonly string[] | undefined) => [
    ...new Set(ladder.flatMap(rung => of(rung) ?? [])),
  ];
  const unheard = [
    ...triggers(({ trigger }) => trigger.probes).filter(each => !last.trigger.probes?.includes(each)),
    ...triggers(({ trigger }) => trigger.alerts).filter(each => !last.trigger.alerts?.some(alert => alert === each)),
  ];
  return unheard.map(
    each => `spec.remediation.${last.name}.trigger: ${each} is one of an earlier rung, and never reaches a person.`,
  );
}
