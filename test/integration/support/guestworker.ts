/**
 * The guest worker as a process of its own, with everything real but what it runs in guests: the guest of these tests is a folder of this
 * machine, which must not be set up like a customer's.
 */
import { pino } from 'pino';
import { readGuestSettings } from '../../../src/controllers/gueststate/settings.ts';
import { startGuestWorker } from '../../../src/controllers/gueststate/worker.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { startHealthServer } from '../../../src/runtime/observe/healthserver.ts';
import { startMetricsServer } from '../../../src/runtime/observe/metricsserver.ts';
import { OpenRegistry } from '../../../src/runtime/observe/registry.ts';
import { folderHands, folderScans } from './guestfolder.ts';

const settings = readGuestSettings(process.env, 'worker');
const registry = new OpenRegistry();
const operator = await startGuestWorker(settings, {
  connection: connect(),
  log: pino({ level: settings.logLevel }),
  registry,
  hands: folderHands(process.env.GUEST_FOLDER ?? ''),
  ...(process.env.GUEST_SCANS && { scans: folderScans(process.env.GUEST_FOLDER ?? '') }),
});
await startHealthServer({ port: settings.healthPort, ready: operator.ready, live: operator.live });
await startMetricsServer({ port: settings.metricsPort, registry });
process.on('SIGTERM', () => void operator.stop());
process.exit((await operator.stopped) === undefined ? 0 : 1);
