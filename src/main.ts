/**
 * Composition root: `steward run` starts the operator, `steward guest` the hands in the guests, `steward record` the record writer, `steward tell` the teller,
 * `steward receive` takes alerts, `steward patch` patches guests in their window and ends;
 * `steward plan` prints what the next window would do; `steward product check` looks at Products in files, `steward product try` at what they would do; `steward rejoin` gives orders of another cluster their keys back; `steward verify` looks at exported records, `steward billing` makes bills of them, `steward report` pages of closed months, `steward impersonations` at audit logs.
 * The only place that ends the process.
 */
import { hostname } from 'node:os';
import { type Logger, pino } from 'pino';
import { BILLING_USAGE, billing, readBillingQuestion } from './controllers/billing/billing.ts';
import { reportImpersonations } from './controllers/changerequest/impersonations.ts';
import { controllersOf } from './controllers/controllers.ts';
import { type GuestSettings, readGuestSettings } from './controllers/gueststate/settings.ts';
import { startGuestWorker } from './controllers/gueststate/worker.ts';
import { type ReceiveSettings, readReceiveSettings } from './controllers/intake/settings.ts';
import { startAlertReceiver } from './controllers/intake/worker.ts';
import { KeyEnvironment, keyPlaces } from './controllers/keyplaces.ts';
import { type PatchSettings, readPatchSettings } from './controllers/patching/settings.ts';
import { runPatches } from './controllers/patching/worker.ts';
import {
  PLAN_USAGE,
  type Plan,
  type PlanQuestion,
  planOfCluster,
  planOfFolder,
  readPlanQuestion,
} from './controllers/preview/preview.ts';
import { parsed } from './controllers/processsettings.ts';
import { type Checked, checkFiles, PRODUCT_USAGE, readFilesToCheck } from './controllers/product/checkfile.ts';
import { readTryQuestion, type TryQuestion, tryProduct } from './controllers/product/tryproduct.ts';
import { type RecordSettings, readRecordSettings } from './controllers/record/settings.ts';
import { readQuestion, USAGE, verifyFolder } from './controllers/record/verifyfolder.ts';
import { startRecordWriter } from './controllers/record/worker.ts';
import { REJOIN_USAGE, rejoin } from './controllers/rejoin/rejoin.ts';
import { RENDER_USAGE, readRenderQuestion, renderReport } from './controllers/servicereport/render.ts';
import { readSettings, type Settings } from './controllers/settings.ts';
import { readTellerSettings, type TellerSettings } from './controllers/telling/settings.ts';
import { startTeller } from './controllers/telling/worker.ts';
import { MARKS } from './controllers/whose.ts';
import { familyOf } from './guest/packages/families.ts';
import { tongueOf } from './guest/tongues.ts';
import { systemClock } from './runtime/api/clock.ts';
import { connect } from './runtime/http/connection.ts';
import { Transport } from './runtime/http/transport.ts';
import { startHealthServer } from './runtime/observe/healthserver.ts';
import { startMetricsServer } from './runtime/observe/metricsserver.ts';
import { OpenRegistry } from './runtime/observe/registry.ts';
import { type Operator, startOperator } from './runtime/operator.ts';
import { useSmallBufferPools } from './runtime/process/bufferpool.ts';
import { IDLE_CHECK_MS, IdleGarbageCollector } from './runtime/process/garbagecollector.ts';

async function run(settings: Settings): Promise<number> {
  return serve(settings, (log, registry) =>
    startOperator({
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
    }),
  );
}

async function guest(settings: GuestSettings): Promise<number> {
  return serve(settings, (log, registry) =>
    startGuestWorker(settings, { connection: connect(), log, registry, hands: { tongueOf }, scans: { familyOf } }),
  );
}

async function record(settings: RecordSettings): Promise<number> {
  return serve(settings, (log, registry) => startRecordWriter(settings, { connection: connect(), log, registry }));
}

async function tell(settings: TellerSettings): Promise<number> {
  return serve(settings, (log, registry) => startTeller(settings, { connection: connect(), log, registry }));
}

async function receive(settings: ReceiveSettings): Promise<number> {
  return serve(settings, (log, registry) => startAlertReceiver(settings, { connection: connect(), log, registry }));
}

/** A Job: it ends by itself. Told to stop, it sends nothing more; what runs in guests runs on, and whoever comes next goes on from there. */
async function patch(settings: PatchSettings): Promise<number> {
  useSmallBufferPools();
  collectWhenIdle();
  const log = pino({ level: settings.logLevel, base: { operator: 'steward' } });
  const ending = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => ending.abort());
  await runPatches(settings, { connection: connect(), log, signal: ending.signal });
  return ending.signal.aborted ? 1 : 0;
}

type Served = Pick<Settings, 'logLevel' | 'healthPort' | 'metricsPort' | 'identity'>;

