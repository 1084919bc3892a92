import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import type { AnyController } from './controller.ts';
import type { Intercept } from './transport.ts';

export type LeaseSettings = {
  readonly namespace: string;
  readonly name: string;
  /** Unique per process. */
  readonly identity: string;
  /** Milliseconds; default 15 000 / 10 000 / 2 000 (client-go). */
  readonly durationMs?: number;
  readonly renewDeadlineMs?: number;
  readonly retryMs?: number;
};

export type OperatorSettings = {
  readonly connection: Connection;
  readonly controllers: readonly AnyController[];
  /** Value of `app.kubernetes.io/managed-by` on children, and reporting controller of events. */
  readonly name: string;
  /** Prefix of labels and annotations, for instance an API group. */
  readonly prefix: string;
  /** Default: name. */
  readonly fieldManager?: string;
  /** Namespaces to serve; default: the whole cluster. */
  readonly namespaces?: readonly string[];
  /** Without a lease the process is always the leader. */
  readonly lease?: LeaseSettings;
  readonly log: Logger;
  /** Default systemClock. */
  readonly clock?: Clock;
  /** Metrics are registered here; default: a registry of its own. */
  readonly registry?: Registry;
  /** Calls in flight at once; default 32. */
  readonly inFlight?: number;
  /** Fault injection at the edge, for tests. */
  readonly intercept?: Intercept;
};

export type Operator = {
  /** Caches are filled: true on a warm standby too. */
  ready(): boolean;
  /** False only when the process should be restarted (leadership lost, stopped). */
  live(): boolean;
  leading(): boolean;
  /** Resolves when the operator has ended by itself or by stop(): with the error when leadership was lost. */
  readonly stopped: Promise<Error | undefined>;
  /** Ends intake, finishes passes in flight (at most 20 s), releases the lease, closes every connection. */
  stop(): Promise<void>;
};

/** Starts watching and, once leading, reconciling. Resolves at once; readiness is asked with ready(). */
export async function startOperator(_settings: OperatorSettings): Promise<Operator> {
  throw new Error('not implemented');
}
