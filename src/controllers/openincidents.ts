import type { Registry } from 'prom-client';
import type { Incident, IncidentClock } from '../api/incident.ts';
import { isOpen } from '../domain/incident/openincidents.ts';
import { type Clock, systemClock } from '../runtime/api/clock.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { add, type Counted, summedGauge } from './summedgauge.ts';

const CLOCKS = ['response', 'resolution'] as const;
const BY_CLOCK = ['namespace', 'priority', 'clock'];

/** What metrics tell of an open incident. Instants in milliseconds. */
type Open = {
  readonly namespace: string;
  readonly priority: string;
  readonly scope: string;
  readonly phase: string;
  readonly detectedAt: number;
  readonly clocks: Readonly<Record<(typeof CLOCKS)[number], IncidentClock | undefined>>;
};

/**
 * Gauges of the incidents that are open, summed by namespace and priority: single ones have no series, for a storm brings thousands. Which they are,
 * `kubectl get incidents` says.
 */
export class OpenIncidents {
  /** By UID. */
  readonly #open = new Map<string, Open>();

  constructor(registry: Registry, clock: Pick<Clock, 'now'> = systemClock) {
    const all = () => this.#open.values();
    summedGauge(registry, all, {
      name: 'steward_incident_open',
      help: 'Incidents that are neither resolved nor closed.',
      labelNames: ['namespace', 'priority', 'scope', 'phase'],
      of: ({ namespace, priority, scope, phase }) => [{ labels: { namespace, priority, scope, phase }, value: 1 }],
      fold: add,
    });
    summedGauge(registry, all, {
      name: 'steward_incident_due_timestamp_seconds',
      help: 'When the time of a clock that runs is over, of the open incident whose time is over first.',
      labelNames: BY_CLOCK,
      of: byClock(dueOf),
      fold: Math.min,
    });
    summedGauge(registry, all, {
      name: 'steward_incident_overdue',
      help: 'Open incidents of which a clock has run for longer than was promised.',
      labelNames: BY_CLOCK,
      // Also where no pass has looked since.
      of: byClock(each =>
        Number(each.breached || (dueOf(each) ?? Number.POSITIVE_INFINITY) <= clock.now().getTime() / 1000),
      ),
      fold: add,
    });
    summedGauge(registry, all, {
      name: 'steward_incident_oldest_unacknowledged_timestamp_seconds',
      help: 'When the oldest open incident that nobody has taken up was detected.',
      labelNames: ['namespace', 'priority'],
      of: ({ namespace, priority, phase, detectedAt }) =>
        ['New', 'Queued'].includes(phase) ? [{ labels: { namespace, priority }, value: detectedAt / 1000 }] : [],
      fold: Math.min,
    });
  }

  /** As its status says it. One that is resolved or closed is none any more. */
  record(incident: Incident & KubeObject): void {
    const { metadata, spec, status } = incident;
    const { uid = '', namespace = '', creationTimestamp = '' } = metadata;
    const { phase, response, resolution } = status ?? {};
    if (phase === undefined || !isOpen(incident)) {
      this.forget(uid);
      return;
    }
    const { priority = 'Unrated', scope = 'Unrated' } = spec.rating ?? {};
    const detectedAt = Date.parse(spec.detectedAt ?? creationTimestamp);
    this.#open.set(uid, { namespace, priority, scope, phase, detectedAt, clocks: { response, resolution } });
  }

  readonly forget = (uid: string): void => {
    this.#open.delete(uid);
  };
}

/** In seconds; undefined: it does not run. */
function dueOf({ state, due }: IncidentClock): number | undefined {
  return state === 'Running' && due !== undefined ? Date.parse(due) / 1000 : undefined;
}

function byClock(told: (clock: IncidentClock) => number | undefined): (open: Open) => readonly Counted[] {
  return ({ namespace, priority, clocks }) =>
    CLOCKS.flatMap(clock => {
      const value = clocks[clock] && told(clocks[clock]);
      return value === undefined ? [] : [{ labels: { namespace, priority, clock }, value }];
    });
}
