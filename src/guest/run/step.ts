import { admits, type Fence } from './fence.ts';

/**
 * A declared action in a guest, and what the cluster knows of it. The record decides, not the guest: it is written before the start is sent,
 * so whoever finds it knows that the step may have begun.
 */
export type StepRecord =
  | { readonly phase: 'Claimed'; readonly fence: Fence }
  | { readonly phase: 'Ended'; readonly fence: Fence; readonly verdict: Verdict };

/**
 * How a step ended.
 * `Finished`: it ran to its end, with this exit status. `CutOff`: it began, runs no more and left no result, because the guest went down or its disk
 * was full. `Unknown`: the guest has no memory of it and
 * has booted since, so that it may have run on a disk that was rolled back. Neither of the last two is ever begun again by itself.
 * `Withdrawn`: it had not begun when it was too late for it, and no start of it passes the guest's fence any more.
 */
export type Verdict =
  | { readonly kind: 'Finished'; readonly exitCode: number }
  | { readonly kind: 'CutOff' }
  | { readonly kind: 'Unknown' }
  | { readonly kind: 'Withdrawn' };

/** What the guest says of a step, after it has taken our fence. */
export type Report =
  | { readonly state: 'Never' }
  | { readonly state: 'Running' }
  /** It began, it does not run, and it left no result. */
  | { readonly state: 'Gone' }
  | { readonly state: 'Finished'; readonly exitCode: number };

/** What to do next about a step. */
export type Next =
  /** Write this record first; where that conflicts, look again. */
  | { readonly act: 'claim'; readonly record: StepRecord }
  /** Send the start, for the claim is ours and of this boot. */
  | { readonly act: 'start'; readonly fence: Fence }
  | { readonly act: 'wait' }
  | { readonly act: 'end'; readonly record: StepRecord }
  | { readonly act: 'nothing' };

/**
 * Decides from the record, from the fence under which the worker has just raised the guest's, and from what the guest said after that.
 * At most once: a claim is renewed only where the guest of the same boot says that it never began the step, because a start of the old
 * claim is refused from then on (`admits`). `mayBegin` false: what runs is followed to its end, and what has not begun is withdrawn; by who
 * claimed it himself only under a lease that he takes anew, for a start of his may still be under way.
 */
export function nextOf(record: StepRecord | undefined, mine: Fence, report: Report, mayBegin = true): Next {
  if (record === undefined)
    return mayBegin ? { act: 'claim', record: { phase: 'Claimed', fence: mine } } : { act: 'nothing' };
  if (record.phase === 'Ended') return { act: 'nothing' };
  const ended = (verdict: Verdict): Next => ({ act: 'end', record: { phase: 'Ended', fence: record.fence, verdict } });
  switch (report.state) {
    case 'Finished':
      return ended({ kind: 'Finished', exitCode: report.exitCode });
    case 'Running':
      return { act: 'wait' };
    case 'Gone':
      return ended({ kind: 'CutOff' });
    case 'Never':
      return neverBegun(record.fence, mine, mayBegin, ended);
  }
}

function neverBegun(claimed: Fence, mine: Fence, mayBegin: boolean, ended: (verdict: Verdict) => Next): Next {
  if (claimed.bootId !== mine.bootId) return ended({ kind: 'Unknown' });
  if (!mayBegin) return admits(mine, claimed) ? { act: 'wait' } : ended({ kind: 'Withdrawn' });
  if (claimed.generation === mine.generation) return { act: 'start', fence: mine };
  if (admits(mine, claimed)) return { act: 'wait' };
  return { act: 'claim', record: { phase: 'Claimed', fence: mine } };
}
