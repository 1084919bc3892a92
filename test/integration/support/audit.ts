/** What the API server's audit log says the operator did. */
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, isLease, isLook, isWrite, readCalls, tally } from '../../../hack/testbed/client/audit.ts';
import type { TestBed } from '../../../hack/testbed/testbed.ts';

const OPERATOR = 'system:serviceaccount:steward-system:steward';

/** A place in the audit log: what comes after it is what happened since. */
export type Mark = number;

export async function mark({ auditLog }: TestBed): Promise<Mark> {
  return (await stat(auditLog)).size;
}

/** The operator's calls since the mark, in the order in which they were answered. */
export async function callsSince({ auditLog }: Pick<TestBed, 'auditLog'>, from: Mark = 0): Promise<Call[]> {
  return (await readCalls(auditLog, { user: OPERATOR }, from)).calls;
}

/** Renewals of the leader's Lease go on whatever happens; they are counted apart. */
export function writes(calls: readonly Call[]): Call[] {
  return calls.filter(call => isWrite(call) && !isLease(call));
}

/** Reads of single objects, also those by a patch that changes nothing, and of paths without one; lists and watches apart. */
export function gets(calls: readonly Call[]): Call[] {
  return calls.filter(call => (call.verb === 'get' || isLook(call)) && !isLease(call));
}

/** Resolves when the operator has written nothing for `stillness` milliseconds. */
export async function untilStill(bed: TestBed, stillness = 2_500, limit = 60_000): Promise<void> {
  const deadline = performance.now() + limit;
  for (;;) {
    const from = await mark(bed);
    await sleep(stillness);
    const busy = writes(await callsSince(bed, from));
    if (busy.length === 0) return;
    if (performance.now() > deadline) throw new Error(`still writing: ${JSON.stringify(tally(busy))}`);
  }
}
