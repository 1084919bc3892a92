import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { commaList, milliseconds, Port } from '../settings.ts';

/** What the guest worker reads from its environment. */
const Environment = z.object({
  STEWARD_NAMESPACE: z.string().min(1).default('steward-system'),
  STEWARD_WATCH_NAMESPACES: commaList.default([]),
  STEWARD_GUEST_SHARDS: z.coerce.number().int().min(1).max(64).default(8),
  STEWARD_GUEST_INTERVAL: milliseconds.default(600_000),
  STEWARD_GUEST_SSH_PORT: Port.default(22),
  STEWARD_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  STEWARD_METRICS_PORT: Port.default(8080),
  STEWARD_HEALTH_PORT: Port.default(8081),
  POD_NAME: z.string().min(1).optional(),
});

export type GuestSettings = {
  /** Namespace of the operator: the keys and the shards' Leases live here. */
  readonly namespace: string;
  /** Namespaces whose guests are looked into; empty: all. */
  readonly watchNamespaces: readonly string[];
  /** Into how many parts the namespaces are divided; the same for all workers. */
  readonly shards: number;
  /** How often a guest is looked into where nothing has changed. */
  readonly intervalMs: number;
  /** Where the guests' sshd listens. */
  readonly sshPort: number;
  readonly logLevel: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  /** Unique per process, so that a restarted one takes nothing for its own that it does not remember. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readGuestSettings(
  environment: Readonly<Record<string, string | undefined>>,
  hostname: string,
): GuestSettings {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const read = parsed.data;
  return {
    namespace: read.STEWARD_NAMESPACE,
    watchNamespaces: read.STEWARD_WATCH_NAMESPACES,
    shards: read.STEWARD_GUEST_SHARDS,
    intervalMs: read.STEWARD_GUEST_INTERVAL,
    sshPort: read.STEWARD_GUEST_SSH_PORT,
    logLevel: read.STEWARD_LOG_LEVEL,
    metricsPort: read.STEWARD_METRICS_PORT,
    healthPort: read.STEWARD_HEALTH_PORT,
    identity: `${read.POD_NAME ?? hostname}_${randomUUID().slice(0, 8)}`,
  };
}
