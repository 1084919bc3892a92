import { isDeepStrictEqual } from 'node:util';
import type { ManagedVM } from '../api/managedvm.ts';
import { instant } from '../domain/contract/condition.ts';
import { excerpt } from '../domain/contract/excerpt.ts';
import { ALERTS_QUERY, type GuestAlerts, guestAlerts } from '../domain/monitoring/guestalerts.ts';
import type { VMAlerts } from '../domain/patching/newalerts.ts';
import type { KubeObject } from '../runtime/api/object.ts';
import { messageOf } from '../runtime/http/exchange.ts';
import type { PolledSource } from '../runtime/pass/controller.ts';
import { askPrometheus } from './askprometheus.ts';
import type { PrometheusSettings } from './watchsettings.ts';

/** The alerts about guests, asked of Prometheus as long as somebody's ring waits for them (MO-11). */
export type AlertWatch = {
  readonly polls: readonly PolledSource<KubeObject>[];
  readonly alertsOn: (managedVM: ManagedVM, now: Date) => VMAlerts;
};

type Answer = { readonly alerts: GuestAlerts; readonly at: Date };

/** `settings` undefined: nobody is asked, and nothing is known. */
export function alertWatchOf(settings: PrometheusSettings | undefined): AlertWatch {
  let answer: Answer | undefined;
  let silent = true;
  let isWanted = false;
  let why = '';
  if (settings === undefined) {
    return { polls: [], alertsOn: () => 'Steward is not told where Prometheus is (prometheus.url)' };
  }
  const isOld = (now: Date) => answer === undefined || now.getTime() - answer.at.getTime() > settings.toleranceMs;
  const ask = async (now: Date, signal: AbortSignal) => {
    if (!isWanted) return () => false;
    const before = { alerts: answer?.alerts, silent };
    try {
      const series: unknown[] = [];
      await askPrometheus(settings, ALERTS_QUERY, each => series.push(each), signal);
      answer = { alerts: guestAlerts(series), at: now };
    } catch (error) {
      if (signal.aborted) return () => false;
      why = excerpt(messageOf(error), 200);
      if (!isOld(now)) return () => false;
    }
    silent = isOld(now);
    const isNews = !isDeepStrictEqual(before, { alerts: answer?.alerts, silent });
    return () => isNews;
  };
  return {
    polls: [{ name: 'alerts', everyMs: settings.intervalMs, ask }],
    alertsOn: ({ metadata: { namespace, name }, status }, now) => {
      isWanted = true;
      if (answer === undefined) return 'Prometheus has not answered yet';
      if (isOld(now)) return `Prometheus has not answered since ${instant(answer.at)} (${why || 'nobody has asked'})`;
      const monitored = status?.conditions?.find(({ type }) => type === 'Monitored');
      // Alerts that are not evaluated begin never.
      if (monitored?.status !== 'True') return `ManagedVM ${namespace}/${name} is not known to be monitored`;
      return answer.alerts.get(`${namespace}/${name}`) ?? [];
    },
  };
}
