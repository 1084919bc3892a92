/** Which records of a stream belong to a day, and whether all of them are there: pure. */
import type { RecordPageSpec } from '../../api/recordpage.ts';
import { Broken, linked } from '../record/chain.ts';
import type { Entry, Head } from '../record/entry.ts';
import { NOTHING_BEFORE } from './hash.ts';
import type { Range } from './history.ts';

export type RecordsOfDay = {
  readonly entries: readonly Entry[];
  readonly range: Range & { readonly head: string };
  /** Whether something was recorded after the day: then all of it is. */
  readonly isWhole: boolean;
  /** What is missing, in sentences. */
  readonly missing: readonly string[];
};

/**
 * The records that follow `after`, up to the first that was written after the day. By their order and not by their time alone: one that is written late, or
 * by a clock that was set back, belongs to the day that is open then, and each to exactly one.
 */
export function recordsOfDay(pages: readonly RecordPageSpec[], after: number, to: Date): RecordsOfDay {
  const { entries, broken } = read(pages);
  const follows = entries.filter(({ sequence }) => sequence > after);
  const end = follows.findIndex(({ at }) => Date.parse(at) >= to.getTime());
  const inDay = end === -1 ? follows : follows.slice(0, end);
  const last = inDay.at(-1);
  const head = last ?? entries.findLast(({ sequence }) => sequence <= after);
  const [first] = follows;
  const lost =
    first !== undefined && first.sequence > after + 1
      ? [`Records ${after + 1} to ${first.sequence - 1} have left the cluster before the day was closed.`]
      : [];
  return {
    entries,
    range: { first: after + 1, last: last?.sequence ?? after, head: head?.hash ?? NOTHING_BEFORE },
    isWhole: end !== -1 && broken === undefined,
    missing: [...lost, ...(broken === undefined ? [] : [`The stream of records cannot be followed: ${broken}.`])],
  };
}

/** What a contract's first day follows: the last record before the day begins. */
export function lastBefore(pages: readonly RecordPageSpec[], from: Date): number {
  const { entries } = read(pages);
  const first = entries.findIndex(({ at }) => Date.parse(at) >= from.getTime());
  if (first === -1) return entries.at(-1)?.sequence ?? 0;
  return (entries[first]?.sequence ?? 1) - 1;
}

/** As far as they follow one another. */
function read(pages: readonly RecordPageSpec[]): { readonly entries: readonly Entry[]; readonly broken?: string } {
  const entries: Entry[] = [];
  let head: Head | undefined;
  try {
    for (const { stream, entries: lines } of pages.toSorted((a, b) => a.number - b.number))
      for (const line of lines) {
        const entry = linked(head, line);
        entries.push(entry);
        head = { stream, sequence: entry.sequence, hash: entry.hash };
      }
  } catch (error) {
    if (error instanceof Broken) return { entries, broken: error.message };
    throw error;
  }
  return { entries };
}
