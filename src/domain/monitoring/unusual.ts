/**
 * The rating of the unusual (MO-13, docs/adr/0200): what a guest does against its own normal, by the hour of the week. Its sensors are recorded
 * as means of an hour, and what is usual is reckoned from those records: no rule reads raw samples of more than an hour.
 */
import { type Alert, IDENTITY, lines, SUBJECT } from '../contract/alert.ts';
import { cpuIdle, memoryAvailable } from './sensoralerts.ts';
import { prometheusDuration } from './thresholds.ts';

/** What is recorded, each with the labels `namespace`, `managed_vm`, `sensor` and `unit`. */
export const RATED = {
  /** Mean of the last hour, in percent or bytes per second; of memory what is in use now, because it moves slowly. */
  mean: 'managedvm:sensor:mean1h',
  /** What it does not exceed as a rule at this hour of the week. */
  usualHigh: 'managedvm:sensor:usual_high',
  /** What it does not fall below at this hour, on any day of the last week. */
  usualLow: 'managedvm:sensor:usual_low',
  /** How far it is above what is usual; negative below. */
  above: 'managedvm:sensor:above_usual',
  /** The mean where it is unusual; `side` says on which: high or low. */
  unusual: 'managedvm:sensor:unusual',
} as const;

/** The group in which it is recorded. */
export const RATING_GROUP = 'managedvm-rating';
/** An hour's mean moves slowly, so it is recorded each quarter of an hour, and read back as far as `LAST`. */
export const RATING_INTERVAL = '15m';
const LAST = '20m';

/** Weeks and days that are looked back, and which of the weeks must be there. */
const PAST = { weeks: 5, knownWeek: 2, days: 7 } as const;
/** Hours move: by one where the zone changes its clock, and with a job that takes longer than last time. So what lies this near counts too. */
const BESIDE_MINUTES = 90;
/** Of five weeks the second highest, so that one week that was unlike the others does not count. */
const OF_WEEKS = 0.75;
/** What is further above than in so many of the hours of two weeks; what lasts longer than the rest of them, 17 hours, is known. */
const NEWS = { quantile: 0.95, within: '2w' } as const;
/** What nobody would call much, however steady the guest. */
const LEAST = { percent: 20, bytes: 1e6 } as const;
/** What is usual at the least for a third of it to be little. */
const QUIET = { percent: 10, bytes: 1e5, part: 3 } as const;

const BY = 'namespace, managed_vm, sensor, unit';

type Recorded = { readonly record: string; readonly expr: string; readonly labels?: Readonly<Record<string, string>> };

/** What is recorded of the guests of a namespace, in this order. */
export function ratingRules(namespace: string): readonly Recorded[] {
  const of = (series: string, more = ''): string => `${series}{namespace="${namespace}"${more}}`;
  const weeks = over('max_over_time', of(RATED.mean), 'week', PAST.weeks, 168);
  const known = around('max_over_time', of(RATED.mean), PAST.knownWeek * 168);
  const percent = ',unit="%"';
  const bytes = ',unit="B/s"';
  const beforeNow = `clamp_min(quantile_over_time(${NEWS.quantile}, ${of(RATED.above)}[${NEWS.within}]), 0)`;
  const least = lines(
    `(0 * ${of(RATED.usualHigh, percent)} + ${LEAST.percent}`,
    `  or clamp_min(${of(RATED.usualHigh, bytes)}, ${LEAST.bytes}))`,
  );
  const enough = lines(
    `(${of(RATED.usualLow, percent)} > ${QUIET.percent}`,
    `  or ${of(RATED.usualLow, bytes)} > ${QUIET.bytes})`,
  );
  return [
    ...sensorRules(namespace),
    {
      record: RATED.usualHigh,
      expr: lines(`quantile by (${BY}) (${OF_WEEKS}, ${weeks})`, `and ${known}`),
    },
    {
      record: RATED.usualLow,
      expr: lines(
        `min by (${BY}) (${over('min_over_time', of(RATED.mean), 'day', PAST.days, 24)})`,
        `and ${of(RATED.usualHigh)}`,
      ),
    },
    { record: RATED.above, expr: `${of(RATED.mean)} - ${of(RATED.usualHigh)}` },
    {
      record: RATED.unusual,
      labels: { side: 'high' },
      expr: lines(
        of(RATED.mean),
        `and ${of(RATED.above)} > ${beforeNow} + ${least}`,
        // A week ago it was known how far above it was: three weeks in all.
        `and ${around('last_over_time', of(RATED.above), 168)}`,
      ),
    },
    {
      record: RATED.unusual,
      labels: { side: 'low' },
      expr: lines(
        // Memory that a guest gave back is what each restart leaves.
        of(RATED.mean, ',sensor!="memory"'),
        `and ${of(RATED.mean)} < ${enough} / ${QUIET.part}`,
        `and ${around('last_over_time', of(RATED.above), 168)}`,
      ),
    },
  ];
}

