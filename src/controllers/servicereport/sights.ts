import type { Span } from '../../domain/report/course.ts';
import type { DayFacts, Measured } from '../../domain/report/day.ts';
import { rangeOf, requireWholeMatrix, sightOf, sightQueries } from '../../domain/report/measured.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { askJSON } from '../askprometheus.ts';
import type { PrometheusSettings } from '../watchsettings.ts';

export type Sights = { readonly measured: DayFacts['measured']; readonly missing: readonly string[] };

/** What Prometheus saw of the systems of these namespaces on a day. What it does not answer is missing, and nobody's guess. */
export async function sightsOf(
  prometheus: PrometheusSettings | undefined,
  namespaces: readonly string[],
  span: Span,
  signal: AbortSignal,
): Promise<Sights> {
  const seen = new Map<string, Measured>();
  const missing: string[] = [];
  if (prometheus === undefined) missing.push('No Prometheus is asked: nobody can say whether systems were up.');
  for (const namespace of prometheus === undefined ? [] : namespaces)
    for (const query of sightQueries(namespace))
      await ask(prometheus, query, span, signal, ({ kind, name, measured }) =>
        seen.set(`${kind}/${namespace}/${name}`, measured),
      ).catch((error: unknown) =>
        missing.push(`Prometheus did not say what was up in namespace ${namespace}: ${messageOf(error)}.`),
      );
  return { measured: (kind, namespace, name) => seen.get(`${kind}/${namespace}/${name}`), missing };
}

type Sight = NonNullable<ReturnType<typeof sightOf>>;

async function ask(
  prometheus: PrometheusSettings | undefined,
  query: string,
  span: Span,
  signal: AbortSignal,
  onSight: (sight: Sight) => void,
): Promise<void> {
  if (prometheus === undefined) return;
  const found: Sight[] = [];
  const onItem = (series: unknown) => {
    const sight = sightOf(series, span);
    if (sight !== undefined) found.push(sight);
  };
  const parameters = [['query', query] as const, ...rangeOf(span)];
  requireWholeMatrix(await askJSON(prometheus, '/api/v1/query_range', parameters, signal, onItem));
  for (const sight of found) onSight(sight);
}
