import type { ManagedVM } from '../../api/managedvm.ts';
import { virtualMachineName } from '../contract/child.ts';
import { at, listAt, textAt } from '../contract/json.ts';
import { EVENT_SENSORS, type EventSensor, freshSensors } from './guestevents.ts';
import { OVERRIDDEN_SERIES } from './sensoralerts.ts';
import { overriddenThresholds } from './thresholds.ts';

/** Recorded once per namespace by the rules themselves: as long as it has a value, Prometheus evaluates them. */
export const EVALUATED_SERIES = 'managedvm:rules_evaluated';

/** What Prometheus must have of a monitored VM, or some of its alerts stay silent whatever happens. */
export type Need =
  /** It evaluates the rules of the namespace. */
  | 'rules'
  /** It evaluates the rules with the VM's own thresholds. */
  | 'thresholds'
  /** It has the operator's metrics about the VM: what was ordered. */
  | 'order'
  /** It has KubeVirt's metrics about the VM: whether it runs. */
  | 'machine'
  /** It has the guest's exporter as a target. */
  | 'target'
  /** It reads that target. */
  | 'scrape';

/** What is known of Prometheus' watch over one VM. */
export type PrometheusWatch =
  /** Not asked long enough to tell: nothing may change for that reason. */
  | { readonly state: 'undecided' }
  /** It has not answered since then; why, as it was when that became too long. */
  | { readonly state: 'silent'; readonly since: Date; readonly why: string }
  /** It answers, and lacks this; when it was seen last to have each of these, as far as that is known. */
  | { readonly state: 'answers'; readonly lacks: readonly Need[]; readonly lastSeen?: LastSeen<Need> };

/** What Prometheus must have to tell of the events in a guest (MO-12). */
export type EventNeed = 'rules' | `sensor ${EventSensor}`;

/** What is known of whether Prometheus has fresh readings of the sensors for events of one VM. */
export type EventWatch =
  | Exclude<PrometheusWatch, { readonly state: 'answers' }>
  | { readonly state: 'answers'; readonly lacks: readonly EventNeed[]; readonly lastSeen?: LastSeen<EventNeed> };

export type LastSeen<Of extends string> = Readonly<Partial<Record<Of, Date>>>;

/** One query for everything about all VMs: instant vector, its label `of` says what a series shows. */
export const WATCH_QUERY = [
  labelled('rules', `max by (namespace) (${EVALUATED_SERIES})`),
  labelled('thresholds', `max by (namespace, managed_vm) (${OVERRIDDEN_SERIES})`),
  labelled('order', 'max by (namespace, managed_vm) (steward_managedvm_info)'),
  labelled('machine', 'max by (namespace, name) (kubevirt_vm_info)'),
  // An application's exporter has the labels of its VM too, and says nothing of the guest's own.
  labelled('target', 'max by (namespace, managed_vm) (up{managed_vm!="",application=""})'),
  labelled('sensor', freshSensors('managed_vm!="",application=""')),
].join('\nor ');

/** A part of one query for many things: its label `of` says what a series shows. */
export function labelled(of: string, expression: string): string {
  return `label_replace(${expression}, "of", "${of}", "", "")`;
}

/** How long it is known when something was seen last. */
const GONE_MS = 31 * 24 * 3600_000;

/** What one answer showed, as `need|namespace|name`. */
export type Sightings = ReadonlySet<string>;

/** Throws an Error that says what is wrong when this is not a whole answer to WATCH_QUERY, whatever its series are. */
export function requireWholeAnswer(answer: unknown): void {
  const result = at(answer, 'data', 'result');
  if (at(answer, 'status') !== 'success' || at(answer, 'data', 'resultType') !== 'vector' || !Array.isArray(result)) {
    throw new Error('its answer is not what Prometheus gives');
  }
  // Thanos and Mimir warn when a part of their data did not answer: what is absent then proves nothing.
  if (listAt(answer, 'warnings').length > 0) throw new Error('its answer is incomplete');
}

/** What one series of the answer shows. */
export function sightingsOf(series: unknown): readonly string[] {
  const of = textAt(series, 'metric', 'of') ?? '';
  const namespace = textAt(series, 'metric', 'namespace') ?? '';
  const name = textAt(series, 'metric', 'managed_vm') ?? textAt(series, 'metric', 'name') ?? '';
  if (of === 'sensor') {
    // Which sensors there are is not for a guest to say.
    const sensor = EVENT_SENSORS.find(known => known === textAt(series, 'metric', 'sensor'));
    return sensor === undefined ? [] : [sighting(`sensor ${sensor}`, namespace, name)];
  }
  const seen = sighting(of, namespace, name);
  return of === 'target' && listAt(series, 'value')[1] === '1' ? [seen, sighting('scrape', namespace, name)] : [seen];
}

function sighting(of: string, namespace: string, name: string): string {
  return `${of}|${namespace}|${name}`;
}

