import { readFile } from 'node:fs/promises';
import { requireWholeAnswer } from '../domain/monitoring/prometheuswatch.ts';
import { getJSON } from '../runtime/http/getjson.ts';
import type { PrometheusSettings } from './watchsettings.ts';

const TIMEOUT_MS = 10_000;
/** Ten thousand VMs are about 8 MB. */
const LIMIT_BYTES = 64 * 1024 * 1024;

/** An HTTP API that is asked with a token, and by its own authority. */
export type Asked = Pick<PrometheusSettings, 'url' | 'bearerTokenFile' | 'caFile'>;

/**
 * Asks an instant query, and gives each series of the answer to `onSeries` as it comes. Resolves when the answer was whole; throws an Error that says what
 * was wrong.
 */
export async function askPrometheus(
  prometheus: Asked,
  query: string,
  onSeries: (series: unknown) => void,
  signal: AbortSignal,
): Promise<void> {
  requireWholeAnswer(await askJSON(prometheus, '/api/v1/query', [['query', query]], signal, onSeries));
}

/**
 * The answer to a GET of its API; throws an Error that says what was wrong. Token and certificates are read each time: both are replaced while the process
 * runs.
 */
export async function askJSON(
  { url, bearerTokenFile, caFile }: Asked,
  path: string,
  parameters: readonly (readonly [string, string])[],
  signal: AbortSignal,
  onItem?: (item: unknown) => void,
): Promise<unknown> {
  const token = bearerTokenFile === undefined ? undefined : (await readFile(bearerTokenFile, 'utf8')).trim();
  const target = new URL(`${url}${path}`);
  for (const [name, value] of parameters) target.searchParams.append(name, value);
  return getJSON(target, {
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    ca: caFile === undefined ? undefined : await readFile(caFile, 'utf8'),
    ...{ timeoutMs: TIMEOUT_MS, limitBytes: LIMIT_BYTES, signal },
    ...(onItem && { onItem }),
  });
}
