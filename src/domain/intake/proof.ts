/**
 * The proof of an alert. Whoever may write a PrometheusRule, or talk to Alertmanager, can raise an alert with our names and another's labels. So it counts
 * only where a rule in the file and group that Steward renders itself, with the very expression, holds this alert; and where that expression, asked
 * again, says the same.
 */
import { instant } from '../contract/condition.ts';
import type { OwnRule, Place } from './ownrules.ts';
import { aboutKey, hasAll, type Labels, labelsKey, type Named, sameLabels } from './pointer.ts';
import { isSameExpression } from './promql.ts';
import type { SeenAlert, SeenRule } from './seenrules.ts';

/** Why an alert is not what it says. */
export type Unproven =
  /** It is about no VM and no application that there is. */
  | 'NoSuchSubject'
  /** Its subject is at a level where nobody watches (MO-5). */
  | 'NotWatched'
  /** No rule of ours about its subject has that name. */
  | 'NoRuleOfOurs'
  /** Prometheus has no such rule in a file of ours. */
  | 'NotInOurFile'
  /** There is one, and it is not as we render it. */
  | 'OtherRule'
  /** It is as we render it, and does not hold this alert. */
  | 'NotFiring'
  /** The expression, asked again, does not say so any more. */
  | 'SensorDenies';

/** Those by which it may be forged, or our rule changed: kept for a person to see, where it goes on. */
export type Doubtful = Exclude<Unproven, 'NoSuchSubject' | 'NotWatched'>;

/** A rule of ours as Prometheus has it, and the alert in it. */
export type Held = { readonly rule: OwnRule; readonly seen: SeenRule; readonly alert: SeenAlert };

export type Finding = { readonly held: Held } | { readonly unproven: Doubtful; readonly message: string };

/** UID of the PrometheusRule at a place; undefined where there is none. */
export type UidOf = (place: Place) => string | undefined;

/** The rule of ours that holds the alert, among those that Prometheus has; on the way Prometheus may have added labels of its own (external labels). */
export function findHeld(
  labels: Labels,
  subject: Named,
  { own, seen, uidOf }: { readonly own: readonly OwnRule[]; readonly seen: readonly SeenRule[]; readonly uidOf: UidOf },
): Finding {
  const name = labels.get('alertname') ?? '';
  const named = own.filter(({ alert }) => alert === name);
  const about = `${subject.kind} ${subject.namespace}/${subject.name}`;
  if (named.length === 0) return refused('NoRuleOfOurs', `No rule of Steward about ${about} is called ${name}.`);
  const pairs = named.flatMap(rule => seen.filter(each => isAt(each, rule, uidOf)).map(each => ({ rule, seen: each })));
  const places = named.map(({ place, group }) => `${place.namespace}/${place.name}, group ${group}`).join('; ');
  if (pairs.length === 0)
    return refused('NotInOurFile', `Prometheus has no rule ${name} in a file of PrometheusRule ${places}.`);
  const same = pairs.filter(pair => isAsRendered(pair.seen, pair.rule));
  if (same.length === 0)
    return refused('OtherRule', `The rule ${name} of PrometheusRule ${places} is not the one that Steward renders.`);
  for (const pair of same) {
    const about = pair.seen.alerts.get(aboutKey(labels)) ?? [];
    const alert = about.find(each => each.firing && hasAll(labels, each.labels));
    if (alert !== undefined) return { held: { ...pair, alert } };
  }
  return refused('NotFiring', `The rule ${name} of PrometheusRule ${places} does not fire for ${about}.`);
}

/** The alerts that a rule would hold by what its expression gives, by {@link labelsKey}. */
export function alertsOfSeries({ labels: given, alert }: OwnRule, series: readonly Labels[]): ReadonlySet<string> {
  return new Set(series.map(labels => labelsKey(new Map([...labels, ...given, ['alertname', alert]]))));
}

/** Whether the expression of its rule, asked again, gives the alert: `now` is what it gives. */
export function sensorSays({ alert }: Held, now: ReadonlySet<string>): boolean {
  return now.has(labelsKey(alert.labels));
}

/**
 * Whether the sensor still holds an alert that an incident was opened for; undefined: that cannot be told, for Prometheus has not loaded the rule, or has not
 * evaluated it since it started. `own`: of its name only. Where there are none any more, nobody watches it any more.
 */
export function stillHolds(
  fingerprint: string,
  { own, seen, uidOf }: { readonly own: readonly OwnRule[]; readonly seen: readonly SeenRule[]; readonly uidOf: UidOf },
): boolean | undefined {
  const ours = own.flatMap(rule => seen.filter(each => isAt(each, rule, uidOf)));
  if (own.length > 0 && (ours.length === 0 || ours.some(({ evaluated }) => !evaluated))) return undefined;
  return ours.some(({ fingerprints }) => fingerprints.has(fingerprint));
}

/** How a rule's file is named: by prometheus-operator, and by Grafana's Alloy for Mimir. The UID tells `a-b/c` from `a/b-c`. */
export function isFileOf(file: string, { namespace, name }: Place, uid: string): boolean {
  return [`${namespace}-${name}-${uid}.yaml`, `${namespace}/${name}/${uid}`].some(
    ending => file === ending || file.endsWith(`/${ending}`),
  );
}

/** What an incident says of its proof. */
export function provenBy({ rule, seen, alert }: Held, now: Date): { readonly rule: string; readonly message: string } {
  const since = alert.activeAt === undefined ? '' : ` since ${instant(alert.activeAt)}`;
  return {
    rule: `${seen.file}, group ${seen.group}`,
    message: `Rule ${rule.alert} is as Steward renders it, its expression has held${since}, and held when it was asked again at ${instant(now)}.`,
  };
}

function isAt(seen: SeenRule, { alert, group, place }: OwnRule, uidOf: UidOf): boolean {
  if (seen.alert !== alert || seen.group !== group) return false;
  const uid = uidOf(place);
  return uid !== undefined && isFileOf(seen.file, place, uid);
}

function isAsRendered(seen: SeenRule, rule: OwnRule): boolean {
  return (
    seen.pendingFor === rule.pendingFor &&
    sameLabels(seen.labels, rule.labels) &&
    isSameExpression(seen.expression, rule.expression)
  );
}

function refused(unproven: Doubtful, message: string): Finding {
  return { unproven, message };
}
