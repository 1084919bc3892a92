/** Incidents of guests that boot, as they are told and handled. */
import { expect } from 'vitest';
import { incident } from '../../../src/api/incident.ts';
import type { Any } from '../../integration/support/api.ts';
import { eventually } from '../../integration/support/eventually.ts';
import type { Guests } from './guests.ts';

const MINUTE = 60_000;
/** Milliseconds from trouble to what is done about it: the alert's own delay, the sensors' intervals, a busy machine. */
export const TOLD = 14 * MINUTE;
/** Milliseconds from a step of remedies to the end of the incident. */
export const MENDED = 12 * MINUTE;

type Labels = Readonly<Record<string, string>>;

export class Incidents {
  readonly #guests: Guests;

  constructor(guests: Guests) {
    this.#guests = guests;
  }

  /** Waits for the one Incident of the alert, rated, about a VM or an application. */
  of(subject: string, alert: string, labels: Labels = {}): Promise<Any> {
    return eventually(
      async () => {
        const all = await this.#guests.api.list(incident, this.#guests.namespace);
        const found = all.filter(({ spec }) => isOf(spec, subject, alert, labels));
        const others = all.map(each => each.spec.alert?.name).join(', ');
        expect(found, `${alert} of ${subject} among ${others}`).toHaveLength(1);
        expect(found[0].spec.rating, `${alert} of ${subject}: ${found[0].status?.message}`).toBeDefined();
        return found[0];
      },
      TOLD,
      1_000,
    );
  }

  reaches(seen: Any, phase: string, timeout = MENDED): Promise<Any> {
    return eventually(
      async () => {
        const now = await this.#guests.api.get(incident, this.#guests.namespace, seen.metadata.name);
        expect(now.status?.phase, now.status?.message).toBe(phase);
        return now;
      },
      timeout,
      1_000,
    );
  }
}

export function isOf(spec: Any, subject: string, alert: string, labels: Labels): boolean {
  return spec.subject.name === subject && spec.alert?.name === alert && has(spec, labels);
}

function has(spec: Any, labels: Labels): boolean {
  const known: Any[] = spec.alert.labels ?? [];
  return Object.entries(labels).every(([name, value]) =>
    known.some(label => label.name === name && label.value === value),
  );
}

/** What the record says, for who reads along. */
export function tell({ metadata, spec, status }: Any): void {
  const steps = (status?.remediation ?? []).map((step: Any) => `${step.at} ${step.action} ${step.outcome}`);
  const events = (status?.timeline ?? []).map((event: Any) => `${event.at} ${event.what}`);
  console.log(
    `${metadata.name}: ${spec.alert.name} of ${spec.subject.name}, ${spec.rating?.priority}, ${status?.phase}\n  ${[...events, ...steps].join('\n  ')}\n  ${status?.message}`,
  );
}
