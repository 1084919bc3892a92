import type { Entry, Facts, RecordedObject } from './entry.ts';
import { applied } from './facts.ts';

/** What was last recorded of an object that is not recorded as gone. */
export type Standing = {
  readonly object: RecordedObject;
  readonly facts: Facts;
  /** The newest record that tells all of its facts: with it and what follows it, they are known. */
  readonly told: number;
};

/** What a stream says of the objects that live, by UID. */
export type Standings = ReadonlyMap<string, Standing>;

/** Takes a record into account. A stream is its own memory: nothing else remembers what was recorded. */
export function tell(standings: Map<string, Standing>, entry: Entry): void {
  const { object, what, sequence } = entry;
  if (object === undefined) return;
  const after = (entry.after ?? {}) as Facts;
  if (what === 'Gone' || what === 'Moved') standings.delete(object.uid);
  else if (what === 'Appeared' || what === 'Standing')
    standings.set(object.uid, { object, facts: after, told: sequence });
  else if (what === 'Changed') {
    const known = standings.get(object.uid);
    const facts = applied(known?.facts ?? {}, { before: entry.before as Facts | undefined, after });
    standings.set(object.uid, { object, facts, told: known?.told ?? sequence });
  }
}
