import { isDeepStrictEqual } from 'node:util';
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
import { messageOf } from '../../runtime/http/exchange.ts';
import type { PolledSource, Reader } from '../../runtime/pass/controller.ts';
import { askPrometheus } from '../askprometheus.ts';
import type { PrometheusSettings } from '../settings.ts';
import { advicePrometheus } from './advicewatch.ts';
import { type Ordered, orderIn, productSpecOf } from './facts.ts';

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
  let knowledge: ApplicationKnowledge | undefined;
  const advice = advicePrometheus(settings);
  const ask =
    (from: PrometheusSettings): PolledSource<Ordered>['ask'] =>
    async (now, signal, { read }) => {
      const before = knowledge ?? knowingNoApplication(now);
      try {
        const answer: unknown[] = [];
        await askPrometheus(from, APPLICATIONS_QUERY, series => answer.push(series), signal);
        knowledge = heardOfApplications(before, answer, now, from.toleranceMs);
      } catch (error) {
        if (signal.aborted) return () => false;
        const why = messageOf(error);
        knowledge = missedApplications(before, why, now, from.toleranceMs);
      }
      return changesBetween(before, knowledge, read, blackbox);
    };
  return {
    polls: [
      ...(settings === undefined ? [] : [{ name: 'applications', everyMs: settings.intervalMs, ask: ask(settings) }]),
      ...advice.polls,
    ],
    watchOf: (application, product, read) => {
      const { namespace = '' } = application.metadata;
      const kinds = [PrometheusRule, ServiceMonitor, ...(blackbox === undefined ? [] : [Probe])];
      const isInstalled = kinds.every(kind => read.state(kind, namespace) !== 'missing');
      const watched = product && watchedOf(application, product, blackbox);
      const said = settings && watched && saidOf(knowledge, watched);
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

function changesBetween(
  before: ApplicationKnowledge,
  after: ApplicationKnowledge,
  read: Reader,
  blackbox: Blackbox | undefined,
): (application: Ordered) => boolean {
  if (before === after) return () => false;
  return application => {
    const product = orderIn(application.spec).problem === undefined ? productSpecOf(application, read) : undefined;
    if (product === undefined) return false;
    const watched = watchedOf(application, product, blackbox);
    return !isDeepStrictEqual(saidOf(before, watched), saidOf(after, watched));
  };
}
