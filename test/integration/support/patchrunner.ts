/** The runner of patches as a process of its own, with everything real but the package manager: the guest of these tests is a folder of this machine. */
import { join } from 'node:path';
import { pino } from 'pino';
import { readPatchSettings } from '../../../src/controllers/patching/settings.ts';
import { runPatches } from '../../../src/controllers/patching/worker.ts';
import { LAUNCHER as launcher } from '../../../src/guest/run/launcher.fixtures.ts';
import { connect } from '../../../src/runtime/http/connection.ts';
import { playedFamily } from './playedpackages.ts';

const settings = readPatchSettings(process.env, 'runner');
const folder = process.env.GUEST_FOLDER ?? '';
const ending = new AbortController();
process.on('SIGTERM', () => ending.abort());
await runPatches(settings, {
  connection: connect(),
  log: pino({ level: settings.logLevel }),
  signal: ending.signal,
  guests: { ground: { folder: join(folder, 'steps'), launcher }, families: () => playedFamily(folder) },
});
process.exit(0);
