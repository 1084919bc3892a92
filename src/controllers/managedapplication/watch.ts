import type { ProductSpec } from '../../api/product.ts';
import { Probe, PrometheusRule, ServiceMonitor } from '../../api/upstream.ts';
import type { Blackbox } from '../../domain/application/asked.ts';
import { type Watched, watchedOf } from '../../domain/application/watched.ts';
import {
  APPLICATIONS_QUERY,
  type ApplicationKnowledge,
  figuresOf,
  heardOfApplications,
  knowingNoApplication,
  missedApplications,
  watchOverApplication,
} from '../../domain/policies/applicationwatch.ts';
import type { WatchFacts } from '../../domain/policies/applicationwatched.ts';
import type { PolledSource, Reader } from '../../runtime/pass/controller.ts';
import type { PrometheusSettings } from '../watchsettings.ts';
import { advicePrometheus } from './advicewatch.ts';
import type { Ordered } from './facts.ts';
import { asking } from './question.ts';

/** The cluster's Prometheus, as far as it tells of applications (AP-5, AP-11, AP-12). */
export type ApplicationPrometheus = {
  /** Asks it from time to time. */
  readonly polls: readonly PolledSource<Ordered>[];
  readonly watchOf: (application: Ordered, product: ProductSpec | undefined, read: Reader) => WatchFacts;
};

/** `settings` undefined: nobody is asked, and nothing is known. `blackbox` undefined: nobody asks from outside of guests. */
export function applicationPrometheus(
  settings: PrometheusSettings | undefined,
  blackbox?: Blackbox | undefined,
): ApplicationPrometheus {
  const advice = advicePrometheus(settings);
  const { polls, known } = asking<ApplicationKnowledge>(settings, ({ intervalMs, toleranceMs }) => ({
    ...{ name: 'applications', query: APPLICATIONS_QUERY, everyMs: intervalMs, knowingNothing: knowingNoApplication },
    heard: (before, answer, now) => heardOfApplications(before, answer, now, toleranceMs),
    missed: (before, why, now) => missedApplications(before, why, now, toleranceMs),
    saidOf: (knowledge, application, product) => saidOf(knowledge, watchedOf(application, product, blackbox)),
  }));
  return {
    polls: [...polls, ...advice.polls],
    watchOf: (application, product, read) => {
      const { namespace = '' } = application.metadata;
      const kinds = [PrometheusRule, ServiceMonitor, ...(blackbox === undefined ? [] : [Probe])];
      const isInstalled = kinds.every(kind => read.state(kind, namespace) !== 'missing');
      const watched = product && watchedOf(application, product, blackbox);
      const said = settings && watched && saidOf(known(), watched);
      return {
        ...{ installed: isInstalled, product, prometheus: said?.watch, figures: said?.figures, blackbox },
        performance: watched && advice.seenOf(watched),
      };
    },
  };
}

function saidOf(knowledge: ApplicationKnowledge | undefined, watched: Watched) {
  return knowledge === undefined
    ? { watch: { state: 'undecided' } as const, figures: undefined }
    : { watch: watchOverApplication(knowledge, watched), figures: figuresOf(knowledge, watched) };
}
