/** Composition root: `steward run` starts the operator. The only place that ends the process. */
import { hostname } from 'node:os';
import { pino } from 'pino';
import { controllersOf } from './controllers/controllers.ts';
import { readSettings, type Settings } from './controllers/settings.ts';
import { MARKS } from './controllers/whose.ts';
import { connect } from './runtime/http/connection.ts';
import { startHealthServer } from './runtime/observe/healthserver.ts';
import { startMetricsServer } from './runtime/observe/metricsserver.ts';
import { OpenRegistry } from './runtime/observe/registry.ts';
import { startOperator } from './runtime/operator.ts';
import { useSmallBufferPools } from './runtime/process/bufferpool.ts';
import { IDLE_CHECK_MS, IdleGarbageCollector } from './runtime/process/garbagecollector.ts';

async function run(settings: Settings): Promise<number> {
  useSmallBufferPools();
  const log = pino({ level: settings.logLevel, base: { operator: 'steward' } });
  const registry = new OpenRegistry();
  const operator = await startOperator({
    connection: connect(),
    controllers: controllersOf(settings, registry),
    name: MARKS.manager,
    prefix: MARKS.prefix,
    namespaces: settings.watchNamespaces,
    ...(settings.leaderElection && {
      lease: { namespace: settings.namespace, name: 'steward', identity: settings.identity },
    }),
    log,
    registry,
  });
  const servers = await Promise.all([
    startHealthServer({ port: settings.healthPort, ready: operator.ready, live: operator.live }),
    startMetricsServer({ port: settings.metricsPort, registry }),
  ]);
  collectWhenIdle();
  log.info({ health: servers[0].port, metrics: servers[1].port, identity: settings.identity }, 'started');

  let asked = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(1);
      asked = true;
      log.info({ signal }, 'stopping: passes in flight are finished, then the lease is released');
      void operator.stop();
    });
  }
  const error = await operator.stopped;
  await Promise.all(servers.map(server => server.close()));
  if (error) log.error({ err: error }, 'stopped');
  else log.info('stopped');
  return error ? 1 : 0;
}

/** Only where Node was started with --expose-gc, as the chart does. */
function collectWhenIdle(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const collector = new IdleGarbageCollector(() => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' }));
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    collector.check((user + system) / 1000);
  }, IDLE_CHECK_MS).unref();
}

async function main([command = 'run']: readonly string[]): Promise<number> {
  if (command !== 'run') {
    process.stderr.write(`unknown command ${command}; known: run\n`);
    return 2;
  }
  return run(readSettings(process.env, hostname()));
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`steward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