/** One alert for a guest, whatever its sensors say: one fault moves several. */
export function unusualAlert(namespace: string): Alert {
  const here = `namespace="${namespace}"`;
  const unusual = `last_over_time(${RATED.unusual}{${here}}[${LAST}])`;
  return {
    alert: 'ManagedVMUnusual',
    expr: lines(
      `(count by (namespace, managed_vm) (${unusual})`,
      // What a run of patches does is no news.
      `  unless on (namespace, managed_vm) steward_maintenance{${here}} == 1)`,
      `* on (namespace, managed_vm) group_left (service_level, os_family) max by (${IDENTITY}) (steward_managedvm_info{${here}})`,
    ),
    for: '2h',
    severity: 'warning',
    summary: '{{ $labels.managed_vm }} does not behave as it used to',
    description: `${SUBJECT} has been unlike this hour of its past weeks for 2 hours:${WHICH_SENSORS}.`,
  };
}

/** Of each sensor what it reads, and what it usually does not exceed or fall below; Prometheus asks itself when it tells the alert. */
const WHICH_SENSORS = [
  `{{ range $index, $it := query (printf "last_over_time(${RATED.unusual}{namespace=%q,managed_vm=%q}[${LAST}])" $labels.namespace $labels.managed_vm) }}`,
  '{{ if $index }},{{ end }} {{ $it.Labels.sensor }} {{ $it.Value | humanize }} {{ $it.Labels.unit }}',
  `{{ range query (printf "last_over_time(managedvm:sensor:usual_%s{namespace=%q,managed_vm=%q,sensor=%q}[${LAST}])" $it.Labels.side $labels.namespace $labels.managed_vm $it.Labels.sensor) }}`,
  ' (usually at {{ if eq $it.Labels.side "high" }}most{{ else }}least{{ end }} {{ .Value | humanize }}){{ end }}{{ end }}',
].join('');

/** Disks as the machine has them: what is laid over them would count twice. */
const DISKS = 'device!~"(dm-|loop|md|ram|sr|zram).*"';
/** Cards by which the guest talks to others: not what containers have among themselves. */
const CARDS = 'device!~"lo|(br-|cali|cni|docker|flannel|veth|virbr|vxlan).*"';

function sensorRules(namespace: string): readonly Recorded[] {
  const guests = `namespace="${namespace}",managed_vm!=""`;
  const sensor = (name: string, unit: string, expr: string): Recorded => ({
    ...{ record: RATED.mean, expr, labels: { sensor: name, unit } },
  });
  const flow = (...pairs: readonly (readonly [string, string, string])[]): string =>
    `sum by (namespace, managed_vm) (${pairs
      .map(([one, other, which]) => [one, other].map(counter => `rate(${counter}{${guests}${which}}[1h])`).join(' + '))
      .join(' or ')})`;
  return [
    sensor('CPU', '%', `100 - 100 * avg by (namespace, managed_vm) (${cpuIdle(guests, '1h')})`),
    sensor('memory', '%', `100 - 100 * min by (namespace, managed_vm) (${memoryAvailable(guests)})`),
    sensor(
      'disk',
      'B/s',
      flow(
        ['node_disk_read_bytes_total', 'node_disk_written_bytes_total', `,${DISKS}`],
        ['windows_logical_disk_read_bytes_total', 'windows_logical_disk_write_bytes_total', ',volume!="_Total"'],
      ),
    ),
    sensor(
      'traffic',
      'B/s',
      flow(
        ['node_network_receive_bytes_total', 'node_network_transmit_bytes_total', `,${CARDS}`],
        ['windows_net_bytes_received_total', 'windows_net_bytes_sent_total', ''],
      ),
    ),
  ];
}

/** A function over the hours around now in each of some past weeks or days: a vector with the label `name` for each. */
function over(fn: string, series: string, name: string, count: number, hours: number): string {
  const each = Array.from({ length: count }, (_, index) => index + 1);
  return each
    .map(back => `label_replace(${around(fn, series, back * hours)}, "${name}", "${back}", "", "")`)
    .join('\n  or ');
}

/** A function over the hours around an instant so many hours ago: {@link BESIDE_MINUTES}. */
function around(fn: string, series: string, hoursAgo: number): string {
  const offset = prometheusDuration(hoursAgo * 3600 - BESIDE_MINUTES * 60);
  return `${fn}(${series}[${prometheusDuration(2 * BESIDE_MINUTES * 60)}] offset ${offset})`;
}
