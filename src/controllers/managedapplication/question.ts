import { isDeepStrictEqual } from 'node:util';
import type { ProductSpec } from '../../api/product.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import type { PolledSource } from '../../runtime/pass/controller.ts';
import { askPrometheus } from '../askprometheus.ts';
import type { PrometheusSettings } from '../watchsettings.ts';
import { type Ordered, orderIn, productSpecOf } from './facts.ts';

/** One question to Prometheus about all applications, and what its answers so far amount to. */
export type Question<Known> = {
  readonly name: string;
  readonly query: string;
  /** Milliseconds between two of it. */
  readonly everyMs: number;
  readonly knowingNothing: (now: Date) => Known;
  readonly heard: (before: Known, answer: readonly unknown[], now: Date) => Known;
  readonly missed: (before: Known, why: string, now: Date) => Known;
  /** What is known of one application: whoever's is another after an answer is woken. */
  readonly saidOf: (known: Known, application: Ordered, product: ProductSpec) => unknown;
};

export type Asking<Known> = {
  readonly polls: readonly PolledSource<Ordered>[];
  /** Undefined: it was not asked yet. */
  readonly known: () => Known | undefined;
};

/** Asks it from time to time; `settings` undefined: nobody is asked. */
export function asking<Known>(
  settings: PrometheusSettings | undefined,
  questionOf: (settings: PrometheusSettings) => Question<Known>,
): Asking<Known> {
  let known: Known | undefined;
  if (settings === undefined) return { polls: [], known: () => undefined };
  const { name, query, everyMs, knowingNothing, heard, missed, saidOf } = questionOf(settings);
  const ask: PolledSource<Ordered>['ask'] = async (now, signal, { read }) => {
    const before = known ?? knowingNothing(now);
    let after: Known;
    try {
      const answer: unknown[] = [];
      await askPrometheus(settings, query, series => answer.push(series), signal);
      after = heard(before, answer, now);
    } catch (error) {
      if (signal.aborted) return () => false;
      after = missed(before, messageOf(error), now);
    }
    known = after;
    if (before === after) return () => false;
    return application => {
      const product = orderIn(application.spec).problem === undefined ? productSpecOf(application, read) : undefined;
      if (product === undefined) return false;
      return !isDeepStrictEqual(saidOf(before, application, product), saidOf(after, application, product));
    };
  };
  return { polls: [{ name, everyMs, ask }], known: () => known };
}
