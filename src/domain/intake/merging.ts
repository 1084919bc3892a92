/** What becomes of what was proven: of one subject and one fingerprint there is one incident at a time, however often and in whatever order it is told. */
import { type Incident, type IncidentSignal, MOST_JOINED, MOST_LABELS, MOST_SIGNALS } from '../../api/incident.ts';
import { instant } from '../contract/condition.ts';
import { incidentName } from '../incident/identity.ts';
import { incidentFor, withSignal } from '../incident/opened.ts';
import { isFiring } from '../incident/timeline.ts';
import { fingerprintOf } from './fingerprint.ts';
import type { Labels } from './pointer.ts';
import { type Held, provenBy } from './proof.ts';

/** An alert whose proof succeeded. */
export type Proven = {
  readonly subject: {
    readonly kind: 'ManagedVM' | 'ManagedApplication';
    readonly namespace: string;
    readonly name: string;
    readonly uid: string;
  };
  readonly held: Held;
  /** Since when it fires, as Alertmanager says. */
  readonly startsAt: Date;
};

export type Joined = NonNullable<Incident['spec']['joined']>[number];

/** What is to be written. Known: nothing, for it is there. */
export type Act =
  | { readonly act: 'Known'; readonly incident: Incident }
  | { readonly act: 'Open'; readonly incident: Incident }
  | { readonly act: 'Signal'; readonly incident: Incident; readonly signals: readonly IncidentSignal[] }
  | { readonly act: 'Join'; readonly incident: Incident; readonly joined: readonly Joined[] };

/**
 * What a proven alert does to the incidents of its subject. In a storm it joins one that is open, because nobody could read them all. Where an alert fires on and has
 * another beginning, for Prometheus and Alertmanager were both started anew, it is the same incident.
 */
export function actOn(proven: Proven, incidents: readonly Incident[], storm: boolean, now: Date): Act {
  const fingerprint = fingerprintOf(proven.held.alert.labels);
  const since = beganAt(proven, now);
  const startsAt = instant(since);
  const name = incidentName(proven.subject.uid, { fingerprint, startsAt });
  const its = incidents.filter(incident => fingerprintsOf(incident).includes(fingerprint));
  const same = its.find(({ metadata }) => metadata.name === name) ?? its.find(incident => !isClosed(incident));
  if (same !== undefined) {
    const known = { act: 'Known', incident: same } as const;
    if (isClosed(same) || isFiring(same.spec) !== false) return known;
    const signals = withSignal(same.spec.signals, { at: laterOf(startsAt, same), firing: true }, MOST_SIGNALS);
    return signals === undefined ? known : { act: 'Signal', incident: same, signals };
  }
  const alert = { name: proven.held.rule.alert, fingerprint, startsAt };
  const open = storm ? incidents.find(hasRoom) : undefined;
  if (open !== undefined) return { act: 'Join', incident: open, joined: [...(open.spec.joined ?? []), alert] };
  return { act: 'Open', incident: opened(proven, alert, now) };
}

/** The signal that what an incident was opened for is over; undefined where that is known, or nothing more is kept. */
export function overAt(incident: Incident, endsAt: Date | undefined, now: Date): readonly IncidentSignal[] | undefined {
  if (isClosed(incident) || isFiring(incident.spec) !== true) return undefined;
  const at = instant(endsAt !== undefined && endsAt <= now ? endsAt : now);
  return withSignal(incident.spec.signals, { at: laterOf(at, incident), firing: false }, MOST_SIGNALS);
}

/** The alerts that it stands for: the one it was opened for, and those that joined it. */
export function alertsOf({ spec: { alert, joined = [] } }: Incident): readonly Joined[] {
  return alert === undefined ? [] : [alert, ...joined];
}

export function isClosed({ status }: Incident): boolean {
  return status?.phase === 'Closed';
}

function fingerprintsOf(incident: Incident): readonly string[] {
  return alertsOf(incident).map(({ fingerprint }) => fingerprint);
}

function hasRoom(incident: Incident): boolean {
  const { joined = [] } = incident.spec;
  return !isClosed(incident) && isFiring(incident.spec) === true && joined.length < MOST_JOINED;
}

/** Not before the expression held, and not in the future: what Alertmanager says of it anybody can tell him. */
function beganAt({ held, startsAt }: Proven, now: Date): Date {
  const earliest = held.alert.activeAt ?? startsAt;
  return new Date(Math.min(Math.max(startsAt.getTime(), earliest.getTime()), now.getTime()));
}

/** Never before the last that is known of it: signals have an order. */
function laterOf(at: string, { spec: { signals = [] } }: Incident): string {
  const last = signals.at(-1)?.at ?? '';
  return at < last ? last : at;
}

function opened({ subject, held }: Proven, alert: Joined, now: Date): Incident {
  const { kind, namespace, name, uid } = subject;
  const { labels } = held.alert;
  const severity = held.rule.labels.get('severity') === 'critical' ? 'critical' : 'warning';
  return incidentFor(
    {
      namespace,
      subject: { kind, name, uid },
      alert: { ...alert, severity, summary: saidOf(held.rule.summary, labels), labels: keptOf(labels) },
      proof: { verdict: 'Proven', at: instant(now), ...provenBy(held, now) },
    },
    now,
  );
}

function keptOf(labels: Labels) {
  const entries = [...labels].filter(([name]) => name !== 'alertname').toSorted(([a], [b]) => (a < b ? -1 : 1));
  return entries.slice(0, MOST_LABELS).map(([name, value]) => ({ name, value }));
}

/** Our own words with the labels in them, and not what Prometheus made of them: values change from one evaluation to the next. */
function saidOf(summary: string, labels: Labels): string {
  return summary
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels.get(name) ?? '')
    .replaceAll(/\{\{.*?\}\}/g, '…');
}
