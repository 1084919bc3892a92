/** Steward's own controllers in this process, on a played API server. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { BackupPolicySpec } from '../../../src/api/backuppolicy.ts';
import { ManagedVMSpec } from '../../../src/api/managedvm.ts';
import { OperatingSystemSpec } from '../../../src/api/operatingsystem.ts';
import { controllersOf } from '../../../src/controllers/controllers.ts';
import { readSettings } from '../../../src/controllers/settings.ts';
import { MARKS } from '../../../src/controllers/whose.ts';
import type { KubeObject as Stored } from '../../../src/runtime/api/object.ts';
import { OpenRegistry } from '../../../src/runtime/observe/registry.ts';
import { startOperator } from '../../../src/runtime/operator.ts';
import type { KubeObject } from '../../testbed/client/client.ts';
import { prerequisites } from '../workload.ts';
import { playServer, type Refuse } from './playedserver.ts';

export type PlayedSteward = {
  /** Somebody orders ManagedVMs, or orders something else of them. */
  order(orders: readonly KubeObject[]): void;
  /** Resolves when nothing has been queued or running for half a second. To look for that takes longer the more objects there are. */
  idle(): Promise<void>;
  stop(): Promise<void>;
};

const STILL_MS = 500;
const LOOK_MS = 50;

/** As the API server fills in what a spec leaves out. */
const DEFAULTS: ReadonlyMap<string, { parse(spec: unknown): unknown }> = new Map<
  string,
  { parse(spec: unknown): unknown }
>([
  ['ManagedVM', ManagedVMSpec],
  ['BackupPolicy', BackupPolicySpec],
  ['OperatingSystem', OperatingSystemSpec],
]);

/** `first`: orders that are there before it starts. */
export async function playSteward(refuse?: Refuse, first: readonly KubeObject[] = []): Promise<PlayedSteward> {
  const registry = new OpenRegistry();
  const controllers = controllersOf(readSettings({}, 'bench'), registry);
  const declared = controllers.flatMap(({ kind, owns, watches }) => [
    kind,
    ...[...owns, ...watches].map(each => each.kind),
  ]);
  const server = await playServer(declared, refuse);
  const put = (object: KubeObject) => {
    const kind = declared.find(other => other.kind === object.kind);
    if (kind === undefined) throw new Error(`nobody looks at ${object.kind}`);
    server.put(kind, defaulted(object));
  };
  for (const { object } of prerequisites) put(object);
  for (const object of first) put(object);
  const operator = await startOperator({
    connection: { server: server.url, credentials: async () => ({ headers: {} }) },
    ...{ controllers, registry, name: MARKS.manager, prefix: MARKS.prefix, intercept: server.intercept },
    log: pino({ level: 'silent' }),
  });
  const busy = async () => (await sumOf(registry, 'workqueue_depth')) + (await sumOf(registry, ACTIVE)) > 0;
  return {
    order: orders => orders.forEach(put),
    idle: async () => {
      for (let stillMs = 0; stillMs < STILL_MS; stillMs += LOOK_MS) {
        await sleep(LOOK_MS);
        if (!operator.ready() || (await busy())) stillMs = 0;
      }
    },
    stop: async () => {
      await operator.stop();
      await server.close();
    },
  };
}

const ACTIVE = 'controller_runtime_active_workers';

function defaulted(object: KubeObject): Stored {
  const stored = object as Stored;
  const schema = DEFAULTS.get(stored.kind);
  return schema === undefined ? stored : { ...stored, spec: schema.parse(stored.spec) };
}

async function sumOf(registry: OpenRegistry, name: string): Promise<number> {
  const metric = await registry.getSingleMetric(name)?.get();
  return (metric?.values ?? []).reduce((total, { value }) => total + value, 0);
}
