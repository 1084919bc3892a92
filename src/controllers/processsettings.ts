import { z } from 'zod';
import { Duration, millisecondsOf } from '../api/duration.ts';

export const Port = z.coerce.number().int().min(0).max(65535);

export const Flag = z.enum(['true', 'false']).transform(text => text === 'true');

export const commaList = z.string().transform(text =>
  text
    .split(',')
    .map(entry => entry.trim())
    .filter(entry => entry !== ''),
);

export const milliseconds = Duration.transform(text => millisecondsOf(text));

/** What each of Steward's processes reads from its environment, beside what it reads alone. */
export const ProcessEnvironment = z.object({
  STEWARD_NAMESPACE: z.string().min(1).default('steward-system'),
  STEWARD_WATCH_NAMESPACES: commaList.default([]),
  STEWARD_GUEST_INTERVAL: milliseconds.default(600_000),
  STEWARD_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  STEWARD_METRICS_PORT: Port.default(8080),
  STEWARD_HEALTH_PORT: Port.default(8081),
  POD_NAME: z.string().min(1).optional(),
});

export type ProcessSettings = {
  /** Namespace of the operator: all Leases live here. */
  readonly namespace: string;
  /** Namespaces whose objects are handled; empty: all. */
  readonly watchNamespaces: readonly string[];
  /** How often the guest workers look into a guest where nothing has changed. */
  readonly guestIntervalMs: number;
  readonly logLevel: string;
  readonly metricsPort: number;
  readonly healthPort: number;
};

export type Environment = Readonly<Record<string, string | undefined>>;

/** Throws an Error whose message names each variable that is wrong and what it must be. */
export function parsed<Schema extends z.ZodType>(schema: Schema, environment: Environment): z.output<Schema> {
  const read = schema.safeParse(environment);
  if (read.success) return read.data;
  throw new Error(read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

export function processSettings(read: z.output<typeof ProcessEnvironment>): ProcessSettings {
  return {
    namespace: read.STEWARD_NAMESPACE,
    watchNamespaces: read.STEWARD_WATCH_NAMESPACES,
    guestIntervalMs: read.STEWARD_GUEST_INTERVAL,
    logLevel: read.STEWARD_LOG_LEVEL,
    metricsPort: read.STEWARD_METRICS_PORT,
    healthPort: read.STEWARD_HEALTH_PORT,
  };
}
