import { z } from 'zod';
import type { Blackbox } from '../domain/application/asked.ts';
import { milliseconds } from './processsettings.ts';

/** Of an HTTP API, without a trailing slash; empty: there is none. */
export const address = z
  .union([z.literal(''), z.url({ protocol: /^https?$/ })])
  .transform(text => text.replace(/\/+$/, ''));

/** Who watches the systems, as every process reads it that asks him or renders his rules. */
export const WatchEnvironment = z.object({
  STEWARD_BLACKBOX_ADDRESS: z
    .string()
    .regex(/^([A-Za-z0-9.-]+:\d{1,5})?$/, 'must be host:port')
    .default(''),
  STEWARD_BLACKBOX_TCP_MODULE: z.string().min(1).default('tcp_connect'),
  STEWARD_BLACKBOX_HTTP_MODULE: z.string().min(1).default('http_2xx'),
  STEWARD_PROMETHEUS_URL: address.default(''),
  STEWARD_PROMETHEUS_INTERVAL: milliseconds.default(30_000),
  STEWARD_PROMETHEUS_TOLERANCE: milliseconds.default(300_000),
  STEWARD_PROMETHEUS_BEARER_TOKEN_FILE: z.string().default(''),
  STEWARD_PROMETHEUS_CA_FILE: z.string().default(''),
});

/** How Prometheus is asked whether it watches the ManagedVMs. */
export type PrometheusSettings = {
  /** Address of its HTTP API, without a trailing slash. */
  readonly url: string;
  readonly intervalMs: number;
  /** How long scrapes and answers may stay away before that counts. */
  readonly toleranceMs: number;
  readonly bearerTokenFile: string | undefined;
  /** Certificates to trust instead of those that Node brings. */
  readonly caFile: string | undefined;
};

export function prometheusSettings(read: z.infer<typeof WatchEnvironment>): PrometheusSettings | undefined {
  if (read.STEWARD_PROMETHEUS_URL === '') return undefined;
  return {
    url: read.STEWARD_PROMETHEUS_URL,
    intervalMs: read.STEWARD_PROMETHEUS_INTERVAL,
    toleranceMs: read.STEWARD_PROMETHEUS_TOLERANCE,
    bearerTokenFile: read.STEWARD_PROMETHEUS_BEARER_TOKEN_FILE || undefined,
    caFile: read.STEWARD_PROMETHEUS_CA_FILE || undefined,
  };
}

export function blackboxIn(read: z.infer<typeof WatchEnvironment>): Blackbox | undefined {
  const { STEWARD_BLACKBOX_ADDRESS: host, STEWARD_BLACKBOX_TCP_MODULE: TCP, STEWARD_BLACKBOX_HTTP_MODULE: HTTP } = read;
  return host === '' ? undefined : { address: host, modules: { TCP, HTTP } };
}
