/** Starts the operator with its real controllers in this process. Loaded once more, with a query, for each mutated runtime. */
import { pino } from 'pino';
import { controllersOf } from '../../../src/controllers/controllers.ts';
import { readSettings } from '../../../src/controllers/settings.ts';
import { ApiError } from '../../../src/runtime/api/errors.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { OpenRegistry } from '../../../src/runtime/observe/registry.ts';
import { type OperatorSettings, startOperator } from '../../../src/runtime/operator.ts';
import { ENVIRONMENT } from './environment.ts';

export type Steward = {
  /** Whether it has worked off everything: nothing queued, nothing running. */
  idle(): Promise<boolean>;
  /** Passes since the start. */
  passes(): Promise<number>;
  ready(): boolean;
  leading(): boolean;
  readonly stopped: Promise<Error | undefined>;
  stop(): Promise<void>;
};
export type LaunchSettings = { readonly kubeconfig: string; readonly server?: string } & Partial<
  Pick<OperatorSettings, 'intercept' | 'lease' | 'clock' | 'relistAfterMs' | 'watchSeconds' | 'graceMs'>
>;
export type Launch = (settings: LaunchSettings) => Promise<Steward>;
export type Refusal = (status: number, reason: string, retryAfter?: number) => Error;
/** The operator's runtime as it is, or mutated. */
export type Runtime = {
  readonly launch: Launch;
  readonly refusal: Refusal;
  /** Number of the mutation, for those who start the operator as a process. */
  readonly mutant?: number | undefined;
};

/** What a watch is refused with. */
export const refusal: Refusal = (status, reason, retryAfter) =>
  new ApiError(status, reason, 'refused by the fault run', { retryAfter });

export const launch: Launch = async ({ kubeconfig, server, ...more }) => {
  const registry = new OpenRegistry();
  const settings = readSettings(ENVIRONMENT, 'faults');
  const connection = connect({ kubeconfig });
  const operator = await startOperator({
    connection: server === undefined ? connection : { ...connection, server },
    // The pace of status writes is for people who read them; here it would only take time.
    controllers: controllersOf(settings, registry).map(each => ({
      ...each,
      statusIntervals: { newsMs: 20, progressMs: 50, restMs: 100, stepMs: 200 },
    })),
    ...{ name: 'steward', prefix: 'managed.systems', registry, userAgent: 'steward-faults' },
    log: pino({ level: process.env.LOG_LEVEL ?? 'silent' }),
    ...more,
  });
  const sum = async (name: string) => {
    const metric = await registry.getSingleMetric(name)?.get();
    return (metric?.values ?? []).reduce((total, { value }) => total + value, 0);
  };
  return {
    ...operator,
    passes: () => sum('controller_runtime_reconcile_total'),
    idle: async () => (await sum('controller_runtime_active_workers')) + (await sum('workqueue_depth')) === 0,
  };
};
