/** What the API server's audit log says the operator did. */
import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestBed } from '../../../hack/testbed/testbed.ts';

const OPERATOR = 'system:serviceaccount:steward-system:steward';

export type Call = {
  readonly verb: string;
  readonly requestURI: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code?: number };
  readonly requestReceivedTimestamp: string;
};

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

/** A place in the audit log: what comes after it is what happened since. */
export type Mark = number;

export async function mark({ auditLog }: TestBed): Promise<Mark> {
  return (await stat(auditLog)).size;
}

/** The operator's calls since the mark, in the order in which they were answered. */
export async function callsSince({ auditLog }: TestBed, from: Mark = 0): Promise<Call[]> {
  const file = await open(auditLog);
  try {
    const length = (await file.stat()).size - from;
    const buffer = Buffer.alloc(length);
    await file.read(buffer, 0, length, from);
    const text = buffer.toString('utf8');
    return text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(line => line.includes(OPERATOR))
      .map(line => JSON.parse(line) as Call)
      .filter(call => call.user.username === OPERATOR);
  } finally {
    await file.close();
  }
}

/** Renewals of the leader's Lease go on whatever happens; they are counted apart. */
export function isLease(call: Call): boolean {
  return call.objectRef?.resource === 'leases';
}

export function writes(calls: readonly Call[]): Call[] {
  return calls.filter(call => WRITES.has(call.verb) && !isLease(call));
}

/** Reads of single objects and of paths without one; lists and watches apart. */
export function gets(calls: readonly Call[]): Call[] {
  return calls.filter(call => call.verb === 'get' && !isLease(call));
}

/** `patch managedvms/status`. */
export function whatOf({ verb, objectRef, requestURI }: Call): string {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  return `${verb} ${objectRef.resource}${objectRef.subresource === undefined ? '' : `/${objectRef.subresource}`}`;
}

/** How often each kind of call was made. */
export function tally(calls: readonly Call[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const call of calls) counts[whatOf(call)] = (counts[whatOf(call)] ?? 0) + 1;
  return counts;
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
