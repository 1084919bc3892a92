import { isDeepStrictEqual } from 'node:util';
import { advisorsAt } from '../../domain/application/advisors.ts';
import { type Watched, watchedOf } from '../../domain/application/watched.ts';
import {
  ADVICE_INTERVAL_MS,
  ADVICE_QUERY,
  type AdviceKnowledge,
  heardOfAdvice,
  knowingNoAdvice,
  missedAdvice,
  type SeenPerformance,
  seenOf,
} from '../../domain/policies/advicewatch.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { PolledSource, Reader } from '../../runtime/pass/controller.ts';
import { askPrometheus } from '../askprometheus.ts';
import type { PrometheusSettings } from '../settings.ts';
import { type Ordered, orderIn, productSpecOf } from './facts.ts';

/** The cluster's Prometheus, as far as it tells of what may become scarce (AP-12): one question for all, every ten minutes. */
export type AdvicePrometheus = {
  readonly polls: readonly PolledSource<Ordered>[];
  /** Undefined: it was not asked yet. */
  readonly seenOf: (watched: Watched) => SeenPerformance | undefined;
};

/** `settings` undefined: nobody is asked. */
export function advicePrometheus(settings: PrometheusSettings | undefined): AdvicePrometheus {
  let knowledge: AdviceKnowledge | undefined;
  const ask =
    (from: PrometheusSettings): PolledSource<Ordered>['ask'] =>
    async (now, signal, { read }) => {
      const before = knowledge ?? knowingNoAdvice(now);
      try {
        const answer: unknown[] = [];
        await askPrometheus(from, ADVICE_QUERY, series => answer.push(series), signal);
        knowledge = heardOfAdvice(before, answer, now);
      } catch (error) {
        if (signal.aborted) return () => false;
        knowledge = missedAdvice(before, messageOf(error), now);
      }
      return changesBetween(before, knowledge, read);
    };
  return {
    polls: settings === undefined ? [] : [{ name: 'advice', everyMs: ADVICE_INTERVAL_MS, ask: ask(settings) }],
    seenOf: watched => knowledge && seenOf(knowledge, watched),
  };
}

function changesBetween(
  before: AdviceKnowledge,
  after: AdviceKnowledge,
  read: Reader,
): (application: Ordered) => boolean {
  if (before === after) return () => false;
  return application => {
    const product = orderIn(application.spec).problem === undefined ? productSpecOf(application, read) : undefined;
    if (product === undefined || advisorsAt(product, application.spec.serviceLevel).length === 0) return false;
    const watched = watchedOf(application, product);
    return !isDeepStrictEqual(seenOf(before, watched), seenOf(after, watched));
  };
}
