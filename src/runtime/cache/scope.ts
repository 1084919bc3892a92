import { type KubeObject, keyOf, keyString } from '../api/object.ts';
import { matchesSelector } from './selector.ts';

/** What the API server is asked for, and what of its answer is held. */
export type Question = { readonly selector: string; readonly holds: (object: KubeObject) => boolean };

/**
 * Which objects of a kind are held: those that the selector matches, and those of ours that somebody's admission policy keeps outside of
 * it by rewriting their labels. The API server cannot be asked for the latter by a selector, so while there are any everything is watched.
 */
export class Scope {
  readonly selector: string;
  readonly #within: (object: KubeObject) => boolean;
  /** Keys of objects that were written by us and came out outside the selector. */
  readonly #strays = new Set<string>();

  /** `within`: what no selector can ask for; of all that comes the rest is dropped. */
  constructor(selector: string, within: (object: KubeObject) => boolean = () => true) {
    this.selector = selector;
    this.#within = within;
  }

  get selective(): boolean {
    return this.#strays.size === 0;
  }

  /** For one list or watch. */
  ask(): Question {
    if (this.selective) return { selector: this.selector, holds: this.#within };
    const isStray = (object: KubeObject) => this.#strays.has(keyString(keyOf(object)));
    return { selector: '', holds: object => (this.#matches(object) && this.#within(object)) || isStray(object) };
  }

  /** Takes an object of ours in, wherever its labels put it; true if it lies outside the selector and was not known to. */
  admit(object: KubeObject): boolean {
    const key = keyString(keyOf(object));
    if (this.#matches(object) || this.#strays.has(key)) return false;
    this.#strays.add(key);
    return true;
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#strays.delete(key);
  }

  #matches({ metadata }: KubeObject): boolean {
    return matchesSelector(this.selector, metadata.labels);
  }
}
