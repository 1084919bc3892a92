import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { ownAlertNames } from '../../domain/intake/ownrules.ts';
import { type Clock, systemClock } from '../../runtime/api/clock.ts';
import type { Connection } from '../../runtime/http/connection.ts';
import { messageOf } from '../../runtime/http/exchange.ts';
import { Transport } from '../../runtime/http/transport.ts';
import type { OpenRegistry } from '../../runtime/observe/registry.ts';
import type { Operator } from '../../runtime/operator.ts';
import { Desk } from './desk.ts';
import { Doubts } from './doubts.ts';
import { Evidence } from './evidence.ts';
import { renewHeartbeat } from './heartbeat.ts';
import { Intake } from './intake.ts';
import { NAME } from './permissions.ts';
import { type Receiver, startReceiver } from './receiver.ts';
import { Reconciliation } from './reconciliation.ts';
import { Senders } from './senders.ts';
import type { ReceiveSettings } from './settings.ts';
import { Stock } from './stock.ts';
import { Tally } from './tally.ts';

/** How often it is looked whether there is another certificate. */
const CERTIFICATE_MS = 60_000;

export type RunningReceiver = Operator & { readonly port: number };

/** The receiver of alerts. All its replicas work: what they write has one name whoever writes it, so none leads. */
export async function startAlertReceiver(
  settings: ReceiveSettings,
  parts: {
    readonly connection: Connection;
    readonly log: Logger;
    readonly registry: OpenRegistry;
    readonly host?: string;
  },
): Promise<RunningReceiver> {
  const { connection, log, registry, host } = parts;
  const clock = systemClock;
  const transport = new Transport({ connection, userAgent: NAME, clock });
  const ending = new AbortController();
  const { signal } = ending;
  const stock = new Stock(transport, clock, log, settings.watchNamespaces);
  const tally = new Tally();
  const names = ownAlertNames();
  const evidence = new Evidence(settings.prometheus, transport, clock);
  const doubts = new Doubts(stock, clock);
  const intake = new Intake({
    stock,
    evidence,
    rules: settings.rules,
    names: new Set(names),
    clock,
    log,
    tally,
    doubts,
  });
  const desk = new Desk(async pointers => {
    if (!stock.isKnown()) throw new Error('what is ordered is not known yet');
    await intake.settle(pointers, signal);
  });
  const { alertmanager, intervalMs: everyMs } = settings;
  const onCompared = () => renewHeartbeat(transport, clock, settings);
  const reconciliation = new Reconciliation({
    ...{ stock, desk, intake, doubts, alertmanager, names, everyMs, clock, log, onCompared },
  });
  tally.register(registry, { storm: () => intake.storm, reconciledAt: () => reconciliation.reconciledAt });
  const senders = new Senders(transport, clock, settings);
  stock.start(signal);
  const receiver = await startReceiver({
    ...{
      port: settings.port,
      ...(host !== undefined && { host }),
      tls: await certificateIn(settings.tlsFolder),
      clock,
    },
    ...{ senderOf: authorization => senders.of(authorization), settle: pointers => desk.submit(pointers) },
    onHeld: error => {
      tally.held += 1;
      log.warn({ error: messageOf(error) }, 'message not settled: it is to be told again');
    },
  });
  const working = Promise.all([
    reconciliation.run(signal),
    keepCertificate(receiver, settings.tlsFolder, clock, signal),
  ]);
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  let stopping: Promise<void> | undefined;
  const end = async () => {
    await receiver.close();
    ending.abort();
    await working;
    await transport.close();
    resolve(undefined);
  };
  return {
    port: receiver.port,
    ready: () => stopping === undefined && stock.isKnown(),
    live: () => stopping === undefined,
    leading: () => stopping === undefined,
    stopped,
    stop: () => {
      stopping ??= end();
      return stopping;
    },
  };
}

async function certificateIn(folder: string | undefined) {
  if (folder === undefined) return undefined;
  const [cert, key] = await Promise.all(['tls.crt', 'tls.key'].map(file => readFile(join(folder, file), 'utf8')));
  return { cert: cert ?? '', key: key ?? '' };
}

/** A certificate is replaced while the process runs. */
async function keepCertificate(receiver: Receiver, folder: string | undefined, clock: Clock, signal: AbortSignal) {
  while (folder !== undefined && !signal.aborted) {
    await clock.sleep(CERTIFICATE_MS, signal);
    const tls = await certificateIn(folder).catch(() => undefined);
    if (tls !== undefined && !signal.aborted) receiver.renew(tls);
  }
}
