import { z } from 'zod';
import {
  type Environment,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from '../processsettings.ts';

const RecordEnvironment = ProcessEnvironment.extend({
  STEWARD_RECORD_NAMESPACE: z.string().min(1).default('steward-records'),
  STEWARD_RECORD_FOLDER: z.string().default(''),
});

/** What the record writer reads from its environment. */
export type RecordSettings = ProcessSettings & {
  /** Namespace of the pages, of the key that signs them and of the writer's Lease. */
  readonly recordNamespace: string;
  /** Where records are exported to; undefined: nowhere, and then no page ever leaves the cluster. */
  readonly folder: string | undefined;
  /** Name of this replica in the Lease. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readRecordSettings(environment: Environment, hostname: string): RecordSettings {
  const read = parsed(RecordEnvironment, environment);
  return {
    ...processSettings(read),
    recordNamespace: read.STEWARD_RECORD_NAMESPACE,
    folder: read.STEWARD_RECORD_FOLDER === '' ? undefined : read.STEWARD_RECORD_FOLDER,
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}
