import type { BackupFound } from '../../domain/guest/backupfound.ts';
import { MOST_KEPT } from './dataretire.ts';

/** More are never kept. */
export const MOST_DUMPS = 14;
/** Seconds. Later than the year 5138 is no time, and not what a clock says. */
const END_OF_TIME = 1e11;

/** Reads bounded words of the guest's; undefined for what is none. */
type Decode = (word: string) => string | undefined;

/**
 * What is told of one application's dumps and proofs, a line for each record, of which the words after its name come here. Undefined where any of
 * it is not what the script says.
 */
export function readBackup(lines: readonly (readonly string[])[], decoded: Decode): BackupFound | undefined {
  const names = lines.map(([name]) => name);
  if (new Set(names).size < names.length) return undefined;
  const parts = lines.map(([name, ...words]) => readRecord(name, words, decoded));
  return parts.every(part => part !== undefined) ? Object.assign({}, ...parts) : undefined;
}

function readRecord(name: string | undefined, words: readonly string[], decoded: Decode): BackupFound | undefined {
  switch (name) {
    case 'dumps': {
      const at = words.length <= MOST_DUMPS ? numbers(words, words.length) : undefined;
      return at?.every(seconds => seconds < END_OF_TIME)
        ? { dumps: at.map(seconds => new Date(seconds * 1000)) }
        : undefined;
    }
    case 'kept':
      return readKept(words);
    case 'last': {
      const [at, bytes, tookSeconds, databases, tables, rows] = numbers(words, 6) ?? [];
      if (at === undefined || bytes === undefined || tookSeconds === undefined) return undefined;
      if (databases === undefined || tables === undefined || rows === undefined) return undefined;
      return withInstant(at, time => ({ last: { at: time, bytes, tookSeconds, databases, tables, rows } }));
    }
    case 'failed': {
      const [at] = numbers(words.slice(0, 1), 1) ?? [];
      const what = decoded(words[1] ?? '');
      if (at === undefined || !what || words.length > 2) return undefined;
      return withInstant(at, time => ({ failed: { at: time, what } }));
    }
    case 'proven': {
      const [at, of, tookSeconds, tables, rows] = numbers(words, 5) ?? [];
      if (at === undefined || of === undefined || tookSeconds === undefined) return undefined;
      if (tables === undefined || rows === undefined) return undefined;
      return withInstant(at, time =>
        withInstant(of, dump => ({ proven: { at: time, of: dump, tookSeconds, tables, rows } })),
      );
    }
    case 'unproven': {
      const [at, of] = numbers(words.slice(0, 2), 2) ?? [];
      const [, , how, encoded = '', ...more] = words;
      const what = decoded(encoded);
      if (at === undefined || of === undefined || !what || more.length > 0) return undefined;
      if (how !== 'differs' && how !== 'failed') return undefined;
      return withInstant(at, time =>
        withInstant(of, dump => ({ unproven: { at: time, of: dump, differs: how === 'differs', what } })),
      );
    }
    default:
      return undefined;
  }
}

/** Of each restore its uid, since when its data of before are kept, and how many bytes. */
function readKept(words: readonly string[]): BackupFound | undefined {
  if (words.length > MOST_KEPT * 3) return undefined;
  const kept = [];
  for (let first = 0; first < words.length; first += 3) {
    const [restore = '', ...rest] = words.slice(first, first + 3);
    const [at, bytes] = numbers(rest, 2) ?? [];
    if (!/^[0-9a-f-]{1,64}$/.test(restore) || at === undefined || bytes === undefined) return undefined;
    if (at >= END_OF_TIME) return undefined;
    kept.push({ restore, at: new Date(at * 1000), bytes });
  }
  return { kept };
}

/** Exactly so many whole numbers that are exact; undefined otherwise. */
function numbers(words: readonly string[], count: number): readonly number[] | undefined {
  return words.length === count && words.every(word => /^\d{1,15}$/.test(word)) ? words.map(Number) : undefined;
}

function withInstant(seconds: number, then: (instant: Date) => BackupFound | undefined): BackupFound | undefined {
  return seconds < END_OF_TIME ? then(new Date(seconds * 1000)) : undefined;
}
