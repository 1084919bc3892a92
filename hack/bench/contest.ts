/** Rounds in which every contestant runs once, in an order that moves on each time: what the machine does meanwhile meets all alike. */
import { loadavg } from 'node:os';
import type { Contestant } from './contestants/contestant.ts';
import { measure, type Run, type Setting } from './measure.ts';

export type Listener = {
  readonly say: (line: string) => void;
  /** Given the runs of each round when it has ended. */
  readonly ended: (runs: readonly Run[]) => Promise<void>;
};

/** `inFirstOnly`: names of those who are so slow that one run must do. A contestant whose run fails is left out of the round, and said so. */
export async function contest(
  contestants: readonly Contestant[],
  setting: Setting,
  rounds: number,
  inFirstOnly: readonly string[],
  { say, ended }: Listener,
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const order = contestants.map((_, index) => contestants[(index + round) % contestants.length]);
    const runs: Run[] = [];
    for (const contestant of order) {
      if (contestant === undefined || (round > 0 && inFirstOnly.includes(contestant.name))) continue;
      const what = `round ${round + 1}, ${setting.count} ManagedVMs, ${contestant.name}`;
      try {
        const run = await measure(contestant, setting);
        runs.push(run);
        say(`${what}: ${run.seconds.toFixed(2)} s, ${run.writes} writes, load ${(loadavg()[0] ?? 0).toFixed(1)}`);
      } catch (error) {
        say(`${what}: failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    await ended(runs);
  }
}
