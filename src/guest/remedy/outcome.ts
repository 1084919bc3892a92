import type { DoneRemedy } from '../../api/remedy.ts';
import { excerpt } from '../../domain/contract/excerpt.ts';
import type { Verdict } from '../run/step.ts';

/** What a script of a remedy ends with. Anything else is a failure. */
const EXITS: ReadonlyMap<number, DoneRemedy['outcome']> = new Map([
  [0, 'Done'],
  [10, 'FoundHealthy'],
  [11, 'NotFound'],
  [12, 'Forbidden'],
]);

/** How it went, from how its step ended and what it printed. */
export function outcomeOf(verdict: Verdict, output: string | undefined): Pick<DoneRemedy, 'outcome' | 'says'> {
  switch (verdict.kind) {
    case 'Finished':
      return { outcome: EXITS.get(verdict.exitCode) ?? 'Failed', says: wordsOf(output, verdict.exitCode) };
    case 'CutOff':
      return {
        outcome: 'Unknown',
        says: 'It began in the guest and left no result: the guest went down, or its disk was full.',
      };
    case 'Unknown':
      return { outcome: 'Unknown', says: 'The guest has booted since and does not remember it.' };
    case 'Withdrawn':
      return { outcome: 'NotBegun', says: 'It had not begun when it was too late for it, and never begins.' };
  }
}

/** What the guest says is quoted, bounded, and of one line. */
function wordsOf(output: string | undefined, exitCode: number): string {
  const said = output?.split('\n').findLast(line => line.startsWith('remedy: '));
  return said === undefined
    ? `It ended with ${exitCode} and said nothing.`
    : excerpt(said.slice('remedy: '.length), 256);
}
