import { shardOf } from '../../domain/contract/shard.ts';
import type { OpenRuns } from './openruns.ts';
import { Patient, type PatientParts } from './patient.ts';
import type { Run } from './store.ts';

/** Between two looks at what the watch has told. Milliseconds. */
const LOOK_MS = 1_000;
/** So long after the last new run it is believed that there are no more. Milliseconds. */
const SETTLED_MS = 60_000;

/** Which runs are this process's. */
export type Share = {
  readonly policyUid: string;
  /** From 0. */
  readonly shard: number;
  readonly shards: number;
  /** Guests that are worked in at once. */
  readonly parallel: number;
  /** Until when it waits for runs to be made. */
  readonly until: Date;
};

export function isIn({ spec }: Run, { shard, shards }: Pick<Share, 'shard' | 'shards'>): boolean {
  return shardOf(spec.managedVM.uid, shards) === shard;
}

/** Its part of what the ring allows; at least one, or nobody would begin. */
function parallelOf({ spec }: Run, { shards }: Share): number {
  return Math.max(1, Math.floor(spec.parallel / shards));
}

/**
 * Follows the runs of a policy that are open, those of earlier windows too, each to its verdict, so many at once. Resolves when all have theirs and
 * no more are to be expected, or `signal` aborts. How many it has followed to their end.
 */
export async function followRuns(
  share: Share,
  parts: PatientParts & { readonly runs: Pick<OpenRuns, 'all' | 'get' | 'wrote'> },
  signal: AbortSignal,
): Promise<number> {
  const { clock, log } = parts;
  const working = new Map<string, Promise<void>>();
  const over = new Set<string>();
  const rings = new Map<string, string>();
  const inRing = ({ spec }: Run) => [...working.keys()].filter(uid => rings.get(uid) === (spec.ring ?? '')).length;
  let newestAt = clock.monotonic();
  while (!signal.aborted) {
    const runs = parts.runs.all;
    for (const run of byAge(runs)) {
      const uid = run.metadata.uid ?? '';
      if (working.size >= share.parallel || working.has(uid) || over.has(uid)) continue;
      if (inRing(run) >= parallelOf(run, share)) continue;
      newestAt = clock.monotonic();
      rings.set(uid, run.spec.ring ?? '');
      working.set(
        uid,
        followed(run, parts, signal).finally(() => over.add(uid) && working.delete(uid)),
      );
    }
    const settled = clock.monotonic() - newestAt >= SETTLED_MS;
    const expected = over.size === 0 && clock.now() < share.until;
    const waiting = runs.some(({ metadata }) => !over.has(metadata.uid ?? ''));
    if (working.size === 0 && !waiting && !expected && settled) break;
    await clock.sleep(LOOK_MS, signal);
  }
  await Promise.all(working.values());
  log.info({ runs: over.size }, 'no run is open');
  return over.size;
}

/** What goes wrong with one run stops no other: whoever comes next goes on with it. */
async function followed(run: Run, parts: PatientParts, signal: AbortSignal): Promise<void> {
  const { name, namespace } = run.metadata;
  await new Patient(run, parts).follow(signal).catch((error: unknown) => {
    parts.log.error({ run: name, namespace, err: error }, 'run left');
  });
}

/** Those of earlier windows first: they are only to be observed, or over. */
function byAge(runs: readonly Run[]): readonly Run[] {
  return runs.toSorted((a, b) => (a.spec.occurrence.start < b.spec.occurrence.start ? -1 : 1));
}
