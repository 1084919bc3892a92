import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTail, type Call } from '../../testbed/client/audit.ts';
import { type BenchBed, onBenchBed } from '../bed.ts';
import { isInitialWatch, isStatusWrite } from '../calls.ts';
import { atMost, exactly } from '../checks.ts';
import { managedVMs, STEWARD_USER, startBundle } from '../contestants/contestant.ts';
import { callsUntil, limitFor, orderAll, untilNamed } from '../fleet.ts';
import { loopMilliseconds, memoryOf, REST_MS } from '../process.ts';
import { fleetNames } from '../workload.ts';
import type { Measured, ScaleRow } from './row.ts';

const OBJECTS = 10_000;
/** Of each ManagedVM six objects are watched: itself, VirtualMachine, DataVolume, Service, ServiceMonitor and Schedule. */
const WATCHED_EACH = 6;
const LOOK_MS = 20;

export const relist: ScaleRow = {
  id: 'relist',
  figure: `all watches answered 410 at once at ${OBJECTS.toLocaleString('en').replace(',', ' ')} objects`,
  before: 'memory doubles, blocks',
  goal: '≤ 1.25 of steady memory, no block over 200 ms',
  how: "Steward's process on a test bed whose kube-apiserver is started anew",
  measure: say => onBenchBed(bench => measured(bench, say)),
};

async function measured({ bed, client }: BenchBed, say: (line: string) => void): Promise<Measured> {
  const tail = await AuditTail.fromNow(bed.auditLog, STEWARD_USER);
  // A Lease would be lost while the API server is away for longer than its deadline.
  const steward = await startBundle(bed, { STEWARD_LEADER_ELECTION: 'false' });
  try {
    const names = fleetNames(Math.ceil(OBJECTS / WATCHED_EACH));
    await orderAll(client, managedVMs, names);
    const all = untilNamed(names.length, (call: Call) => isStatusWrite(call, managedVMs.resource));
    const lists = (await callsUntil(tail, all, { stillMs: REST_MS, limitMs: limitFor(names.length) })).filter(
      isInitialWatch,
    );
    // The newest version of all then belongs to no kind that is watched.
    await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'newest' } });
    const steady = (await memoryOf(steward.pid)).nowMB;
    const over = new AbortController();
    const strain = watchStrain(steward.pid, steward.healthURL, over.signal);
    strain.catch(() => {});
    await bed.restartApiserver();
    const again = (
      await callsUntil(tail, calls => calls.filter(isInitialWatch).length >= lists.length, { stillMs: REST_MS })
    ).filter(isInitialWatch);
    over.abort();
    const { peakMB, longestMs } = await strain;
    const ratio = Math.round((100 * peakMB) / steady) / 100;
    say(
      `${again.length} lists; ${steady.toFixed(0)} MB before, at most ${peakMB.toFixed(0)} MB; longest block ${longestMs.toFixed(0)} ms`,
    );
    return {
      seen: `${ratio} of steady memory, longest block ${longestMs.toFixed(0)} ms`,
      checks: [
        exactly('watches that did not begin anew', lists.length - again.length, 0),
        atMost('memory ÷ that before', ratio, 1.25),
        atMost('longest block in milliseconds', Math.round(longestMs), 200),
      ],
    };
  } finally {
    await steward.stop();
  }
}

/**
 * The most memory that a process takes until the signal, and the longest that its event loop runs before it answers an HTTP request. Not how
 * long that takes: where others use the machine too, it waits for them.
 */
async function watchStrain(
  pid: number,
  healthURL: string,
  signal: AbortSignal,
): Promise<{ readonly peakMB: number; readonly longestMs: number }> {
  let [peakMB, longestMs] = [0, 0];
  while (!signal.aborted) {
    const asked = await loopMilliseconds(pid);
    await (await fetch(`${healthURL}/healthz`)).text();
    longestMs = Math.max(longestMs, (await loopMilliseconds(pid)) - asked);
    peakMB = Math.max(peakMB, (await memoryOf(pid)).nowMB);
    await sleep(LOOK_MS);
  }
  return { peakMB, longestMs };
}
