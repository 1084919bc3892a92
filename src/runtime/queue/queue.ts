import type { Clock } from '../api/clock.ts';
import { Heap } from './heap.ts';
import { PRIORITY } from './priority.ts';
import { TokenBucket } from './tokenbucket.ts';

export type QueueObserver = {
  added(): void;
  retried(): void;
  taken(waitedMs: number): void;
  done(workedMs: number): void;
};

export type Taken = { readonly key: string; readonly priority: number };

type Item = {
  readonly key: string;
  priority: number;
  /** Monotonic ms; the item may be taken from then on. */
  readyAt: number;
  /** Monotonic ms; from then on it waits for its turn among all retries. */
  retryAt: number;
  /** Order among equals. */
  order: number;
  /** Grows whenever the item moves, so that what an older heap entry says is known to be void. */
  move: number;
  addedAt: number;
};
type Entry = {
  readonly item: Item;
  readonly move: number;
  readonly at: number;
  readonly priority: number;
  readonly order: number;
  /** Of a retry, which waits for its turn when its time has come. */
  readonly inTurn: boolean;
};
type When = { readonly readyAt?: number; readonly retryAt?: number };

type Taker = { readonly least: number; readonly give: (taken: Taken | undefined) => void };

/** A reason of its own spares an error with its stack for each. */
const REPLACED = 'replaced by an earlier one';
const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 1_000_000;
/** Retries of all keys together: 10 a second after a burst of 100, by priority. What somebody has just edited needs no turn. */
const RETRIES_PER_SECOND = 10;
const RETRY_BURST = 100;
/** Void entries that a heap may hold, besides as many as there are keys, before they are swept out. */
const VOID_ENTRIES = 64;

/**
 * Keys that want work, in controller-runtime's terms: a key is in it once however often it is added; one that is
 * being worked on is handed out again only after done(); higher priorities first, then the order of adding.
 */
