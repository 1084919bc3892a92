/** The steps that policies name around an install, and that no service stays stopped by them (MO-4). */
import type { FinalPhase, PatchRunSpec } from '../../api/patchrun.ts';
import { lastOf, type Run, sentence } from './attempts.ts';

/** Phases that say that nothing is wrong in the guest. */
const WELL: readonly FinalPhase[] = ['Succeeded', 'SucceededRebootPending', 'NothingToDo', 'WindowExceeded', 'Skipped'];

/** Why the steps cannot be taken in such a guest, in a sentence; undefined: they can, or there are none. */
export function whyNotAround({ terms, packageManager }: PatchRunSpec): string | undefined {
  const named = (terms.before ?? []).length + (terms.after ?? []).length;
  if (named === 0 || packageManager !== 'WindowsUpdate') return undefined;
  return `The policy names ${named} steps around the install, which are units of systemd: a Windows guest has none.`;
}

/** What was to be stopped, the last first; without what did not run before, or was not come to. */
export function toStartAgain(run: Run): readonly string[] {
  const parts = lastOf(run, 'before')?.parts ?? [];
  const stopped = (run.spec.terms.before ?? []).flatMap(({ stopService }, index) => {
    const verdict = parts[index]?.verdict;
    return stopService === undefined || verdict === 'Unneeded' || verdict === 'NotTried' ? [] : [stopService.name];
  });
  return [...new Set(stopped.toReversed())];
}

/** Services that may be stopped by this run and were not started again. Going back to a snapshot boots the guest, which starts them as any boot does. */
export function mayBeStopped(run: Run): readonly string[] {
  const before = lastOf(run, 'before');
  const again = lastOf(run, 'startagain')?.verdict;
  const isOver = before === undefined || before.verdict === 'Withdrawn' || again === 'Passed' || again === 'Failed';
  return isOver || lastOf(run, 'rollback')?.verdict === 'Passed' ? [] : toStartAgain(run);
}

/** What is wrong with services that the run has stopped, in a sentence; undefined: nothing. */
function stoppedWords(run: Run): string | undefined {
  const stopped = mayBeStopped(run);
  if (stopped.length > 0) return `Whether ${stopped.join(', ')} runs again after it was stopped is not known.`;
  const again = lastOf(run, 'startagain');
  if (again?.verdict !== 'Failed' || lastOf(run, 'rollback')?.verdict === 'Passed') return undefined;
  return `What was stopped does not run as before: ${sentence(again.detail ?? 'it was not started again')}`;
}

/** The verdict with what it leaves stopped: a guest that is without a service is not well. */
export function withServices<Ending extends { readonly phase: FinalPhase; readonly message: string }>(
  run: Run,
  { phase, message }: Ending,
): { readonly phase: FinalPhase; readonly message: string } {
  const words = stoppedWords(run);
  if (words === undefined) return { phase, message };
  return { phase: WELL.includes(phase) ? 'Failed' : phase, message: `${message} ${words}` };
}

/** What is wrong with the steps after the install, in a sentence; undefined: they have passed, or there are none. */
export function wrongAfter(run: Run): string | undefined {
  if ((run.spec.terms.after ?? []).length === 0) return undefined;
  const after = lastOf(run, 'after');
  switch (after?.verdict) {
    case 'Passed':
      return undefined;
    case 'Failed':
      return `A step after it did not pass: ${sentence(after.detail ?? 'it failed')}`;
    case 'CutOff':
    case 'Unknown':
    case 'NotUnderstood':
      return `What came of the steps after it is not known (${after.verdict}).`;
    default:
      return after !== undefined && after.verdict === undefined
        ? `What came of the steps after it, begun at ${after.began}, is not known.`
        : `The steps after it were not taken: the window had closed at ${run.spec.occurrence.end}.`;
  }
}
