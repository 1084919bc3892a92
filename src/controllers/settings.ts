import { z } from 'zod';
import { Duration, secondsOf } from '../api/duration.ts';
import type { BackupBounds } from '../domain/backup/backupplan.ts';
import type { Permitted } from '../domain/contract/permitted.ts';

const Flag = z.enum(['true', 'false']).transform(text => text === 'true');
export const Port = z.coerce.number().int().min(0).max(65535);

export const commaList = z.string().transform(text =>
  text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== ''),
);

const labels = z.string().transform((text, context): Record<string, string> => {
  const parsed = z.record(z.string(), z.string()).safeParse(parseJSON(text));
  if (parsed.success) return parsed.data;
  context.addIssue('must be a JSON object of strings, e.g. {"release":"prometheus"}');
  return z.NEVER;
});

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const address = z.union([z.literal(''), z.url({ protocol: /^https?$/ })]).transform(text => text.replace(/\/+$/, ''));
export const milliseconds = Duration.transform(text => secondsOf(text) * 1000);

/** What the operator reads from its environment; the chart sets every one of these. */
const Environment = z.object({
  STEWARD_NAMESPACE: z.string().min(1).default('steward-system'),
  STEWARD_WATCH_NAMESPACES: commaList.default([]),
  STEWARD_VELERO_NAMESPACE: z.string().min(1).default('velero'),
  STEWARD_STORAGE_LOCATIONS: commaList.default(['default']),
  STEWARD_INSTANCE_TYPES: commaList.default(['u1.*']),
  STEWARD_BACKUP_MINIMUM_INTERVAL: milliseconds.default(15 * 60_000),
  STEWARD_BACKUP_MAXIMUM_RETENTION: milliseconds.default(87_600 * 3_600_000),
  STEWARD_MONITORING_LABELS: labels.default({}),
  STEWARD_RUNBOOK_BASE_URL: z.url().default('https://steward.managed.systems/runbooks/'),
  STEWARD_PROMETHEUS_URL: address.default(''),
  STEWARD_PROMETHEUS_INTERVAL: milliseconds.default(30_000),
  STEWARD_PROMETHEUS_TOLERANCE: milliseconds.default(300_000),
  STEWARD_PROMETHEUS_BEARER_TOKEN_FILE: z.string().default(''),
  STEWARD_PROMETHEUS_CA_FILE: z.string().default(''),
  STEWARD_GUEST_INTERVAL: milliseconds.default(600_000),
  STEWARD_LEADER_ELECTION: Flag.default(true),
  STEWARD_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  STEWARD_METRICS_PORT: Port.default(8080),
  STEWARD_HEALTH_PORT: Port.default(8081),
  POD_NAME: z.string().min(1).optional(),
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

export type Settings = {
  /** Namespace of the operator; per-VM keys and the Lease live here. */
  readonly namespace: string;
  /** Namespaces whose objects are handled; empty: all. */
  readonly watchNamespaces: readonly string[];
  readonly veleroNamespace: string;
  /** What a namespace may name of what all share, where its own annotations do not say. */
  readonly permitted: Permitted;
  readonly backupBounds: BackupBounds;
  /** Labels on ServiceMonitors and PrometheusRules by which the cluster's Prometheus selects them. */
  readonly monitoringLabels: Readonly<Record<string, string>>;
  /** Address of the runbooks, with a trailing slash. */
  readonly runbookBaseURL: string;
  /** Undefined: Prometheus is not asked. */
  readonly prometheus: PrometheusSettings | undefined;
  /** How often the guest workers look into a guest where nothing has changed. */
  readonly guestIntervalMs: number;
  readonly leaderElection: boolean;
  readonly logLevel: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  /** Name of this replica in the Lease. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, hostname: string): Settings {
  const parsed = Environment.safeParse(environment);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  }
  const read = parsed.data;
  return {
    namespace: read.STEWARD_NAMESPACE,
    watchNamespaces: read.STEWARD_WATCH_NAMESPACES,
    veleroNamespace: read.STEWARD_VELERO_NAMESPACE,
    permitted: { storageLocations: read.STEWARD_STORAGE_LOCATIONS, instanceTypes: read.STEWARD_INSTANCE_TYPES },
    backupBounds: {
      minimumInterval: read.STEWARD_BACKUP_MINIMUM_INTERVAL,
      maximumRetention: read.STEWARD_BACKUP_MAXIMUM_RETENTION,
    },
    monitoringLabels: read.STEWARD_MONITORING_LABELS,
    runbookBaseURL: read.STEWARD_RUNBOOK_BASE_URL.replace(/\/*$/, '/'),
    prometheus: prometheusSettings(read),
    guestIntervalMs: read.STEWARD_GUEST_INTERVAL,
    leaderElection: read.STEWARD_LEADER_ELECTION,
    logLevel: read.STEWARD_LOG_LEVEL,
    metricsPort: read.STEWARD_METRICS_PORT,
    healthPort: read.STEWARD_HEALTH_PORT,
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}

function prometheusSettings(read: z.infer<typeof Environment>): PrometheusSettings | undefined {
  if (read.STEWARD_PROMETHEUS_URL === '') return undefined;
  return {
    url: read.STEWARD_PROMETHEUS_URL,
    intervalMs: read.STEWARD_PROMETHEUS_INTERVAL,
    toleranceMs: read.STEWARD_PROMETHEUS_TOLERANCE,
    bearerTokenFile: read.STEWARD_PROMETHEUS_BEARER_TOKEN_FILE || undefined,
    caFile: read.STEWARD_PROMETHEUS_CA_FILE || undefined,
  };
}
