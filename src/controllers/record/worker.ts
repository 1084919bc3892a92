import type { Logger } from 'pino';
import { type Clock, systemClock } from '../../runtime/api/clock.ts';
import type { Connection } from '../../runtime/http/connection.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { type Intercept, Transport } from '../../runtime/http/transport.ts';
import type { OpenRegistry } from '../../runtime/observe/registry.ts';
import { type Operator, startOperator } from '../../runtime/operator.ts';
import { MARKS } from '../whose.ts';
import { recordControllers } from './controller.ts';
import { ExportBucket } from './exportbucket.ts';
import { ExportFolder } from './exportfolder.ts';
import { registerRecordMetrics } from './metrics.ts';
import { PageStore } from './pagestore.ts';
import { Recorder } from './recorder.ts';
import { type ExportStore, RecordExport } from './recordexport.ts';
import type { ExportPlace, RecordSettings } from './settings.ts';
import { SigningKeys } from './signingkeys.ts';
import { specManager } from './specmanager.ts';

const NAME = 'steward-record';
const EVERY_MS = 10_000;

/** The record writer: of its replicas one leads, watches what is recorded, and writes pages of records. */
export async function startRecordWriter(
  settings: RecordSettings,
  parts: {
    readonly connection: Connection;
    readonly log: Logger;
    readonly registry: OpenRegistry;
    /** Fault injection at the edge, for tests. */
    readonly intercept?: Intercept;
    /** How often it exports, tidies up and looks for what has gone; default 10 s. */
    readonly everyMs?: number;
  },
): Promise<Operator> {
  const { connection, log, registry, intercept, everyMs = EVERY_MS } = parts;
  const { recordNamespace: namespace, watchNamespaces, exportTo, identity } = settings;
  const clock = systemClock;
  const transport = new Transport({ connection, userAgent: NAME, clock, intercept });
  const exported = exportTo === undefined ? undefined : new RecordExport(storeOf(exportTo, clock));
  const recorder = new Recorder({
    ...{ clock, log, pages: new PageStore(transport, namespace), signing: new SigningKeys(transport, namespace) },
    exported,
    specManager: (recorded, object) => specManager(transport, recorded, object),
  });
  registerRecordMetrics(registry, recorder, exported !== undefined);
  const watched = (name: string) => watchNamespaces.length === 0 || watchNamespaces.includes(name);
  const operator = await startOperator({
    ...{
      connection,
      name: MARKS.manager,
      fieldManager: NAME,
      prefix: MARKS.prefix,
      userAgent: NAME,
      log,
      registry,
      ...(intercept === undefined ? {} : { intercept }),
    },
    ...{ namespaces: watchNamespaces, lease: { namespace, name: NAME, identity } },
    controllers: recordControllers(recorder, { clock, watched, sweepMs: everyMs }),
  });
  transport.setWriteGate(() => operator.leading());
  const ending = new AbortController();
  const tidying = keepTidy(recorder, operator, { clock, log, everyMs, signal: ending.signal });
  const stopped = operator.stopped.then(async error => {
    ending.abort();
    // What is on its way to a bucket is all there or not at all.
    await exported?.close();
    await tidying;
    await transport.close();
    return error;
  });
  return { ...operator, stopped };
}

function storeOf(place: ExportPlace, clock: Clock): ExportStore {
  return 'folder' in place ? new ExportFolder(place.folder) : new ExportBucket(place, () => clock.now());
}

async function keepTidy(
  recorder: Recorder,
  operator: Operator,
  { clock, log, everyMs, signal }: { clock: Clock; log: Logger; everyMs: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    if (operator.leading())
      await recorder.tidy().catch((error: unknown) => {
        if (!signal.aborted) log.error({ error: messageOf(error) }, 'records not exported');
      });
    await clock.sleep(everyMs, signal);
  }
}
