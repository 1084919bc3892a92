/** Looks at Steward's objects as a person with kubectl would, and says what has changed. */

import { nameOf, type Sample, unkept } from '../steward/promises.ts';
import { run } from '../testbed/process/command.ts';
import type { TestBed } from '../testbed/testbed.ts';
import type { Interruption } from './interruption.ts';

export type Observer = {
  /** Standard output of kubectl as administrator. `input` goes to its standard input as JSON. */
  kubectl(args: readonly string[], input?: object): Promise<string>;
  /** Looks once; says each condition that is new or changed since the last look. */
  look(): Promise<readonly Sample[]>;
  /** Looks until every promise is kept; at the limit, or when interrupted, returns one sentence per broken one. */
  untilKept(limitSeconds: number): Promise<readonly string[]>;
  /** Looks until interrupted. */
  untilInterrupted(): Promise<void>;
};

export type ObserverOptions = {
  readonly bed: Pick<TestBed, 'binaries' | 'adminKubeconfig'>;
  /** Kinds as kubectl takes them, e.g. `managedvms,backuppolicies`. */
  readonly kinds: string;
  /** Types of conditions that are worth a line. Default all. */
  readonly conditions?: readonly string[];
  /** Milliseconds between two looks. Default 1000. */
  readonly everyMs?: number;
  readonly interruption: Interruption;
  readonly say: (line: string) => void;
};

export function newObserver(options: ObserverOptions): Observer {
  const { bed, kinds, conditions, everyMs = 1000, interruption, say } = options;
  const seen = new Map<string, string>();
  const kubectl = (args: readonly string[], input?: object) =>
    run(bed.binaries.kubectl, args, {
      env: { ...process.env, KUBECONFIG: bed.adminKubeconfig },
      ...(input !== undefined && { input: JSON.stringify(input) }),
    });
  const sayChanges = (sample: Sample) => {
    for (const { type, status, reason, message } of sample.status?.conditions ?? []) {
      const [key, value] = [`${nameOf(sample)} ${type}`, `${status}/${reason}`];
      if (conditions?.includes(type) === false || seen.get(key) === value) continue;
      seen.set(key, value);
      say(`${key} = ${value}: ${message}`);
    }
  };
  const look = async () => {
    const list: { items: Sample[] } = JSON.parse(await kubectl(['get', kinds, '-A', '-o', 'json']));
    for (const sample of list.items) sayChanges(sample);
    return list.items;
  };
  return {
    kubectl,
    look,
    async untilKept(limitSeconds) {
      const deadline = performance.now() + limitSeconds * 1000;
      for (;;) {
        const samples = await look();
        const broken = samples.length === 0 ? ['there is no object to look at'] : samples.flatMap(unkept);
        if (broken.length === 0 || performance.now() > deadline || interruption.signal.aborted) return broken;
        await interruption.pause(everyMs);
      }
    },
    async untilInterrupted() {
      while (!interruption.signal.aborted) {
        await look();
        await interruption.pause(everyMs);
      }
    },
  };
}
