/**
 * What happened to an incident, in its order. It is written once and never taken back: an entry is added when its cause is first seen, so that whoever looks
 * again, later or twice, adds nothing. Instants of what people do are when Steward saw it: nobody dates his own acts, and what Steward takes counts against
 * the provider.
 */
import {
  type IncidentSignal,
  type IncidentSpec,
  MOST_EVENTS,
  type RemediationStep,
  type TimelineEntry,
} from '../../api/incident.ts';
import { instant } from '../contract/condition.ts';
import { cut } from '../contract/excerpt.ts';

/** How long a resolved incident can be opened again; then it is closed, and what happens is another one. */
export const CLOSED_AFTER_MS = 72 * 3_600_000;

/** What Steward calls the sensor that raised the alarm. */
export const SENSOR = 'the sensor';

/** Where an incident stands between two entries. */
export type Standing = 'Open' | 'Waiting' | 'Resolved' | 'Closed';

export type Seen = {
  readonly spec: IncidentSpec;
  /** When the API server took it. */
  readonly created: Date;
  readonly remediation: readonly RemediationStep[];
  /** Whether what is concerned is not there any more. */
  readonly isGone: boolean;
  readonly now: Date;
};

/** The timeline with what is seen now. */
export function advanced(stored: readonly TimelineEntry[], seen: Seen): TimelineEntry[] {
  const timeline = new Timeline(stored, seen.now);
  if (stored.length === 0) timeline.add('Detected', detectedAt(seen), detector(seen.spec));
  timeline.remedied(seen.remediation);
  timeline.hear(seen.spec.signals ?? []);
  timeline.respond(seen.spec);
  timeline.judge(seen.spec);
  if (seen.isGone) timeline.lose(seen.spec);
  timeline.wait(seen.spec);
  timeline.close();
  return timeline.entries;
}

/** Where an incident stands after all that has happened. */
export function standing(timeline: readonly TimelineEntry[]): Standing {
  return timeline.reduce<Standing>((before, { what }) => {
    switch (what) {
      case 'Waiting':
        return 'Waiting';
      case 'Resolved':
        return 'Resolved';
      case 'Closed':
        return 'Closed';
      case 'Continued':
      case 'Reopened':
        return 'Open';
      default:
        return before;
    }
  }, 'Open');
}

/** Whether the alert fires, as was last heard; undefined of a report. */
export function isFiring({ alert, signals = [] }: IncidentSpec): boolean | undefined {
  return alert && (signals.at(-1)?.firing ?? true);
}

class Timeline {
  readonly entries: TimelineEntry[];
  readonly #now: Date;

  constructor(stored: readonly TimelineEntry[], now: Date) {
    this.entries = [...stored];
    this.#now = now;
  }

  /** Never before what happened before, and never in the future. */
  add(what: TimelineEntry['what'], at: string, by?: string, why?: string): void {
    const last = this.entries.at(-1)?.at ?? '';
    const then = [at, instant(this.#now)].toSorted()[0] ?? at;
    const [, later = then] = [last, then].toSorted();
    this.entries.push({
      at: later,
      what,
      ...(by !== undefined && { by: cut(by, 256) }),
      ...(why !== undefined && { why: cut(why, 300) }),
    });
  }

  get #standing(): Standing {
    return standing(this.entries);
  }

  /** What is left of the bound is for the end. */
  get #isFull(): boolean {
    return this.entries.length >= MOST_EVENTS - 4;
  }

  get #hasResponse(): boolean {
    return this.entries.some(({ what }) => what === 'Responded');
  }

  /** Steward has begun a remedy. */
  remedied(remediation: readonly RemediationStep[]): void {
    const begun = remediation.find(({ outcome }) => ['Running', 'Succeeded', 'Failed'].includes(outcome));
    if (begun === undefined || this.#hasResponse) return;
    this.add('Responded', begun.at, 'steward', `${begun.action}, step ${begun.step} of its ladder`);
  }

  /** Somebody qualified has begun: who acknowledges, waits for an answer or resolves has looked. */
  respond({ handling = {} }: IncidentSpec): void {
    const person = handling.acknowledgedBy ?? handling.waitingForCustomer?.by ?? handling.resolution?.by;
    if (person !== undefined && !this.#hasResponse) this.add('Responded', instant(this.#now), person);
  }

  /** Each change of the sensor that came after the last one known; what comes out of order is past. */
  hear(signals: readonly IncidentSignal[]): void {
    for (const { at, firing } of signals) {
      const last = this.entries.findLast(
        ({ by, what }) => by === SENSOR && (what === 'Resolved' || what === 'Reopened'),
      );
      if (last && at <= last.at) continue;
      if (!firing && ['Open', 'Waiting'].includes(this.#standing)) this.add('Resolved', at, SENSOR);
      if (firing && this.#standing === 'Resolved' && !this.#isFull) this.add('Reopened', at, SENSOR);
    }
  }

  /** A person's word ends it where no sensor can say, or where nothing is mended. */
  judge(spec: IncidentSpec): void {
    const { resolution } = spec.handling ?? {};
    const isOver = resolution !== undefined && (spec.alert === undefined || resolution.outcome !== 'Mended');
    const last = this.entries.findLast(({ what }) => what === 'Resolved');
    if (isOver && ['Open', 'Waiting'].includes(this.#standing))
      this.add('Resolved', instant(this.#now), resolution.by, `${resolution.outcome}: ${resolution.cause}`);
    else if (resolution === undefined && this.#standing === 'Resolved' && last?.by !== SENSOR && !this.#isFull)
      this.add('Reopened', instant(this.#now), spec.handling?.notes?.at(-1)?.by, spec.handling?.notes?.at(-1)?.text);
  }

  /** Nothing is left to be mended. */
  lose({ subject }: IncidentSpec): void {
    if (['Open', 'Waiting'].includes(this.#standing))
      this.add('Resolved', instant(this.#now), 'steward', `${subject.kind} ${subject.name} is not there any more`);
  }

  wait({ handling }: IncidentSpec): void {
    const { waitingForCustomer: waiting } = handling ?? {};
    if (waiting && this.#standing === 'Open' && !this.#isFull)
      this.add('Waiting', instant(this.#now), waiting.by, waiting.reason);
    if (!waiting && this.#standing === 'Waiting') this.add('Continued', instant(this.#now));
  }

  close(): void {
    const last = this.entries.at(-1);
    if (this.#standing !== 'Resolved' || last === undefined) return;
    const closes = closesAt(last);
    if (closes <= this.#now) this.add('Closed', instant(closes), 'steward');
  }
}

/** When an incident is closed that was resolved last. */
export function closesAt({ at }: Pick<TimelineEntry, 'at'>): Date {
  return new Date(Date.parse(at) + CLOSED_AFTER_MS);
}

function detectedAt({ spec, created }: Seen): string {
  return spec.detectedAt ?? instant(created);
}

function detector({ report }: IncidentSpec): string {
  return report?.by ?? SENSOR;
}
