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
import type { PrometheusSettings } from '../watchsettings.ts';
import { type Asking, asking } from './question.ts';

/** The cluster's Prometheus, as far as it tells of what may become scarce (AP-12): one question for all, every ten minutes. */
export type AdvicePrometheus = Pick<Asking<AdviceKnowledge>, 'polls'> & {
  /** Undefined: it was not asked yet. */
  readonly seenOf: (watched: Watched) => SeenPerformance | undefined;
};

/** `settings` undefined: nobody is asked. */
export function advicePrometheus(settings: PrometheusSettings | undefined): AdvicePrometheus {
  const { polls, known } = asking<AdviceKnowledge>(settings, () => ({
    ...{ name: 'advice', query: ADVICE_QUERY, everyMs: ADVICE_INTERVAL_MS },
    ...{ knowingNothing: knowingNoAdvice, heard: heardOfAdvice, missed: missedAdvice },
    saidOf: (knowledge, application, product) =>
      advisorsAt(product, application.spec.serviceLevel).length === 0
        ? undefined
        : seenOf(knowledge, watchedOf(application, product)),
  }));
  const seen = (watched: Watched) => {
    const knowledge = known();
    return knowledge && seenOf(knowledge, watched);
  };
  return { polls, seenOf: seen };
}
