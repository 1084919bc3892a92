import type { ObjectMeta } from '../../runtime/api/object.ts';

/** What was last exported of an object, as text to compare it by, and how it is taken back. */
type Written = { readonly uid: string; readonly text: string; readonly remove: () => void };

/** Series by namespace and name, as they are told apart: those of an object that comes under the name of another take their place. */
export class ExportedSeries {
  readonly #written = new Map<string, Written>();
  /** By UID. */
  readonly #keys = new Map<string, string>();

  /** Exports by `set`, which gives what takes it back, unless the same was exported before: nearly every pass finds it as it was. */
  export({ namespace = '', name, uid = '' }: ObjectMeta, text: string, set: () => () => void): void {
    const key = `${namespace}/${name}`;
    const before = this.#written.get(key);
    if (before?.uid === uid && before.text === text) return;
    before?.remove();
    this.#written.set(key, { uid, text, remove: set() });
    this.#keys.set(uid, key);
  }

  /** Takes back what was exported of the object with this UID. */
  forget(uid: string): void {
    const key = this.#keys.get(uid);
    this.#keys.delete(uid);
    if (key === undefined || this.#written.get(key)?.uid !== uid) return;
    this.#written.get(key)?.remove();
    this.#written.delete(key);
  }
}
