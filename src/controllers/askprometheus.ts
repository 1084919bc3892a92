import { readFile } from 'node:fs/promises';
import { requireWholeAnswer } from '../domain/monitoring/prometheuswatch.ts';
import { getJSON } from '../runtime/http/getjson.ts';
import type { PrometheusSettings } from './settings.ts';

const TIMEOUT_MS = 10_000;
/** Ten thousand VMs are about 8 MB. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/**
 * Asks an instant query, and gives each series of the answer to `onSeries` as it comes. Resolves when the answer was whole; throws an Error that says what
 * was wrong. Token and certificates are read each time: both are replaced while the process runs.
 */
export async function askPrometheus(
  { url, bearerTokenFile, caFile }: PrometheusSettings,
  query: string,
  onSeries: (series: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  const token = bearerTokenFile === undefined ? undefined : (await readFile(bearerTokenFile, 'utf8')).trim();
  const target = new URL(`${url}/api/v1/query`);
  target.searchParams.set('query', query);
  const answer = await getJSON(target, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    ca: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    ...{ timeoutMs: TIMEOUT_MS, limitBytes: LIMIT_BYTES, signal, onItem: onSeries },
  });
  requireWholeAnswer(answer);
}
