/**
 * What Alertmanager says of alerts, by its webhook (version 4) or by its API (v2). All of it is hostile until it is proven (proof.ts): an alert is only a
 * pointer, and nothing of it but its labels and times is looked at.
 */
import { at, fields, listAt, textAt, timeAt } from '../contract/json.ts';

/** Labels of an alert or of a series. */
export type Labels = ReadonlyMap<string, string>;

export type Pointer = {
  readonly name: string;
  readonly firing: boolean;
  /** All of them, `alertname` included. */
  readonly labels: Labels;
  readonly startsAt: Date;
  /** Of one that is over: since when. */
  readonly endsAt: Date | undefined;
};

/** What was read of a message: what is not an alert, or is larger than any of ours, is counted and left. */
export type Pointers = { readonly pointers: readonly Pointer[]; readonly refused: number };

/** More than Prometheus lets any of our rules have. */
const MOST_LABELS = 64;
const LONGEST_NAME = 128;
const LONGEST_VALUE = 1024;
/** Alerts in one message; what is in it beyond is left, and found by the next reconciliation. */
export const MOST_ALERTS = 20_000;

/** The alerts of a webhook's body; undefined where it is no message of version 4. */
export function readWebhook(body: unknown): Pointers | undefined {
  if (at(body, 'version') !== '4' || !Array.isArray(at(body, 'alerts'))) return undefined;
  return readAlerts(listAt(body, 'alerts'), each => textAt(each, 'status') !== 'resolved');
}

/** The alerts of `/api/v2/alerts`, which tells only of those that fire; undefined where it is no list. */
export function readActive(answer: unknown): Pointers | undefined {
  return Array.isArray(answer) ? readAlerts(answer, () => true) : undefined;
}

function readAlerts(alerts: readonly unknown[], isFiring: (alert: unknown) => boolean): Pointers {
  const read = alerts.slice(0, MOST_ALERTS).map(alert => readAlert(alert, isFiring(alert)));
  const pointers = read.filter(pointer => pointer !== undefined);
  return { pointers, refused: alerts.length - pointers.length };
}

function readAlert(alert: unknown, firing: boolean): Pointer | undefined {
  const labels = readLabels(at(alert, 'labels'));
  const name = labels?.get('alertname');
  const startsAt = timeAt(alert, 'startsAt');
  if (labels === undefined || name === undefined || startsAt === undefined) return undefined;
  return { name, firing, labels, startsAt, endsAt: firing ? undefined : timeAt(alert, 'endsAt') };
}

/** Undefined where it is not what labels are. */
export function readLabels(value: unknown): Labels | undefined {
  const entries = Object.entries(fields(value));
  const isLabel = ([name, text]: [string, unknown]) =>
    name.length <= LONGEST_NAME && typeof text === 'string' && text.length <= LONGEST_VALUE;
  if (entries.length > MOST_LABELS || !entries.every(isLabel)) return undefined;
  return new Map(entries as [string, string][]);
}

/** Whether `labels` has each of `those`, with the same value. */
export function hasAll(labels: Labels, those: Labels): boolean {
  for (const [name, value] of those) if (labels.get(name) !== value) return false;
  return true;
}

export function sameLabels(one: Labels, other: Labels): boolean {
  return one.size === other.size && hasAll(one, other);
}

/** The same text for the same labels, and for no others. */
export function labelsKey(labels: Labels): string {
  return JSON.stringify([...labels].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The same text for alerts about the same system. */
export function aboutKey(labels: Labels): string {
  return JSON.stringify(['namespace', 'managed_vm', 'application'].map(name => labels.get(name) ?? ''));
}

/** What labels say they are about. */
export type Named = {
  readonly kind: 'ManagedVM' | 'ManagedApplication';
  readonly namespace: string;
  readonly name: string;
};

/** An application's alert has the labels of its VM too. Undefined: it is about none of both. */
export function namedBy(labels: Labels): Named | undefined {
  const namespace = labels.get('namespace') ?? '';
  const [application, vm] = [labels.get('application') ?? '', labels.get('managed_vm') ?? ''];
  if (namespace === '') return undefined;
  if (application !== '') return { kind: 'ManagedApplication', namespace, name: application };
  return vm === '' ? undefined : { kind: 'ManagedVM', namespace, name: vm };
}