/** Runs until it is told to stop, or ends by itself; resolves to the exit code. */
async function serve(
  settings: Served,
  start: (log: Logger, registry: OpenRegistry) => Promise<Operator>,
): Promise<number> {
  useSmallBufferPools();
  const log = pino({ level: settings.logLevel, base: { operator: 'steward' } });
  const registry = new OpenRegistry();
  const operator = await start(log, registry);
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
  const cpuMs = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  const collector = new IdleGarbageCollector(() => {
    const before = cpuMs();
    gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    return cpuMs() - before;
  });
  setInterval(() => collector.check(cpuMs()), IDLE_CHECK_MS).unref();
}

/** Looks at a folder of exported records, without a cluster. */
function verify(words: readonly string[]): number {
  const question = readQuestion(words);
  const { exitCode, text } = question === undefined ? { exitCode: 2, text: USAGE } : verifyFolder(question);
  (exitCode === 2 ? process.stderr : process.stdout).write(text);
  return exitCode;
}

/** Makes a page of a closed month, without a cluster. */
function report(words: readonly string[]): number {
  try {
    process.stdout.write(renderReport(readRenderQuestion(words)));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${RENDER_USAGE}`);
    return 2;
  }
}

/** Makes bills of exported records, without a cluster. */
async function bills(words: readonly string[]): Promise<number> {
  const question = readBillingQuestion(words);
  const { exitCode, text } = question === undefined ? { exitCode: 2, text: BILLING_USAGE } : await billing(question);
  (exitCode === 2 ? process.stderr : process.stdout).write(text);
  return exitCode;
}

/** Looks at Products in files, without a cluster, or at what one would do on a ManagedVM. */
async function products(words: readonly string[]): Promise<number> {
  const [files, question] = [readFilesToCheck(words), readTryQuestion(words)];
  const unknown = { exitCode: 2, text: PRODUCT_USAGE };
  const { exitCode, text } =
    question === undefined ? (files === undefined ? unknown : checkFiles(files)) : await tried(question);
  (exitCode === 2 ? process.stderr : process.stdout).write(text);
  return exitCode;
}

async function tried(question: TryQuestion): Promise<Checked> {
  const transport = new Transport({ connection: connect(), userAgent: 'steward-product', clock: systemClock });
  try {
    return await tryProduct(transport, question, new Date());
  } finally {
    await transport.close();
  }
}

/** Prints what the next window would do. */
async function plan(words: readonly string[]): Promise<number> {
  const question = readPlanQuestion(words);
  if (question === undefined) {
    process.stderr.write(PLAN_USAGE);
    return 2;
  }
  const { text, isWhole } =
    question.folder === undefined ? await askCluster(question) : planOfFolder(question, new Date());
  process.stdout.write(text);
  return isWhole ? 0 : 2;
}

async function askCluster(question: PlanQuestion): Promise<Plan> {
  const transport = new Transport({ connection: connect(), userAgent: 'steward-plan', clock: systemClock });
  try {
    return await planOfCluster(transport, question, new Date());
  } finally {
    await transport.close();
  }
}

/** Under the account of who asks: no account of Steward may do it alone. */
async function rejoinKeys(words: readonly string[]): Promise<number> {
  if (words.length > 1 || (words[0] ?? '--consent') !== '--consent') {
    process.stderr.write(REJOIN_USAGE);
    return 2;
  }
  const { namespace } = keyPlaces(parsed(KeyEnvironment, process.env));
  const transport = new Transport({ connection: connect(), userAgent: 'steward-rejoin', clock: systemClock });
  try {
    const { text, isWhole } = await rejoin(transport, namespace, words.length === 1);
    process.stdout.write(text);
    return isWhole ? 0 : 1;
  } finally {
    await transport.close();
  }
}

/** Says which decisions were written in another's name. */
function impersonations(files: readonly string[]): Promise<number> {
  return reportImpersonations(files, {
    out: line => void process.stdout.write(`${line}\n`),
    error: line => void process.stderr.write(`${line}\n`),
  });
}

async function main([command = 'run', ...words]: readonly string[]): Promise<number> {
  if (command === 'run') return run(readSettings(process.env, hostname()));
  if (command === 'guest') return guest(readGuestSettings(process.env, hostname()));
  if (command === 'patch') return patch(readPatchSettings(process.env, hostname()));
  if (command === 'record') return record(readRecordSettings(process.env, hostname()));
  if (command === 'tell') return tell(readTellerSettings(process.env, hostname()));
  if (command === 'receive') return receive(readReceiveSettings(process.env, hostname()));
  if (command === 'plan') return plan(words);
  if (command === 'rejoin') return rejoinKeys(words);
  if (command === 'product') return products(words);
  if (command === 'verify') return verify(words);
  if (command === 'billing') return bills(words);
  if (command === 'report') return report(words);
  if (command === 'impersonations') return impersonations(words);
  process.stderr.write(
    `unknown command ${command}; known: run, guest, patch, record, receive, tell, plan, product, rejoin, verify, billing, report, impersonations\n`,
  );
  return 2;
}

try {
  process.exit(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`steward: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
