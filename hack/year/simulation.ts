/** Simulated time: what is to happen happens in its order, at once, and nothing waits. Of two things of one instant the one that was asked for first comes first. */
type Due = { readonly at: number; readonly order: number; readonly act: () => void };

export class Simulation {
  #now: number;
  #order = 0;
  /** A heap: the next one first. */
  readonly #due: Due[] = [];
  /** How many things have happened. */
  happened = 0;

  constructor(begins: Date) {
    this.#now = begins.getTime();
  }

  get now(): Date {
    return new Date(this.#now);
  }

  /** Asks for something at an instant; what has passed by then is done next. Whole seconds, as Steward writes them. */
  at(when: Date | number, act: () => void): void {
    const at = Math.max(this.#now, Math.ceil(Number(when) / 1000) * 1000);
    this.#order += 1;
    this.#due.push({ at, order: this.#order, act });
    this.#rise(this.#due.length - 1);
  }

  in(seconds: number, act: () => void): void {
    this.at(this.#now + seconds * 1000, act);
  }

  /** Lets everything happen until an instant. */
  run(until: Date): void {
    for (let next = this.#due[0]; next !== undefined && next.at <= until.getTime(); next = this.#due[0]) {
      this.#take();
      this.#now = next.at;
      this.happened += 1;
      next.act();
    }
    this.#now = Math.max(this.#now, until.getTime());
  }

  #take(): void {
    const last = this.#due.pop();
    if (last === undefined || this.#due.length === 0) return;
    this.#due[0] = last;
    this.#sink(0);
  }

  #isBefore(a: number, b: number): boolean {
    const [left, right] = [this.#due[a], this.#due[b]];
    if (left === undefined || right === undefined) return left !== undefined;
    return left.at < right.at || (left.at === right.at && left.order < right.order);
  }

  #swap(a: number, b: number): void {
    const [left, right] = [this.#due[a], this.#due[b]];
    if (left === undefined || right === undefined) return;
    [this.#due[a], this.#due[b]] = [right, left];
  }

  #rise(from: number): void {
    for (let place = from; place > 0; ) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    for (let place = from; ; ) {
      const [left, right] = [2 * place + 1, 2 * place + 2];
      const child = this.#isBefore(right, left) ? right : left;
      if (child >= this.#due.length || !this.#isBefore(child, place)) return;
      this.#swap(place, child);
      place = child;
    }
  }
}
