/**
 * What bills are made from: records, never living objects. Of each object that bears on a bill the states that were recorded are kept, with the stream in
 * which it stood, so that a month can be computed at any time, by anybody who has the records (GE-1).
 */

/** A record, as far as it is looked at. */
export type RecordedEntry = {
  readonly stream: string;
  readonly sequence: number;
  /** When it was recorded, RFC 3339. */
  readonly at: string;
  readonly what: string;
  readonly object?:
    | { readonly kind: string; readonly namespace?: string | undefined; readonly name: string; readonly uid: string }
    | undefined;
  readonly before?: Facts | undefined;
  readonly after?: Facts | undefined;
};

export type Facts = { readonly [name: string]: unknown };
export type RecordedAs = NonNullable<RecordedEntry['object']>;

/** How an object was from an instant on. */
export type State = { readonly at: number; readonly sequence: number; readonly facts: Facts };

/** The time that an object stood in one stream. */
export type Stay = {
  readonly object: RecordedAs;
  readonly stream: string;
  /** In their order; never empty. */
  readonly states: readonly State[];
  /** When it was gone, or moved; undefined: it stands. */
  readonly until?: number | undefined;
};

/** Which facts of a kind bear on a bill: names, or what they begin with. */
const BILLED: ReadonlyMap<string, readonly string[]> = new Map([
  ['Contract', ['spec.', 'status.plans']],
  ['ServicePlan', ['spec.', 'status.revision']],
  ['ManagedVM', ['spec.serviceLevel', 'spec.powerState', 'condition.Provisioned', 'status.endOfLife.ceased']],
  [
    'ManagedApplication',
    [
      ...['spec.serviceLevel', 'spec.product', 'spec.managedVMs', 'condition.Provisioned'],
      ...['status.licence', 'status.endOfLife.ceased'],
    ],
  ],
  ['ServiceRequest', ['spec.service', 'spec.target', 'condition.Done', 'status.change', 'status.effort']],
  ['ChangeRequest', ['spec.target', 'spec.result', 'condition.Done']],
  ['Incident', ['spec.subject', 'spec.rating', 'spec.handling.resolution', 'status.phase']],
]);

type Building = { object: RecordedAs; stream: string; states: State[]; facts: Facts; until?: number };

/** Takes the records of all streams, each stream in its order, and the streams in any. */
export class History {
  readonly #stays: Building[] = [];
  /** By stream and UID: what stands there. */
  readonly #open = new Map<string, Building>();
  /** The newest record of each stream. */
  readonly #newest = new Map<string, number>();
  /** By kind, as asked for since the last record was taken. */
  readonly #sorted = new Map<string, readonly Stay[]>();

  take(entry: RecordedEntry): void {
    const at = Date.parse(entry.at);
    this.#newest.set(entry.stream, Math.max(at, this.#newest.get(entry.stream) ?? at));
    this.#sorted.clear();
    const { object, what } = entry;
    const names = object && BILLED.get(object.kind);
    if (object === undefined || names === undefined) return;
    const key = `${entry.stream} ${object.uid}`;
    const standing = this.#open.get(key);
    if (what === 'Gone' || what === 'Moved') {
      if (standing !== undefined) standing.until = at;
      this.#open.delete(key);
      return;
    }
    const facts = after(standing?.facts ?? {}, entry, names);
    if (standing === undefined) {
      const begun = { object, stream: entry.stream, facts, states: [{ at, sequence: entry.sequence, facts }] };
      this.#open.set(key, begun);
      this.#stays.push(begun);
    } else if (!isSame(standing.facts, facts)) {
      standing.facts = facts;
      standing.states.push({ at, sequence: entry.sequence, facts });
    }
  }

  /** When something was recorded last in any stream, in milliseconds; undefined: nothing was. */
  get recordedUntil(): number | undefined {
    const all = [...this.#newest.values()];
    return all.length === 0 ? undefined : Math.max(...all);
  }

  /** Of a kind, in the order in which they began. What another stream tells of later has moved there then, also where that was not recorded any more. */
  staysOf(kind: string): readonly Stay[] {
    const known = this.#sorted.get(kind) ?? this.#sort(kind);
    this.#sorted.set(kind, known);
    return known;
  }

  #sort(kind: string): readonly Stay[] {
    const own = this.#stays.filter(({ object }) => object.kind === kind).toSorted((a, b) => beginOf(a) - beginOf(b));
    const byUid = Map.groupBy(own, ({ object }) => object.uid);
    return own.map(stay => {
      const next = byUid.get(stay.object.uid)?.find(other => beginOf(other) > beginOf(stay));
      const ends = [stay.until, next && beginOf(next)].filter(end => end !== undefined);
      const { object, stream, states } = stay;
      return { object, stream, states, ...(ends.length > 0 && { until: Math.min(...ends) }) };
    });
  }
}

/** When an object came to a stream. */
export function beginOf({ states: [first] }: Pick<Stay, 'states'>): number {
  return first?.at ?? 0;
}

/** How it was at an instant, or at first where that is before it came. */
export function stateAt({ states }: Stay, at: number): Facts {
  return (states.findLast(state => state.at <= at) ?? states[0])?.facts ?? {};
}

/** How it was last. */
export function lastState({ states }: Stay): Facts {
  return states.at(-1)?.facts ?? {};
}

/** Facts after a record: all that an appearance tells, or what a change takes away and brings. */
function after(
  facts: Facts,
  { what, before = {}, after: brings = {} }: RecordedEntry,
  names: readonly string[],
): Facts {
  const bears = (name: string) =>
    names.some(each => name === each || name.startsWith(each.endsWith('.') ? each : `${each}.`));
  const kept = what === 'Changed' ? Object.entries(facts).filter(([name]) => !Object.hasOwn(before, name)) : [];
  return Object.fromEntries([...kept, ...Object.entries(brings).filter(([name]) => bears(name))]);
}

function isSame(a: Facts, b: Facts): boolean {
  return JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
}

/** A fact that was told by its hash because it was too long: what it says is not known. */
const HIDDEN = /^sha256:[0-9a-f]{64}$/;

/**
 * A part of a fact, which is told by itself (`spec.result.effort`) or, in records of earlier versions, inside of the whole (`spec.result`). `Hidden`: the
 * whole was told by its hash.
 */
export function part(facts: Facts, name: string): unknown {
  if (Object.hasOwn(facts, name)) return facts[name];
  const point = name.lastIndexOf('.');
  if (point < 0) return undefined;
  const whole = part(facts, name.slice(0, point));
  if (whole === 'Hidden' || (typeof whole === 'string' && HIDDEN.test(whole))) return 'Hidden';
  const key = name.slice(point + 1);
  return typeof whole === 'object' && whole !== null && Object.hasOwn(whole, key) ? (whole as Facts)[key] : undefined;
}

/** The same where it is a text. */
export function textOf(facts: Facts, name: string): string | undefined {
  const found = part(facts, name);
  return typeof found === 'string' ? found : undefined;
}
