/** What happens to a leader that is a process of its own; part of class 8. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Blow, Pair, PairFault } from '../operator/replicas.ts';
import type { FaultRun } from '../run.ts';

/** The operator's own times: a Lease is good for 15 s, and whoever holds it gives up 10 s after the last renewal. */
const RENEW_DEADLINE_MS = 10_000;
/** Longer than the Lease. */
const secondsOf = (run: FaultRun) => (run.quick ? 17 : 30);
/** Far shorter than the deadline, even on a busy machine. */
const SHORT_SECONDS = 3;
/** How long a leader that has lost its Lease may take to end. */
const END_MS = 15_000;
/** How long the API server may take to read what a process had sent before it was killed. */
export const UNREAD_MS = 1_000;
const NEVER = Number.POSITIVE_INFINITY;

/** Writes of a batch are told by what they interrupt: the first ones, the middle, the last. */
export const stoppedLeaders: readonly PairFault[] = [
  { name: 'the leading process is stopped after its first write, and goes on', happens: stopAfter(1) },
  { name: 'the leading process is stopped in the middle, and goes on', happens: stopAfter(25) },
  { name: 'the leading process is stopped before it has seen anything, and goes on', happens: stopAfter(0) },
  { name: 'the leading process is stopped for a moment, and goes on', keeps: true, happens: pause },
  { name: 'the leading process is killed in the middle', happens: kill },
];

function stopAfter(writes: number) {
  return async ({ first, firstWrote }: Pair, run: FaultRun): Promise<Blow> => {
    if (writes > 0) await firstWrote(writes);
    first.kill('SIGSTOP');
    const deadline = Date.now() + RENEW_DEADLINE_MS;
    await sleep(secondsOf(run) * 1000);
    first.kill('SIGCONT');
    const exit = await Promise.race([first.exited, sleep(END_MS)]);
    const failures = exit === undefined ? ['the former leader did not end'] : [];
    return { deadline, failures };
  };
}

async function pause({ first, firstWrote }: Pair): Promise<Blow> {
  await firstWrote(10);
  first.kill('SIGSTOP');
  await sleep(SHORT_SECONDS * 1000);
  first.kill('SIGCONT');
  return { deadline: NEVER, failures: first.alive() ? [] : ['the leader has ended'] };
}

async function kill({ first, firstWrote }: Pair): Promise<Blow> {
  await firstWrote(20);
  first.kill('SIGKILL');
  await first.exited;
  return { deadline: Date.now() + UNREAD_MS, failures: [] };
}
