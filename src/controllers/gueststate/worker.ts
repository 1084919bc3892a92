import type { Logger } from 'pino';
import { Sessions } from '../../guest/transport/sessions.ts';
import { systemClock } from '../../runtime/api/clock.ts';
import type { Connection } from '../../runtime/http/connection.ts';
import { Transport } from '../../runtime/http/transport.ts';
import type { OpenRegistry } from '../../runtime/observe/registry.ts';
import { type Operator, startOperator } from '../../runtime/operator.ts';
import { MARKS } from '../whose.ts';
import { guestController } from './controller.ts';
import { type HandSettings, Hands } from './hands.ts';
import { Keyring } from './keyring.ts';
import { Memories } from './memory.ts';
import { GuestMetrics } from './metrics.ts';
import { Plans } from './plans.ts';
import { guestRecordController } from './record.ts';
import { guestScanController, type ScanSettings } from './scancontroller.ts';
import type { GuestSettings } from './settings.ts';
import { Shards } from './shards.ts';
import { waysBy } from './target.ts';

const NAME = 'steward-guest';
/** A connection that is used again within a step's polls, and not kept until the next look. */
const IDLE_MS = 5_000;

/** The hands in the guests: a runtime without a leader, which works on the namespaces of those shards whose Leases it holds. */
export async function startGuestWorker(
  settings: GuestSettings,
  parts: {
    readonly connection: Connection;
    readonly log: Logger;
    readonly registry: OpenRegistry;
    /** What is run in guests. */
    readonly hands: Pick<HandSettings, 'tongueOf'>;
    /** How their package managers are asked; absent: they are not. */
    readonly scans?: ScanSettings;
  },
): Promise<Operator> {
  const { connection, log, registry } = parts;
  const { namespace, identity, windows, shards: count, guestIntervalMs: intervalMs } = settings;
  const clock = systemClock;
  const transport = new Transport({ connection, userAgent: NAME, clock });
  const shards = new Shards({ count, namespace, identity, transport, clock, log });
  const sessions = new Sessions({ idleMs: IDLE_MS });
  const hands = new Hands(sessions, { ...parts.hands, ...waysBy(settings, transport) });
  const memories = new Memories();
  const metrics = new GuestMetrics(registry, shards);
  const keyring = new Keyring(transport, settings.keys);
  const plans = new Plans(transport, settings.keys.namespace);
  const random = Math.random;
  const works = { identity, shards, keyring, plans, hands, memories, metrics, clock, windows, intervalMs, random };
  const { scans } = parts;
  const operator = await startOperator({
    ...{ connection, name: MARKS.manager, fieldManager: NAME, prefix: MARKS.prefix, userAgent: NAME, log, registry },
    namespaces: settings.watchNamespaces,
    controllers: [
      guestRecordController(shards, keyring),
      guestController(works),
      ...(scans ? [guestScanController({ ...works, sessions }, scans)] : []),
    ],
  });
  const ending = new AbortController();
  shards.start(ending.signal);
  const stop = () => {
    // Nothing is judged by what we break off ourselves.
    shards.retire();
    sessions.close();
    return operator.stop();
  };
  const stopped = operator.stopped.then(async error => {
    sessions.close();
    await shards.release();
    ending.abort();
    await transport.close();
    return error;
  });
  return {
    ...operator,
    ready: () => operator.ready() && !shards.refused,
    leading: () => shards.held > 0,
    stopped,
    stop,
  };
}
