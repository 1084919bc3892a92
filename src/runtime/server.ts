import type { Registry } from 'prom-client';

export type HealthServerSettings = {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host?: string;
  readonly registry: Registry;
  readonly ready: () => boolean;
  readonly live: () => boolean;
};
export type HealthServer = { readonly port: number; close(): Promise<void> };

/** Serves GET /livez (also /healthz), /readyz and /metrics. */
export async function startHealthServer(_settings: HealthServerSettings): Promise<HealthServer> {
  throw new Error('not implemented');
}
