import { z } from 'zod';
import type { OwnRuleSettings } from '../../domain/intake/ownrules.ts';
import type { Asked } from '../askprometheus.ts';
import {
  commaList,
  type Environment,
  milliseconds,
  Port,
  ProcessEnvironment,
  type ProcessSettings,
  parsed,
  processSettings,
} from '../processsettings.ts';
import { address, blackboxIn, prometheusSettings, WatchEnvironment } from '../watchsettings.ts';

const ReceiveEnvironment = ProcessEnvironment.extend({
  ...WatchEnvironment.shape,
  STEWARD_RECEIVE_PORT: Port.default(9095),
  STEWARD_RECEIVE_AUDIENCE: z.string().min(1).default('steward-receive'),
  STEWARD_RECEIVE_SENDERS: commaList.default([]),
  STEWARD_RECEIVE_TLS_FOLDER: z.string().default(''),
  STEWARD_RECEIVE_INTERVAL: milliseconds.default(60_000),
  STEWARD_ALERTMANAGER_URL: address.default(''),
  STEWARD_ALERTMANAGER_BEARER_TOKEN_FILE: z.string().default(''),
  STEWARD_ALERTMANAGER_CA_FILE: z.string().default(''),
  STEWARD_PROMISE_RULES: z.string().min(1).default('steward-promises'),
});

/** What the receiver of alerts reads from its environment. */
export type ReceiveSettings = ProcessSettings & {
  /** Where Alertmanager posts to. */
  readonly port: number;
  /** Folder with tls.crt and tls.key; undefined: it is spoken to without TLS. */
  readonly tlsFolder: string | undefined;
  /** Audience that a sender's token must be for. */
  readonly audience: string;
  /** Users, as the API server names them, whose messages are taken. */
  readonly senders: readonly string[];
  /** How often it compares with what Alertmanager and Prometheus hold. */
  readonly intervalMs: number;
  /** Undefined: what Alertmanager could not deliver is never missed. */
  readonly alertmanager: Asked | undefined;
  readonly prometheus: Asked;
  readonly rules: OwnRuleSettings;
  readonly identity: string;
};

/** Reads the settings; throws an Error whose message names each variable that is wrong and what it must be. */
export function readReceiveSettings(environment: Environment, hostname: string): ReceiveSettings {
  const read = parsed(ReceiveEnvironment, environment);
  const prometheus = prometheusSettings(read);
  if (prometheus === undefined)
    throw new Error(
      'STEWARD_PROMETHEUS_URL: without Prometheus no alert can be proven, and so none becomes an incident',
    );
  if (read.STEWARD_RECEIVE_SENDERS.length === 0)
    throw new Error('STEWARD_RECEIVE_SENDERS: names no account whose messages are taken');
  return {
    ...processSettings(read),
    port: read.STEWARD_RECEIVE_PORT,
    tlsFolder: read.STEWARD_RECEIVE_TLS_FOLDER || undefined,
    audience: read.STEWARD_RECEIVE_AUDIENCE,
    senders: read.STEWARD_RECEIVE_SENDERS,
    intervalMs: read.STEWARD_RECEIVE_INTERVAL,
    prometheus,
    alertmanager: alertmanagerIn(read),
    rules: {
      promises: { namespace: read.STEWARD_NAMESPACE, name: read.STEWARD_PROMISE_RULES },
      blackbox: blackboxIn(read),
    },
    identity: read.POD_NAME ?? `${hostname}-${process.pid}`,
  };
}

function alertmanagerIn(read: z.infer<typeof ReceiveEnvironment>): Asked | undefined {
  if (read.STEWARD_ALERTMANAGER_URL === '') return undefined;
  return {
    url: read.STEWARD_ALERTMANAGER_URL,
    bearerTokenFile: read.STEWARD_ALERTMANAGER_BEARER_TOKEN_FILE || undefined,
    caFile: read.STEWARD_ALERTMANAGER_CA_FILE || undefined,
  };
}
