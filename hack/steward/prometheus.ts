/** Questions to a Prometheus and an Alertmanager. */

type Sample = { readonly metric: Readonly<Record<string, string>>; readonly value: readonly [number, string] };

/** The instant vector of an expression, now. Throws when Prometheus does not answer 200. */
export async function queryPrometheus(base: string, expression: string): Promise<readonly Sample[]> {
  const answer = await ask(`${base}/api/v1/query?query=${encodeURIComponent(expression)}`);
  return (answer as { readonly data: { readonly result: readonly Sample[] } }).data.result;
}

export type FiringAlert = { readonly labels: Readonly<Record<string, string>>; readonly startsAt: string };

/** The alerts that Alertmanager holds and that have not ended. */
export async function firingAlerts(base: string): Promise<readonly FiringAlert[]> {
  return (await ask(`${base}/api/v2/alerts?active=true`)) as readonly FiringAlert[];
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return response.json();
}
