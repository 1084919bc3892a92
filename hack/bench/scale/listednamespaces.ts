import { setTimeout as sleep } from 'node:timers/promises';
import { AuditTail } from '../../testbed/client/audit.ts';
import { type BenchBed, onBenchBed } from '../bed.ts';
import { isWatch } from '../calls.ts';
import { atMost } from '../checks.ts';
import { STEWARD_USER, startBundle } from '../contestants/contestant.ts';
import { connectionsTo, memoryOf, REST_MS } from '../process.ts';
import type { Measured, ScaleRow } from './row.ts';

const NAMESPACES = 200;
/** kube-apiserver takes 100 streams on one connection unless it is told otherwise; calls have connections of their own. */
const STREAMS_EACH = 100;
const FOR_CALLS = 36;

export const listedNamespaces: ScaleRow = {
  id: 'namespaces',
  figure: `${NAMESPACES} namespaces listed (\`watchNamespaces\`)`,
  before: '1 806 connections, 351 MB',
  goal: 'few connections; ≤ 160 MB',
  how: "Steward's process on a test bed, where each namespace has its own watches",
  measure: say => onBenchBed(bench => measured(bench, say)),
};

async function measured({ bed, client }: BenchBed, say: (line: string) => void): Promise<Measured> {
  const names = Array.from({ length: NAMESPACES }, (_, index) => `listed-${index}`);
  for (const name of names)
    await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const tail = await AuditTail.fromNow(bed.auditLog, STEWARD_USER);
  const steward = await startBundle(bed, { STEWARD_WATCH_NAMESPACES: names.join() });
  try {
    await sleep(REST_MS);
    const watches = (await tail.look()).filter(isWatch).length;
    const connections = await connectionsTo(Number(new URL(bed.server).port), steward.pid);
    const memory = await memoryOf(steward.pid);
    const [now, peak] = [Math.round(memory.nowMB), Math.round(memory.peakMB)];
    say(`${watches} watches on ${connections} connections, ${now} MB resident, at most ${peak} MB until then`);
    const few = Math.ceil(watches / STREAMS_EACH) + FOR_CALLS;
    return {
      seen: `${watches} watches, ${connections} connections, ${now} MB`,
      checks: [atMost('connections to the API server', connections, few), atMost('MB resident', now, 160)],
    };
  } finally {
    await steward.stop();
  }
}
