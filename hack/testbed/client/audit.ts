/** What kube-apiserver's audit log says of one caller. */
import { open, stat } from 'node:fs/promises';

/** A request that was answered; of a watch also that it has begun. */
export type Call = {
  readonly verb: string;
  readonly requestURI: string;
  readonly stage: string;
  readonly user: { readonly username: string };
  readonly userAgent?: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: {
    readonly code?: number;
    readonly details?: { readonly causes?: readonly { readonly reason?: string }[] };
  };
  readonly requestReceivedTimestamp: string;
  /** When the request was answered. */
  readonly stageTimestamp: string;
};

/** Whose calls are asked for: a user of the cluster, or a program by the User-Agent that it sends. */
export type Caller = { readonly user: string } | { readonly userAgent: string };

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** How much of the log is read at once. */
const CHUNK = 1 << 20;
const NEWLINE = 0x0a;

/** The caller's calls from a place in the log on, in the order in which they were answered, and the place where they end. */
export async function readCalls(
  log: string,
  caller: Caller,
  from = 0,
): Promise<{ readonly calls: Call[]; readonly end: number }> {
  const calls: Call[] = [];
  const file = await open(log);
  try {
    const buffer = Buffer.alloc(CHUNK);
    let end = from;
    let rest = Buffer.alloc(0);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, end + rest.length);
      if (bytesRead === 0) return { calls, end };
      const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      const whole = bytes.lastIndexOf(NEWLINE) + 1;
      calls.push(...callsIn(bytes.toString('utf8', 0, whole), caller));
      rest = bytes.subarray(whole);
      end += whole;
    }
  } finally {
    await file.close();
  }
}

function callsIn(lines: string, caller: Caller): Call[] {
  const word = 'user' in caller ? caller.user : caller.userAgent;
  const isCallers = (call: Call) => ('user' in caller ? call.user.username : call.userAgent) === word;
  // Most lines are somebody else's, and to look for a word is much cheaper than to parse.
  const likely = lines.split('\n').filter(line => line.includes(word));
  return likely.map(line => JSON.parse(line) as Call).filter(isCallers);
}

/** Follows an audit log from where it is now; each look returns what is new of one user. */
export class AuditTail {
  readonly #log: string;
  readonly #user: string;
  #end: number;

  private constructor(log: string, user: string, end: number) {
    this.#log = log;
    this.#user = user;
    this.#end = end;
  }

  static async fromNow(log: string, user: string): Promise<AuditTail> {
    return new AuditTail(log, user, (await stat(log)).size);
  }

  /** In the order in which they were answered. Renewals of a Lease go on whatever happens and are left out. */
  async look(): Promise<Call[]> {
    const { calls, end } = await readCalls(this.#log, { user: this.#user }, this.#end);
    this.#end = end;
    return calls.filter(call => !isLease(call));
  }
}

export function isLease({ objectRef }: Call): boolean {
  return objectRef?.resource === 'leases';
}

/** A patch as a dry run: how the operator looks at what it may not get. */
export function isLook({ verb, requestURI }: Call): boolean {
  return verb === 'patch' && requestURI.includes('dryRun=All');
}

export function isWrite(call: Call): boolean {
  return WRITES.has(call.verb) && !isLook(call);
}

/** `patch managedvms/status`. */
export function whatOf({ verb, objectRef, requestURI }: Call): string {
  if (objectRef === undefined) return `${verb} ${requestURI}`;
  return `${verb} ${objectRef.resource}${objectRef.subresource === undefined ? '' : `/${objectRef.subresource}`}`;
}

/** How often each kind of call was made, the most frequent first. */
export function tally(calls: readonly Call[]): Record<string, number> {
  const counts = Map.groupBy(calls, whatOf);
  const entries = [...counts].map(([what, { length }]) => [what, length] as const);
  return Object.fromEntries(entries.sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}
