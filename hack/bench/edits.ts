/** Somebody who edits one ManagedVM after the other while others are being created, and how long each edit takes to its VirtualMachine. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, isWrite } from '../testbed/client/audit.ts';
import type { Client } from '../testbed/client/client.ts';
import { rootPath } from './workload.ts';

export type Edit = { readonly name: string; readonly sentAt: number; readonly answeredAt: number };

/** Edits the named ones in turn until `signal` aborts: each has another size each time. */
export async function keepEditing(
  client: Client,
  names: readonly string[],
  pauseMs: number,
  signal: AbortSignal,
): Promise<Edit[]> {
  const edits: Edit[] = [];
  for (let cpu = 2; ; cpu = cpu === 2 ? 3 : 2) {
    for (const name of names) {
      if (signal.aborted) return edits;
      const sentAt = Date.now();
      await client.patch('merge', `${rootPath}/${name}`, { spec: { sizing: { cpu } } });
      edits.push({ name, sentAt, answeredAt: Date.now() });
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** Milliseconds from the answer to each edit to that to the write of its VirtualMachine; edits that reached none are missing. */
export function latenciesOf(edits: readonly Edit[], calls: readonly Call[]): number[] {
  const writes = Map.groupBy(
    calls.filter(call => isWrite(call) && call.objectRef?.resource === 'virtualmachines'),
    ({ objectRef }) => objectRef?.name ?? '',
  );
  return edits.flatMap(({ name, sentAt, answeredAt }) => {
    const times = (writes.get(name) ?? []).map(({ stageTimestamp }) => Date.parse(stageTimestamp));
    const reached = times.filter(time => time >= sentAt);
    return reached.length === 0 ? [] : [Math.max(0, Math.min(...reached) - answeredAt)];
  });
}
