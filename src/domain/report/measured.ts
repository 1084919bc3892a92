/**
 * What sensors saw of each minute of a day: the queries, and what their answers say. A minute is good where the guest's agent or its exporter was seen, of
 * an application where its probes passed; bad where they were looked for and not seen; and without data where nobody looked (MO-5, AP-5). A value counts
 * for two minutes: what Prometheus would carry on for five is no sight.
 */
import { PROBE_METRICS, PROBE_STALE_SECONDS } from '../application/probemetrics.ts';
import { at, listAt, textAt } from '../contract/json.ts';
import type { Span } from './course.ts';
import type { Measured } from './day.ts';
import type { Stretch } from './format.ts';
import { joined } from './stretches.ts';

const SIGHT = '[2m]';

/** Both of a namespace, each as the label of its name says: `managed_vm`, `application`. */
export function sightQueries(namespace: string): readonly string[] {
  const here = `namespace="${namespace}"`;
  const { success, readAt } = PROBE_METRICS;
  const probes = `on (managed_vm, application, probe)`;
  return [
    `max by (managed_vm) (last_over_time(steward_managedvm_agent_connected{${here}}${SIGHT}) or last_over_time(up{${here},managed_vm!="",application=""}${SIGHT}))`,
    `min by (application) (last_over_time(${success}{${here},application!=""}${SIGHT}) and ${probes} (time() - last_over_time(${readAt}{${here},application!=""}${SIGHT}) < ${PROBE_STALE_SECONDS}))`,
  ];
}

/** Parameters of a range query: a value at the end of each minute. */
export function rangeOf({ from, to }: Span): readonly (readonly [string, string])[] {
  const seconds = (time: Date) => String(time.getTime() / 1000);
  return [
    ['start', String(from.getTime() / 1000 + 60)],
    ['end', seconds(to)],
    ['step', '60'],
  ];
}

/** Throws an Error that says what is wrong where this is not a whole answer. */
export function requireWholeMatrix(answer: unknown): void {
  if (at(answer, 'status') !== 'success' || at(answer, 'data', 'resultType') !== 'matrix')
    throw new Error('its answer is not what Prometheus gives');
  // Thanos and Mimir warn when a part of their data did not answer: what is absent then proves nothing.
  if (listAt(answer, 'warnings').length > 0) throw new Error('its answer is incomplete');
}

/** What a series of an answer says of which system; undefined: it names none. */
export function sightOf(
  series: unknown,
  span: Span,
): { readonly kind: string; readonly name: string; readonly measured: NonNullable<Measured> } | undefined {
  const vm = textAt(series, 'metric', 'managed_vm');
  const name = vm ?? textAt(series, 'metric', 'application');
  if (name === undefined) return undefined;
  const seen: (boolean | undefined)[] = new Array(span.minutes);
  for (const value of listAt(series, 'values')) {
    if (!Array.isArray(value)) continue;
    const minute = Math.round((Number(value[0]) * 1000 - span.from.getTime()) / 60_000) - 1;
    if (minute >= 0 && minute < span.minutes) seen[minute] = Number(value[1]) >= 1;
  }
  const where = (is: boolean | undefined): Stretch[] =>
    joined(Array.from(seen, (each, minute): Stretch => [minute, each === is ? minute + 1 : minute]));
  return {
    kind: vm === undefined ? 'ManagedApplication' : 'ManagedVM',
    name,
    measured: { bad: where(false), noData: where(undefined) },
  };
}
