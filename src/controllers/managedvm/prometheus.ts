import { isDeepStrictEqual } from 'node:util';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { ManagedVM } from '../../api/managedvm.ts';
import {
  type EventWatch,
  eventWatchOver,
  heard,
  type Knowledge,
  knowingNothing,
  missed,
  type PrometheusWatch,
  type Sightings,
  sightingsOf,
  WATCH_QUERY,
  watchOver,
} from '../../domain/monitoring/prometheuswatch.ts';
import type { KubeObject } from '../../runtime/api/object.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { PolledSource } from '../../runtime/pass/controller.ts';
import { askPrometheus } from '../askprometheus.ts';
import type { PrometheusSettings } from '../watchsettings.ts';

export type Prometheus = {
  /** Asks it from time to time. */
  readonly source: PolledSource<ManagedVM & KubeObject>;
  watchOver(managedVM: ManagedVM): PrometheusWatch;
  /** Whether it has fresh readings of the sensor for events (MO-12). */
  eventWatchOver(managedVM: ManagedVM): EventWatch;
};

/** The cluster's Prometheus, as far as it tells whether it watches the ManagedVMs (MO-5). */
export function prometheusOf(settings: PrometheusSettings, registry: Registry): Prometheus {
  const metrics = metricsOn(registry);
  let knowledge: Knowledge | undefined;
  const ask = async (now: Date, signal: AbortSignal) => {
    const before = knowledge ?? knowingNothing(now);
    try {
      const sightings = await query(settings, signal);
      knowledge = heard(before, sightings, now, settings.toleranceMs);
      metrics.lastSuccess.set(now.getTime() / 1000);
    } catch (error) {
      if (signal.aborted) return () => false;
      knowledge = missed(before, messageOf(error), now, settings.toleranceMs);
      metrics.failures.inc();
    }
    return changesBetween(before, knowledge);
  };
  return {
    source: { name: 'prometheus', everyMs: settings.intervalMs, ask },
    watchOver: managedVM => (knowledge ? watchOver(knowledge, managedVM) : { state: 'undecided' }),
    eventWatchOver: managedVM => (knowledge ? eventWatchOver(knowledge, managedVM) : { state: 'undecided' }),
  };
}

function changesBetween(before: Knowledge, after: Knowledge): (managedVM: ManagedVM) => boolean {
  if (before === after) return () => false;
  const said = (known: Knowledge, managedVM: ManagedVM) => [
    watchOver(known, managedVM),
    eventWatchOver(known, managedVM),
  ];
  return managedVM => !isDeepStrictEqual(said(before, managedVM), said(after, managedVM));
}

async function query(settings: PrometheusSettings, signal: AbortSignal): Promise<Sightings> {
  const seen = new Set<string>();
  const onSeries = (series: unknown) => {
    for (const sighting of sightingsOf(series)) seen.add(sighting);
  };
  await askPrometheus(settings, WATCH_QUERY, onSeries, signal);
  return seen;
}

function metricsOn(registry: Registry) {
  const registers = [registry];
  return {
    lastSuccess: new Gauge({
      name: 'steward_prometheus_last_success_timestamp_seconds',
      help: 'When Prometheus last answered which ManagedVMs it watches.',
      registers,
    }),
    failures: new Counter({
      name: 'steward_prometheus_failures_total',
      help: 'Questions to Prometheus without a usable answer.',
      registers,
    }),
  };
}
