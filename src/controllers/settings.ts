import { z } from 'zod';
import { Duration } from '../api/duration.ts';
import type { ProblemTerms } from '../api/problem.ts';
import type { Blackbox } from '../domain/application/asked.ts';
import type { BackupBounds } from '../domain/backup/backupplan.ts';
import type { PermittedByDefault } from '../domain/contract/permitted.ts';
import type { KeyPlaces } from '../domain/machine/keymove.ts';
import type { JobSettings } from '../domain/patching/jobs.ts';
import type { RoutingSettings } from '../domain/routing/alertmanagerconfig.ts';
import { KeyEnvironment, keyPlaces } from './keyplaces.ts';
import {
  commaList,
  type Environment,
  Flag,
  milliseconds,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from './processsettings.ts';
import { blackboxIn, type PrometheusSettings, prometheusSettings, WatchEnvironment } from './watchsettings.ts';

const labels = z.string().transform((text, context): Record<string, string> => {
  const parsed = z.record(z.string(), z.string()).safeParse(parseJSON(text));
  if (parsed.success) return parsed.data;
  context.addIssue('must be a JSON object of strings, e.g. {"release":"prometheus"}');
  return z.NEVER;
});

/** Where alerts are sent, as the chart has it; empty: Steward renders no routes. */
const alertRouting = z
  .string()
  .default('')
  .transform((text, context): RoutingSettings | undefined => {
    if (text === '') return undefined;
    const parsed = Routing.safeParse(parseJSON(text));
    if (parsed.success) return parsed.data;
    context.addIssue('must be a JSON object with labels, and a machine with a url or people');
    return z.NEVER;
  });

const Routing = z
  .strictObject({
    labels: z.record(z.string(), z.string()).default({}),
    machine: z
      .strictObject({ url: z.url({ protocol: /^https?$/ }), httpConfig: z.looseObject({}).optional() })
      .optional(),
    people: z.looseObject({}).optional(),
  })
  .transform(({ labels, machine, people }): RoutingSettings => ({ labels, machine, people }))
  .refine(({ machine, people }) => machine !== undefined || people !== undefined);

/** The Pod in which runners of patches are started, as the chart renders it; empty: none are. */
const podTemplate = z
  .string()
  .default('')
  .transform((text, context): JobSettings['pod'] | undefined => {
    if (text === '') return undefined;
    const pod = z.looseObject({ spec: z.looseObject({ containers: z.array(z.looseObject({})).min(1) }) });
    const parsed = pod.safeParse(parseJSON(text));
    if (parsed.success) return parsed.data as JobSettings['pod'];
    context.addIssue('must be a PodTemplateSpec in JSON');
    return z.NEVER;
  });

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the operator reads from its environment; the chart sets every one of these. */
const OperatorEnvironment = ProcessEnvironment.extend({
  ...KeyEnvironment.shape,
  ...WatchEnvironment.shape,
  STEWARD_VELERO_NAMESPACE: z.string().min(1).default('velero'),
  STEWARD_SANDBOX_NAMESPACE: z.string().min(1).default('steward-drills'),
  STEWARD_STORAGE_LOCATIONS: commaList.default(['default']),
  STEWARD_INSTANCE_TYPES: commaList.default(['u1.*']),
  STEWARD_METADATA_PREFIXES: commaList.default(['app.kubernetes.io']),
  STEWARD_BACKUP_MINIMUM_INTERVAL: milliseconds.default(15 * 60_000),
  STEWARD_BACKUP_MAXIMUM_RETENTION: milliseconds.default(87_600 * 3_600_000),
  STEWARD_PROBLEM_INCIDENTS: z.coerce.number().int().min(2).max(100).default(3),
  STEWARD_PROBLEM_WITHIN: Duration.default('720h'),
  STEWARD_PROBLEM_HELD_FOR: Duration.default('336h'),
  STEWARD_RECORD_NAMESPACE: z.string().default(''),
  STEWARD_MONITORING_LABELS: labels.default({}),
  STEWARD_ALERT_ROUTING: alertRouting,
  STEWARD_RUNBOOK_BASE_URL: z.url().default('https://steward.managed.systems/runbooks/'),
  STEWARD_REMEDIATION: z.enum(['Active', 'DryRun', 'Never']).default('Active'),
  STEWARD_LEADER_ELECTION: Flag.default(true),
  STEWARD_PATCH_POD: podTemplate,
  STEWARD_PATCH_SHARDS: z.coerce.number().int().min(1).max(64).default(1),
  STEWARD_PATCH_PARALLEL: z.coerce.number().int().min(1).max(1000).default(50),
});

export type RemediationMode = 'Active' | 'DryRun' | 'Never';

export type Settings = ProcessSettings & {
  readonly keys: KeyPlaces;
  readonly veleroNamespace: string;
  /** Where drills restore into. */
  readonly sandboxNamespace: string;
  /** What a namespace may name of what all share, where its own annotations do not say. */
  readonly permitted: PermittedByDefault;
  readonly backupBounds: BackupBounds;
  /** When incidents are a Problem, and when a remedy has held (MO-15). */
  readonly problemTerms: ProblemTerms;
  /** Where the records lie from which days and months are closed (MO-16); undefined: nothing is recorded, and no month is closed. */
  readonly recordNamespace: string | undefined;
  /** Labels on ServiceMonitors and PrometheusRules by which the cluster's Prometheus selects them. */
  readonly monitoringLabels: Readonly<Record<string, string>>;
  /** Where the alerts of namespaces are sent; undefined: Steward renders no routes. */
  readonly alertRouting: RoutingSettings | undefined;
  /** Who asks applications from outside of their guests; undefined: nobody. */
  readonly blackbox: Blackbox | undefined;
  /** Address of the runbooks, with a trailing slash. */
  readonly runbookBaseURL: string;
  /** Undefined: Prometheus is not asked. */
  readonly prometheus: PrometheusSettings | undefined;
  /** Whether Steward mends by itself what its alarms tell of, or only tells what it would do (MO-6). */
  readonly remediation: RemediationMode;
  readonly leaderElection: boolean;
  /** How runners of patches are started; undefined: nobody patches. */
  readonly patchJobs: JobSettings | undefined;
  /** Name of this replica in the Lease. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readSettings(environment: Environment, hostname: string): Settings {
  const read = parsed(OperatorEnvironment, environment);
  return {
    ...processSettings(read),
    keys: keyPlaces(read),
    veleroNamespace: read.STEWARD_VELERO_NAMESPACE,
    sandboxNamespace: read.STEWARD_SANDBOX_NAMESPACE,
    permitted: {
      storageLocations: read.STEWARD_STORAGE_LOCATIONS,
      instanceTypes: read.STEWARD_INSTANCE_TYPES,
      metadataPrefixes: read.STEWARD_METADATA_PREFIXES,
    },
    backupBounds: {
      minimumInterval: read.STEWARD_BACKUP_MINIMUM_INTERVAL,
      maximumRetention: read.STEWARD_BACKUP_MAXIMUM_RETENTION,
    },
    problemTerms: {
      incidents: read.STEWARD_PROBLEM_INCIDENTS,
      within: read.STEWARD_PROBLEM_WITHIN,
      heldFor: read.STEWARD_PROBLEM_HELD_FOR,
    },
    recordNamespace: read.STEWARD_RECORD_NAMESPACE || undefined,
    monitoringLabels: read.STEWARD_MONITORING_LABELS,
    alertRouting: read.STEWARD_ALERT_ROUTING,
    blackbox: blackboxIn(read),
    runbookBaseURL: read.STEWARD_RUNBOOK_BASE_URL.replace(/\/*$/, '/'),
    prometheus: prometheusSettings(read),
    remediation: read.STEWARD_REMEDIATION,
    leaderElection: read.STEWARD_LEADER_ELECTION,
    patchJobs: patchJobs(read),
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}

function patchJobs(read: z.infer<typeof OperatorEnvironment>): JobSettings | undefined {
  const { STEWARD_PATCH_POD: pod, STEWARD_PATCH_SHARDS: shards, STEWARD_PATCH_PARALLEL: parallel } = read;
  return pod && { namespace: read.STEWARD_NAMESPACE, pod, shards, parallel };
}
