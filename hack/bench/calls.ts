/** What the API server's audit log says about one user. */
import { open, stat } from 'node:fs/promises';

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
  /** When the request was answered. */
  readonly stageTimestamp: string;
};

const WRITES = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
/** How much of the log is read at once. */
const CHUNK = 1 << 20;

/** Follows an audit log from where it is now; each look returns what is new of one user. */
export class AuditTail {
  readonly #file: string;
  readonly #user: string;
  #offset: number;
  #rest = '';

  private constructor(file: string, user: string, offset: number) {
    this.#file = file;
    this.#user = user;
    this.#offset = offset;
  }

  static async fromNow(file: string, user: string): Promise<AuditTail> {
    return new AuditTail(file, user, (await stat(file)).size);
  }

  /** In the order in which they were answered. Renewals of a Lease go on whatever happens and are left out. */
  async look(): Promise<Call[]> {
    const calls: Call[] = [];
    const file = await open(this.#file);
    try {
      const buffer = Buffer.alloc(CHUNK);
      for (;;) {
        const { bytesRead } = await file.read(buffer, 0, CHUNK, this.#offset);
        if (bytesRead === 0) return calls;
        this.#offset += bytesRead;
        // The log is ASCII but for object names in paths, and those of a bench are ASCII too.
        const lines = (this.#rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
        this.#rest = lines.pop() ?? '';
        for (const line of lines) {
          if (!line.includes(this.#user)) continue;
          const call = JSON.parse(line) as Call;
          if (call.user.username === this.#user && call.objectRef?.resource !== 'leases') calls.push(call);
        }
      }
    } finally {
      await file.close();
    }
  }
}

export function isWrite({ verb }: Call): boolean {
  return WRITES.has(verb);
}

/** Reads of single objects; lists, watches and discovery apart. */
export function isGet({ verb, objectRef }: Call): boolean {
  return verb === 'get' && objectRef?.name !== undefined;
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

export function isStatusWrite(call: Call, roots: string): boolean {
  return isWrite(call) && call.objectRef?.resource === roots && call.objectRef.subresource === 'status';
}

export function isRead(call: Call): boolean {
  return isGet(call) || call.verb === 'list';
}
