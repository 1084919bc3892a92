import { millisecondsOf } from '../../api/duration.ts';
import { isFinal } from '../../api/patchrun.ts';
import type { Run } from './attempts.ts';
import { givenUpAt, nextOf, type RunAct } from './run.ts';

/** Time for a runner that is late to write the verdict itself. Milliseconds. */
const SLACK_MS = 5 * 60_000;
/** So many runs of a VM are kept, whatever its policy says: etcd is no archive (docs/adr/0154). */
export const KEPT_RUNS = 14;

export type Keeping =
  /** Nobody has followed the run to its end: it gets its verdict. */
  | { readonly act: 'end'; readonly ending: Extract<RunAct, { act: 'end' }> }
  | { readonly act: 'forget' }
  | { readonly act: 'keep'; readonly until: Date };

/** What becomes of a run by time alone (GE-8). `newer`: how many runs of the same VM began later. */
export function keepingOf(run: Run, newer: number, now: Date): Keeping {
  if (!isFinal(run.status?.phase)) {
    const late = new Date(givenUpAt(run.spec).getTime() + SLACK_MS);
    const act = now < late ? undefined : nextOf(run, 'no runner has followed it to its end', now);
    return act?.act === 'end' ? { act: 'end', ending: act } : { act: 'keep', until: late };
  }
  const ended = Date.parse(run.status?.ended ?? run.spec.occurrence.end);
  const until = new Date(ended + millisecondsOf(run.spec.keep));
  return now >= until || newer >= KEPT_RUNS ? { act: 'forget' } : { act: 'keep', until };
}
