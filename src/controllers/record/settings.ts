import { z } from 'zod';
import {
  type Environment,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from '../processsettings.ts';
import type { BucketSettings } from './exportbucket.ts';

const RecordEnvironment = ProcessEnvironment.extend({
  STEWARD_RECORD_NAMESPACE: z.string().min(1).default('steward-records'),
  STEWARD_RECORD_FOLDER: z.string().default(''),
  STEWARD_RECORD_BUCKET: z
    .string()
    .regex(/^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$/, 'must be the name of a bucket')
    .default(''),
  STEWARD_RECORD_BUCKET_ENDPOINT: z
    .string()
    .regex(/^(https?:\/\/[^?#\s]+)?$/, 'must be the address of an S3 store, e.g. https://s3.example.org')
    .default(''),
  STEWARD_RECORD_BUCKET_REGION: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('us-east-1'),
  STEWARD_RECORD_BUCKET_PREFIX: z
    .string()
    .regex(/^([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*$/, 'must end with a slash, e.g. records/')
    .default(''),
  STEWARD_RECORD_BUCKET_CREDENTIALS: z.string().default(''),
});

/** Where records are exported to. */
export type ExportPlace = { readonly folder: string } | BucketSettings;

/** What the record writer reads from its environment. */
export type RecordSettings = ProcessSettings & {
  /** Namespace of the pages, of the key that signs them and of the writer's Lease. */
  readonly recordNamespace: string;
  /** Where records are exported to; undefined: nowhere, and then no page ever leaves the cluster. */
  readonly exportTo: ExportPlace | undefined;
  /** Name of this replica in the Lease. */
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readRecordSettings(environment: Environment, hostname: string): RecordSettings {
  const read = parsed(RecordEnvironment, environment);
  return {
    ...processSettings(read),
    recordNamespace: read.STEWARD_RECORD_NAMESPACE,
    exportTo: exportPlace(read),
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}

function exportPlace(read: z.output<typeof RecordEnvironment>): ExportPlace | undefined {
  const { STEWARD_RECORD_FOLDER: folder, STEWARD_RECORD_BUCKET: name } = read;
  const { STEWARD_RECORD_BUCKET_ENDPOINT: endpoint, STEWARD_RECORD_BUCKET_CREDENTIALS: credentials } = read;
  if (folder !== '' && name !== '')
    throw new Error('STEWARD_RECORD_FOLDER and STEWARD_RECORD_BUCKET: records are exported to one place');
  if (folder !== '') return { folder };
  if (name === '') return undefined;
  if (endpoint === '' || credentials === '')
    throw new Error(
      'STEWARD_RECORD_BUCKET: it needs STEWARD_RECORD_BUCKET_ENDPOINT and STEWARD_RECORD_BUCKET_CREDENTIALS',
    );
  const { STEWARD_RECORD_BUCKET_REGION: region, STEWARD_RECORD_BUCKET_PREFIX: prefix } = read;
  return { name, endpoint: new URL(endpoint), region, prefix, credentials };
}