export class KeyQueue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #items = new Map<string, Item>();
  readonly #processing = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  readonly #ready = new Heap<Entry>(comesFirst);
  readonly #waiting = new Heap<Entry>((a, b) => a.at < b.at);
  /** Retries that are due. */
  readonly #inTurn = new Heap<Entry>(comesFirst);
  readonly #turns: TokenBucket;
  #takers: Taker[] = [];
  #order = 0;
  #alarm: { readonly at: number; readonly cancel: AbortController } | undefined;
  #closed = false;

  constructor(clock: Clock, observer?: QueueObserver) {
    this.#clock = clock;
    this.#observer = observer;
    this.#turns = new TokenBucket(clock, RETRIES_PER_SECOND, RETRY_BURST);
  }

  /** Keys that could be taken now, those being worked on not counted. */
  get depth(): number {
    const now = this.#clock.monotonic();
    let depth = 0;
    for (const item of this.#items.values()) if (item.readyAt <= now) depth += 1;
    return depth;
  }

  get size(): number {
    return this.#items.size;
  }

  /** Entries that its heaps hold, void ones included. */
  get entries(): number {
    return this.#ready.size + this.#waiting.size + this.#inTurn.size;
  }

  /** Milliseconds that each key in work has been worked on. */
  working(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#processing.values()].map(since => now - since);
  }

  add(key: string, priority = 0): void {
    // What has just been edited is another order: how often the former one failed says nothing about it.
    if (priority >= PRIORITY.edited) this.forget(key);
    this.#put(key, { readyAt: this.#clock.monotonic() }, priority);
  }

  /** The earliest of several times counts; an add() meanwhile makes it now. */
  addAfter(key: string, ms: number, priority = 0): void {
    const now = this.#clock.monotonic();
    // What is no number must mean neither at once nor never.
    const delay = Number.isNaN(ms) ? LONGEST_RETRY_MS : ms;
    this.#put(key, { readyAt: delay <= 0 ? now : now + delay }, priority);
  }

  /** After a failure: 5 ms, doubled with each one up to 1000 s, but at least `atLeastMs`; and then in turn, unless somebody has just edited it. */
  addRateLimited(key: string, priority = 0, atLeastMs = 0): void {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delay = Math.min(FIRST_RETRY_MS * 2 ** failures, LONGEST_RETRY_MS);
    this.#observer?.retried();
    const at = this.#clock.monotonic() + Math.max(delay, atLeastMs);
    this.#put(key, priority >= PRIORITY.edited ? { readyAt: at } : { retryAt: at }, priority);
  }

  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  /** The key succeeded: its next failure is a first one again. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key of that priority or a higher one, when there is one; undefined once the queue is closed. */
  take(least = Number.NEGATIVE_INFINITY): Promise<Taken | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const item = this.#next(least);
    if (item !== undefined) return Promise.resolve(this.#hand(item));
    return new Promise(give => {
      this.#takers.push({ least, give });
    });
  }

  /** Work on the key has ended; if it was added meanwhile it is up again. */
  done(key: string): void {
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    this.#observer?.done(this.#clock.monotonic() - since);
    const item = this.#items.get(key);
    if (item === undefined) return;
    this.#file(item);
    this.#serve();
  }

  /** Nothing is handed out any more; waiting takers get undefined. */
  close(): void {
    this.#closed = true;
    this.#alarm?.cancel.abort();
    const takers = this.#takers;
    this.#takers = [];
    for (const { give } of takers) give(undefined);
  }

  #put(
    key: string,
    { readyAt = Number.POSITIVE_INFINITY, retryAt = Number.POSITIVE_INFINITY }: When,
    priority: number,
  ): void {
    if (this.#closed) return;
    const now = this.#clock.monotonic();
    const known = this.#items.get(key);
    if (known !== undefined && known.priority >= priority && isNoLater(known, readyAt, retryAt)) return;
    const item = known ?? { key, priority, readyAt, retryAt, order: this.#order++, move: 0, addedAt: now };
    if (known === undefined) {
      this.#items.set(key, item);
      this.#observer?.added();
    } else {
      item.priority = Math.max(known.priority, priority);
      item.readyAt = Math.min(known.readyAt, readyAt);
      item.retryAt = Math.min(known.retryAt, retryAt);
    }
    if (this.#processing.has(key)) return;
    this.#file(item);
    this.#serve();
  }

  /** Into the heaps where it belongs; what an earlier entry says of it becomes void. */
  #file(item: Item): void {
    item.move += 1;
    const { move, readyAt, retryAt, priority, order } = item;
    const common = { item, move, priority, order };
    if (readyAt <= this.#clock.monotonic()) this.#enter(this.#ready, { ...common, at: readyAt, inTurn: false });
    else {
      if (readyAt < Number.POSITIVE_INFINITY) this.#enter(this.#waiting, { ...common, at: readyAt, inTurn: false });
      if (retryAt < readyAt) this.#enter(this.#waiting, { ...common, at: retryAt, inTurn: true });
    }
  }

  #enter(heap: Heap<Entry>, entry: Entry): void {
    heap.push(entry);
    // An object that is looked at often, and whose next edge is far away, would leave an entry behind each time.
    if (heap.size > 2 * this.#items.size + VOID_ENTRIES) heap.retain(other => this.#valid(other));
  }

  #serve(): void {
    this.#wakeDue();
    for (const taker of [...this.#takers]) {
      const item = this.#next(taker.least);
      if (item === undefined) continue;
      this.#takers.splice(this.#takers.indexOf(taker), 1);
      taker.give(this.#hand(item));
    }
    this.#setAlarm();
  }

  #next(least: number): Item | undefined {
    this.#wakeDue();
    for (let entry = this.#ready.peek(); entry !== undefined; entry = this.#ready.peek()) {
      const valid = this.#valid(entry);
      if (valid && entry.priority < least) return undefined;
      this.#ready.pop();
      if (valid) return entry.item;
    }
    return undefined;
  }

  #valid({ item, move }: Entry): boolean {
    return item.move === move && this.#items.get(item.key) === item;
  }

  #hand(item: Item): Taken {
    const now = this.#clock.monotonic();
    this.#items.delete(item.key);
    this.#processing.set(item.key, now);
    this.#observer?.taken(now - Math.max(item.addedAt, item.readyAt));
    return { key: item.key, priority: item.priority };
  }

  #wakeDue(): void {
    const now = this.#clock.monotonic();
    for (let first = this.#waiting.peek(); first !== undefined; first = this.#waiting.peek()) {
      const valid = this.#valid(first);
      if (valid && first.at > now) break;
      this.#waiting.pop();
      if (valid) this.#enter(first.inTurn ? this.#inTurn : this.#ready, first);
    }
    this.#giveTurns(now);
  }

  /** To the first of those retries that are due, as many as there are turns. */
  #giveTurns(now: number): void {
    for (let first = this.#inTurn.peek(); first !== undefined; first = this.#inTurn.peek()) {
      const valid = this.#valid(first);
      if (valid && !this.#turns.take()) return;
      this.#inTurn.pop();
      if (!valid) continue;
      first.item.readyAt = now;
      this.#ready.push(first);
    }
  }

  /** One timer, for the earliest key that waits, or the next turn of a retry. */
  #setAlarm(): void {
    const turn = this.#inTurn.size > 0 ? this.#turns.nextAt() : Number.POSITIVE_INFINITY;
    const at = Math.min(this.#waiting.peek()?.at ?? Number.POSITIVE_INFINITY, turn);
    if (at === Number.POSITIVE_INFINITY || this.#closed) return;
    if (this.#alarm !== undefined && this.#alarm.at <= at) return;
    this.#alarm?.cancel.abort(REPLACED);
    const alarm = { at, cancel: new AbortController() };
    this.#alarm = alarm;
    void this.#clock.sleep(at - this.#clock.monotonic(), alarm.cancel.signal).then(() => {
      if (alarm.cancel.signal.aborted) return;
      this.#alarm = undefined;
      this.#serve();
    });
  }
}

function comesFirst(a: Entry, b: Entry): boolean {
  return a.priority > b.priority || (a.priority === b.priority && a.order < b.order);
}

/** Nothing is gained by these times for an item that waits already. */
function isNoLater(known: Item, readyAt: number, retryAt: number): boolean {
  return known.readyAt <= readyAt && Math.min(known.readyAt, known.retryAt) <= retryAt;
}
