/**
 * Whether the receiver of alerts works. Who was never told of an alert knows of no incident: that none is late says nothing then (MO-6, MO-14). The receiver
 * renews a Lease each time that it has compared with what Alertmanager and Prometheus hold.
 */
import { instant } from '../contract/condition.ts';

/** The Lease that every replica of the receiver renews, in the operator's own namespace. None of them leads by it. */
export const RECEIVER_LEASE = 'steward-receive';

/** `undecided`: nobody has looked yet. */
export type Reception =
  | { readonly state: 'heard' | 'undecided' }
  /** Why nothing is heard, in full sentences. */
  | { readonly state: 'silent'; readonly message: string };

/** The Lease as it was found. */
export type Renewal = {
  /** Changes with every renewal. */
  readonly written: string;
  /** When, by the clock of its writer; undefined: it does not say. */
  readonly at: Date | undefined;
  /** For how long it counts, in milliseconds. */
  readonly heldMs: number;
};

/** A renewal that was seen, and until when it counts: milliseconds of this process's own clock. */
export type Heard = Renewal & { readonly until: number };

/** Nobody may claim to be heard for longer without another renewal. */
const LONGEST_HOLD_MS = 30 * 60_000;

/** What is known after the Lease was read; undefined: there is none. One that is seen for the first time may be from long ago: of that one its writer's clock counts. */
export function heardAgain(
  before: Heard | undefined,
  renewal: Renewal | undefined,
  { now, monotonic }: { readonly now: Date; readonly monotonic: number },
): Heard | undefined {
  if (renewal === undefined || renewal.written === before?.written) return renewal && before;
  const ageMs = before === undefined ? now.getTime() - (renewal.at?.getTime() ?? 0) : 0;
  return { ...renewal, until: monotonic + Math.min(renewal.heldMs, LONGEST_HOLD_MS) - Math.max(0, ageMs) };
}

const NOTHING_KNOWN = 'An alert that fires becomes no incident then, so nobody knows whether one would be late.';

export function receptionOf(heard: Heard | undefined, namespace: string, monotonic: number): Reception {
  if (heard !== undefined && monotonic < heard.until) return { state: 'heard' };
  const last =
    heard === undefined
      ? `No receiver of alerts has ever been heard: there is no Lease ${RECEIVER_LEASE} in namespace ${namespace} (intake.enabled).`
      : `The receiver of alerts is not heard${heard.at === undefined ? '' : `; it has compared with Alertmanager and Prometheus last at ${instant(heard.at)}`}.`;
  return { state: 'silent', message: `${last} ${NOTHING_KNOWN}` };
}

/** The Lease cannot be read, and what was known has run out. */
export function unreadableReception(why: string): Reception {
  return { state: 'silent', message: `Whether the receiver of alerts works cannot be read: ${why}. ${NOTHING_KNOWN}` };
}
