/** What Prometheus says of its alerting rules (`/api/v1/rules`, Prometheus' HTTP API). */
import { at, listAt, numberAt, textAt, timeAt } from '../contract/json.ts';
import { fingerprintOf } from './fingerprint.ts';
import { aboutKey, type Labels, readLabels } from './pointer.ts';

/** An alert that a rule holds: `pending` ones wait for the rule's `for`. */
export type SeenAlert = {
  readonly labels: Labels;
  readonly firing: boolean;
  /** Since when the expression has held; undefined where that is not said. */
  readonly activeAt: Date | undefined;
};

export type SeenRule = {
  /** As Prometheus names it; it ends with the name that prometheus-operator gave it. */
  readonly file: string;
  readonly group: string;
  readonly alert: string;
  readonly expression: string;
  /** Seconds of `for`. */
  readonly pendingFor: number;
  readonly labels: Labels;
  /** False: since it was loaded it has not been evaluated, so what it holds means nothing. */
  readonly evaluated: boolean;
  /** By {@link aboutKey}: in a storm a rule holds thousands. */
  readonly alerts: ReadonlyMap<string, readonly SeenAlert[]>;
  /** Of all of them. */
  readonly fingerprints: ReadonlySet<string>;
};

/** A rule with the alerts that it holds. */
export function holding(rule: Omit<SeenRule, 'alerts' | 'fingerprints'>, alerts: readonly SeenAlert[]): SeenRule {
  return {
    ...rule,
    alerts: Map.groupBy(alerts, ({ labels }) => aboutKey(labels)),
    fingerprints: new Set(alerts.map(({ labels }) => fingerprintOf(labels))),
  };
}

/** The rules with these names; throws an Error that says what is wrong where it is no whole answer. */
export function readRules(answer: unknown, names: ReadonlySet<string>): readonly SeenRule[] {
  const groups = at(answer, 'data', 'groups');
  if (at(answer, 'status') !== 'success' || !Array.isArray(groups))
    throw new Error('its answer is not what Prometheus gives');
  // Thanos and Mimir warn when a part of them did not answer: what is absent then proves nothing.
  if (listAt(answer, 'warnings').length > 0) throw new Error('its answer is incomplete');
  return groups.flatMap(group =>
    listAt(group, 'rules').flatMap(rule => {
      const isWanted = names.has(textAt(rule, 'name') ?? '') && textAt(rule, 'type') === 'alerting';
      const read = isWanted ? readRule(group, rule) : undefined;
      return read === undefined ? [] : [read];
    }),
  );
}

function readRule(group: unknown, rule: unknown): SeenRule | undefined {
  const [file, name] = [textAt(group, 'file'), textAt(group, 'name')];
  const [alert, expression] = [textAt(rule, 'name'), textAt(rule, 'query')];
  const labels = readLabels(at(rule, 'labels'));
  if (!file || !name || !alert || !expression || !labels) return undefined;
  const evaluated = (timeAt(rule, 'lastEvaluation')?.getTime() ?? 0) > 0 && textAt(rule, 'health') === 'ok';
  const pendingFor = numberAt(rule, 'duration') ?? 0;
  return holding({ file, group: name, alert, expression, labels, pendingFor, evaluated }, readAlerts(rule));
}

function readAlerts(rule: unknown): readonly SeenAlert[] {
  return listAt(rule, 'alerts').flatMap(each => {
    const labels = readLabels(at(each, 'labels'));
    const state = textAt(each, 'state');
    if (labels === undefined || (state !== 'firing' && state !== 'pending')) return [];
    return [{ labels, firing: state === 'firing', activeAt: timeAt(each, 'activeAt') }];
  });
}

/** Labels of the series of an instant vector, without the name of the metric, as an alert of them has them. */
export function seriesLabels(series: unknown): Labels | undefined {
  const labels = readLabels(at(series, 'metric'));
  return labels && new Map([...labels].filter(([name]) => name !== '__name__'));
}
