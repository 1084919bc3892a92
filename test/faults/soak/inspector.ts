/** Looks into a running Node by its inspector on loopback: what it keeps, after it has thrown away all that it can. */
import { once } from 'node:events';
import { MOST_INTERNED } from '../../../src/runtime/cache/interning.ts';

export type Inside = {
  /** Bytes on the heap and outside of it, after a collection. */
  readonly heap: number;
  /** Members of every Map and Set together, but for series of Events and for interned strings (src/runtime/cache/interning.ts): both are bounded. */
  readonly entries: number;
  /** Series of Events: kept for six minutes, at most a thousand. */
  readonly series: number;
  /** Timers, sockets, servers and the like that keep the process going, by their names. */
  readonly resources: Readonly<Record<string, number>>;
};

/** Connects, looks and disconnects: a debugger that stays would keep things itself. */
export async function lookInside(port: number): Promise<Inside> {
  const answer = await fetch(`http://127.0.0.1:${port}/json/list`);
  const [target] = (await answer.json()) as readonly { readonly webSocketDebuggerUrl: string }[];
  if (target === undefined) throw new Error('nothing to inspect');
  const session = await Session.open(target.webSocketDebuggerUrl);
  try {
    return await look(session);
  } finally {
    await session.close();
  }
}

type Remote = { readonly result: { readonly objectId?: string; readonly value?: unknown } };
type Counted = { readonly entries: number; readonly series: number };

/** Runs over there. A prototype of a subclass is among the instances, and has no size. */
const COUNT = `function () {
  let entries = 0;
  let series = 0;
  for (const each of this) {
    try {
      const [word] = each.keys();
      const [first] = each.values();
      if (each instanceof Map && typeof word === 'string' && word === first && each.size <= ${MOST_INTERNED}) continue;
      if (first?.lastTime !== undefined && first?.written !== undefined) series += each.size;
      else entries += each.size;
    } catch {}
  }
  return { entries, series };
}`;
const RESOURCES = `Object.fromEntries(Map.groupBy(process.getActiveResourcesInfo(), name => name).entries().map(([name, all]) => [name, all.length]))`;
const GROUP = { objectGroup: 'faults' };

async function look(session: Session): Promise<Inside> {
  const { result: resources } = await session.call<Remote>('Runtime.evaluate', {
    ...{ expression: RESOURCES, returnByValue: true },
  });
  const maps = await count(session, 'Map');
  const sets = await count(session, 'Set');
  await session.call('Runtime.releaseObjectGroup', GROUP);
  // Twice: what finalizers let go of is collected by the second.
  for (let time = 0; time < 2; time += 1) await session.call('HeapProfiler.collectGarbage');
  const { result: memory } = await session.call<Remote>('Runtime.evaluate', {
    ...{ expression: 'process.memoryUsage()', returnByValue: true },
  });
  const { heapUsed, external } = memory.value as { readonly heapUsed: number; readonly external: number };
  return {
    heap: heapUsed + external,
    entries: maps.entries + sets.entries,
    series: maps.series,
    resources: resources.value as Record<string, number>,
  };
}

async function count(session: Session, type: 'Map' | 'Set'): Promise<Counted> {
  const expression = `${type}.prototype`;
  const { result } = await session.call<Remote>('Runtime.evaluate', { expression, ...GROUP });
  const { objects } = await session.call<{ readonly objects: { readonly objectId: string } }>('Runtime.queryObjects', {
    ...{ prototypeObjectId: result.objectId, ...GROUP },
  });
  const counted = await session.call<Remote>('Runtime.callFunctionOn', {
    ...{ functionDeclaration: COUNT, objectId: objects.objectId, returnByValue: true },
  });
  return counted.result.value as Counted;
}

type Answer = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } };

/** One conversation in the protocol of Chrome's developer tools. */
class Session {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#answered(JSON.parse(String(data)) as Answer));
    socket.addEventListener('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the inspected process has hung up'));
    });
  }

  static async open(url: string): Promise<Session> {
    const socket = new WebSocket(url);
    const session = new Session(socket);
    await once(socket, 'open');
    return session;
  }

  call<Result>(method: string, params: object = {}): Promise<Result> {
    this.#calls += 1;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(this.#calls, waiting);
    this.#socket.send(JSON.stringify({ id: this.#calls, method, params }));
    return waiting.promise as Promise<Result>;
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #answered({ id = 0, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error.message));
  }
}
