import type { IndicatorTerm, ProductIndicator } from '../../api/productmonitoring.ts';
import { those, type Watched } from './watched.ts';

const SERIES = { Sum: 'sum', Greatest: 'max', Least: 'min' } as const;

/**
 * An indicator as Prometheus evaluates it, of one application's series alone. Every indicator that the schema admits is a sound expression: one that is
 * not would take all rules of its PrometheusRule with it (docs/adr/0177).
 */
export function indicatorExpression(indicator: ProductIndicator, watched: Watched): string {
  const { above, below } = indicator;
  return `${indicatorValue(indicator, watched)} ${above === undefined ? `< ${below}` : `> ${above}`}`;
}

/** What an indicator is, whatever its limit. */
export function indicatorValue({ value, dividedBy }: ProductIndicator, watched: Watched): string {
  const share = dividedBy === undefined ? '' : ` / ${addedTerms(dividedBy, watched)}`;
  return `${addedTerms(value, watched)}${share}`;
}

/** The sum of terms, each of one application's series alone. */
export function addedTerms(terms: readonly IndicatorTerm[], watched: Watched): string {
  return `(${terms.map(term => termExpression(term, watched)).join(' + ')})`;
}

function termExpression({ metric, where = [], rateSeconds, series = 'Sum' }: IndicatorTerm, watched: Watched): string {
  const selected = `${metric}${those(watched, ...where.map(({ label, value }) => `${label}="${value}"`))}`;
  return `${SERIES[series]}(${rateSeconds === undefined ? selected : `rate(${selected}[${rateSeconds}s])`})`;
}
