import type { Logger } from 'pino';
import { Sessions } from '../../guest/transport/sessions.ts';
import { systemClock } from '../../runtime/api/clock.ts';
import type { Connection } from '../../runtime/http/connection.ts';
import { type Intercept, Transport } from '../../runtime/http/transport.ts';
import { Keyring } from '../gueststate/keyring.ts';
import { waysBy } from '../gueststate/target.ts';
import { OpenRuns } from './openruns.ts';
import type { PatientParts } from './patient.ts';
import { followRuns, isIn } from './runner.ts';
import type { PatchSettings } from './settings.ts';
import { PatchStore } from './store.ts';

const NAME = 'steward-patch';
/** A connection that is used again between two looks at a step. */
const IDLE_MS = 15_000;

/** One Pod of the Job of a policy and ring: follows its share of the runs, then ends. Resolves with how many it has followed. */
export async function runPatches(
  settings: PatchSettings,
  parts: {
    readonly connection: Connection;
    readonly log: Logger;
    readonly signal: AbortSignal;
    /** Fault injection at the edge, and how guests are worked in; in tests only. */
    readonly intercept?: Intercept;
    readonly guests?: Pick<PatientParts, 'ground' | 'families'>;
  },
): Promise<number> {
  const { connection, log, signal, intercept, guests = {} } = parts;
  const { watchNamespaces, identity, share, windows } = settings;
  const clock = systemClock;
  const transport = new Transport({ connection, userAgent: NAME, clock, intercept });
  const sessions = new Sessions({ idleMs: IDLE_MS });
  const runs = new OpenRuns({
    ...{ policyUid: share.policyUid, namespaces: watchNamespaces, isOurs: run => isIn(run, share) },
    ...{ transport, clock, log },
  });
  const ending = new AbortController();
  // What a guest has not answered yet holds nobody up who is told to end.
  signal.addEventListener('abort', () => sessions.close());
  try {
    await runs.start(AbortSignal.any([signal, ending.signal]));
    return await followRuns(
      share,
      {
        ...guests,
        ...{ runs, store: new PatchStore(transport), keyring: new Keyring(transport, settings.keys), identity },
        ...{ ways: waysBy(settings, transport), windows, sessions, clock, log, monotonic: () => clock.monotonic() },
      },
      signal,
    );
  } finally {
    ending.abort();
    sessions.close();
    await transport.close();
  }
}
