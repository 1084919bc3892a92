/** Faults at the operator's edge: its own requests and watches, on a real API server. */
import type { CallAnswer } from '../../../../src/runtime/http/exchange.ts';
import type { CallInfo, Intercept } from '../../../../src/runtime/http/transport.ts';

export type StreamFaults = {
  readonly intercept: Intercept;
  /** Swallows what the watches say. */
  deaf: boolean;
  /** Lets every such watch say this. */
  say(event: object): void;
};

/** Faults of the watches whose path contains `part`. */
export function streamFaults(part: string): StreamFaults {
  const streams = new Set<(chunk: Buffer) => void>();
  const faults: StreamFaults = {
    deaf: false,
    say: event => {
      for (const deliver of streams) deliver(Buffer.from(`${JSON.stringify(event)}\n`));
    },
    intercept: {
      stream: ({ path }, deliver) => {
        if (!path.includes(part)) return deliver;
        const sink = (chunk: Buffer) => {
          if (!faults.deaf) deliver(chunk);
        };
        streams.add(sink);
        return sink;
      },
    },
  };
  return faults;
}

/** Faults of the requests: `fault` says, before each one, what becomes of it. */
export function callFaults(fault: (info: CallInfo, write: number) => 'pass' | 'drop' | 'lose' | CallAnswer): Intercept {
  let writes = 0;
  return {
    call: async (info, send) => {
      if (info.path.includes('/leases') || info.path.includes('/events')) return send();
      if (info.method !== 'GET' && !info.path.includes('dryRun=All')) writes += 1;
      const fate = fault(info, writes);
      if (fate === 'drop') throw new Error('connection refused');
      if (typeof fate === 'object') return fate;
      const answer = await send();
      if (fate === 'lose') throw new Error('connection reset');
      return answer;
    },
  };
}
