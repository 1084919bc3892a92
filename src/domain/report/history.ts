/**
 * What became of objects over a stretch of a stream of records. Pages that are old leave the cluster, so an object may be told as a whole only after the
 * stretch: what it was before a change then follows from what the change says.
 */
import type { Entry, Facts, RecordedObject } from '../record/entry.ts';
import { applied } from '../record/facts.ts';

/** A record of an object, and all that is known of it after it; undefined: it is there no more. */
export type Told = { readonly entry: Entry; readonly at: Date; readonly facts: Facts | undefined };

export type History = {
  readonly object: RecordedObject;
  /** What was known before the first record of the stretch; undefined: it was not there. */
  readonly before: Facts | undefined;
  readonly told: readonly Told[];
};

/** Records by their sequence, from `first` to `last`. */
export type Range = { readonly first: number; readonly last: number };

/** Of each object that was there in the range, in the order of first mention. `entries`: all that there are, those after the range too, in their order. */
export function historiesIn(entries: readonly Entry[], { first, last }: Range): History[] {
  const byUid = Map.groupBy(
    entries.filter(({ object }) => object !== undefined),
    ({ object }) => object?.uid ?? '',
  );
  return [...byUid.values()].flatMap(of => {
    const known = factsAfterEach(of);
    const start = of.findIndex(({ sequence }) => sequence >= first);
    const before = start === 0 ? known.before : start === -1 ? known.after.at(-1) : known.after[start - 1];
    const told = of.flatMap((entry, index) =>
      entry.sequence < first || entry.sequence > last
        ? []
        : [{ entry, at: new Date(entry.at), facts: known.after[index] }],
    );
    const object = (told.at(-1)?.entry ?? of.findLast(({ sequence }) => sequence <= last) ?? of[0])?.object;
    if (object === undefined || (before === undefined && told.length === 0)) return [];
    return [{ object: object as RecordedObject, before, told }];
  });
}

/** What is known after each of its records, and before the first. */
function factsAfterEach(of: readonly Entry[]): { before: Facts | undefined; after: (Facts | undefined)[] } {
  const anchor = of.findIndex(({ what }) => what === 'Appeared' || what === 'Standing' || what === 'Gone');
  const after: (Facts | undefined)[] = [];
  let facts: Facts | undefined = {};
  if (anchor !== -1) {
    const whole = of[anchor];
    facts = ((whole?.what === 'Gone' ? whole.before : whole?.after) ?? {}) as Facts;
    for (const entry of of.slice(0, anchor).toReversed()) facts = undone(facts, entry);
  }
  const before = of[0]?.what === 'Appeared' ? undefined : facts;
  facts = before;
  for (const entry of of) {
    facts = next(facts, entry);
    after.push(facts);
  }
  return { before, after };
}

function next(facts: Facts | undefined, { what, before, after }: Entry): Facts | undefined {
  if (what === 'Gone' || what === 'Moved') return undefined;
  if (what === 'Appeared' || what === 'Standing') return (after ?? {}) as Facts;
  return applied(facts ?? {}, { before: before as Facts | undefined, after: after as Facts | undefined });
}

function undone(facts: Facts, { before, after }: Entry): Facts {
  return applied(facts, { before: after as Facts | undefined, after: before as Facts | undefined });
}