/** What all answers so far amount to. What was seen within the tolerance counts as there, so one failed scrape changes nothing. */
export type Knowledge = {
  readonly askedSince: Date;
  readonly heardAt?: Date | undefined;
  /** Where the present run of answers began: what has not been seen counts as absent only after the tolerance. */
  readonly answersSince?: Date | undefined;
  readonly silence?: { readonly since: Date; readonly why: string } | undefined;
  /** When each was seen last, epoch milliseconds. */
  readonly seen: ReadonlyMap<string, number>;
  /** When what is not there any more was seen last, for a month. */
  readonly gone?: ReadonlyMap<string, number>;
  /** Whether absence counts. */
  readonly decided: boolean;
};

export function knowingNothing(now: Date): Knowledge {
  return { askedSince: now, seen: new Map(), decided: false };
}

/** After an answer. */
export function heard(before: Knowledge, sightings: Sightings, now: Date, toleranceMs: number): Knowledge {
  const { askedSince, heardAt, answersSince, silence } = before;
  const unbroken = silence === undefined && heardAt !== undefined && now.getTime() - heardAt.getTime() <= toleranceMs;
  const since = (unbroken ? answersSince : undefined) ?? now;
  const seen = new Map<string, number>();
  for (const each of sightings) seen.set(each, now.getTime());
  for (const [each, at] of before.seen) if (now.getTime() - at <= toleranceMs && !seen.has(each)) seen.set(each, at);
  const gone = goneAfter(before, each => !seen.has(each), now.getTime() - GONE_MS);
  return {
    ...{ askedSince, heardAt: now, answersSince: since, seen, gone },
    decided: now.getTime() - since.getTime() >= toleranceMs,
  };
}

function goneAfter(before: Knowledge, isGone: (each: string) => boolean, from: number): ReadonlyMap<string, number> {
  const gone = new Map<string, number>();
  for (const known of [before.gone ?? [], before.seen])
    for (const [each, at] of known) if (at >= from && isGone(each)) gone.set(each, at);
  return gone;
}

/** After a question without a usable answer: it counts only when there has been none for the whole tolerance. */
export function missed(before: Knowledge, why: string, now: Date, toleranceMs: number): Knowledge {
  const since = before.heardAt ?? before.askedSince;
  if (before.silence !== undefined || now.getTime() - since.getTime() <= toleranceMs) return before;
  const gone = goneAfter(before, () => true, now.getTime() - GONE_MS);
  return { ...before, silence: { since, why }, answersSince: undefined, seen: new Map(), gone, decided: false };
}

/** Whether Prometheus reads the guest's exporter, within its tolerance; undefined: that is not known. */
export function readsGuest(watch: PrometheusWatch | undefined): boolean | undefined {
  if (watch?.state !== 'answers') return undefined;
  return !watch.lacks.some(need => need === 'target' || need === 'scrape');
}

export function watchOver(knowledge: Knowledge, managedVM: ManagedVM): PrometheusWatch {
  return watchFor(knowledge, managedVM, needsOf(knowledge.seen, managedVM));
}

export function eventWatchOver(knowledge: Knowledge, managedVM: ManagedVM): EventWatch {
  const { name } = managedVM.metadata;
  const sensors = EVENT_SENSORS.map(sensor => [`sensor ${sensor}`, name] as const);
  return watchFor<EventNeed>(knowledge, managedVM, [['rules', ''], ...sensors]);
}

type Answered<Of extends string> =
  | Exclude<PrometheusWatch, { readonly state: 'answers' }>
  | { readonly state: 'answers'; readonly lacks: readonly Of[]; readonly lastSeen?: LastSeen<Of> };

/** `wanted`: each need with the name under which Prometheus tells of it. */
function watchFor<Of extends string>(
  { silence, heardAt, seen, gone, decided }: Knowledge,
  { metadata: { namespace = '' } }: ManagedVM,
  wanted: readonly (readonly [Of, string])[],
): Answered<Of> {
  if (silence) return { state: 'silent', ...silence };
  const lacking = wanted.filter(([need, of]) => !seen.has(sighting(need, namespace, of)));
  if (heardAt === undefined || (lacking.length > 0 && !decided)) return { state: 'undecided' };
  const last = lacking.flatMap(([need, of]) => {
    const at = gone?.get(sighting(need, namespace, of));
    return at === undefined ? [] : [[need, new Date(at)] as const];
  });
  const lastSeen = Object.fromEntries(last) as LastSeen<Of>;
  return { state: 'answers', lacks: lacking.map(([need]) => need), ...(last.length > 0 && { lastSeen }) };
}

function needsOf(seen: Knowledge['seen'], managedVM: ManagedVM): readonly (readonly [Need, string])[] {
  const { namespace = '', name } = managedVM.metadata;
  const target = seen.has(sighting('target', namespace, name));
  return [
    ['rules', ''],
    ...(overriddenThresholds(managedVM.spec) ? [['thresholds', name] as const] : []),
    ['order', name],
    ['machine', virtualMachineName(managedVM)],
    [target ? 'scrape' : 'target', name],
  ];
}
