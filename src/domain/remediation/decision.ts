/** What is done now, by whom, or why not. */
import type { ChangeRemedy } from '../../api/remedy.ts';

/** A change to be made. */
export type WantedRemedy = { readonly remedy: ChangeRemedy; readonly number: number; readonly words: string };

export type Decision =
  | { readonly act: 'Remedy'; readonly wanted: WantedRemedy }
  /** The machine can do nothing more. */
  | { readonly act: 'Person'; readonly message: string }
  | {
      readonly act: 'None';
      readonly why:
        | 'Over'
        | 'NotProven'
        | 'NotIncluded'
        | 'PersonAtWork'
        | 'Gone'
        | 'Queued'
        | 'UnderWay'
        | 'Guarded'
        | 'Waiting'
        | 'Cooldown';
      readonly message: string;
      /** When the answer may be another by the clock alone. */
      readonly nextEdge?: Date;
    };

export const none = (why: Extract<Decision, { act: 'None' }>['why'], message: string, nextEdge?: Date): Decision => ({
  ...{ act: 'None', why, message },
  ...(nextEdge && { nextEdge }),
});

export const person = (message: string): Decision => ({ act: 'Person', message });
