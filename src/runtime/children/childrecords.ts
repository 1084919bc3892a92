import type { KubeObject } from '../api/object.ts';

/** What this process knows of one child from what it wrote or read itself. */
export type ChildRecord = {
  readonly uid: string;
  readonly resourceVersion: string;
  /** Of the desired object that was applied last; undefined: the live object is not ours. */
  readonly hash: string | undefined;
  /** How the server's copy differs from what was applied: values that it normalises. */
  readonly normalised: string;
  /** The object itself, where its content is needed again and no watch keeps it. */
  readonly object?: KubeObject;
};

/**
 * What the cache cannot show of children: those of kinds that are not watched, values that the server rewrites, and
 * names that belong to someone else. Kept per owner, forgotten with it.
 */
export class ChildRecords {
  readonly #owners = new Map<string, Map<string, ChildRecord>>();
  readonly #ownerOf = new Map<string, string>();
  readonly #fromTheStart = new Set<string>();

  /**
   * The owner is new, so that what is not remembered of it most likely does not exist: it is created without being looked for, which the
   * API server refuses where there is such a child after all.
   */
  begin(ownerUid: string): void {
    this.#fromTheStart.add(ownerUid);
  }

  /** Whether the owner is known since before its first child. */
  knowsFromTheStart(ownerUid: string): boolean {
    return this.#fromTheStart.has(ownerUid);
  }

  get(ownerUid: string, child: string): ChildRecord | undefined {
    return this.#owners.get(ownerUid)?.get(child);
  }

  /** UID of the owner for which a child was last written. */
  ownerOf(child: string): string | undefined {
    return this.#ownerOf.get(child);
  }

  set(ownerUid: string, child: string, record: ChildRecord): void {
    if (record.hash !== undefined) this.#ownerOf.set(child, ownerUid);
    const known = this.#owners.get(ownerUid);
    if (known === undefined) this.#owners.set(ownerUid, new Map([[child, record]]));
    else known.set(child, record);
  }

  delete(ownerUid: string, child: string): void {
    const known = this.#owners.get(ownerUid);
    if (known?.delete(child) === true && known.size === 0) this.#owners.delete(ownerUid);
    this.#disown(ownerUid, child);
  }

  of(ownerUid: string): ReadonlyMap<string, ChildRecord> {
    return this.#owners.get(ownerUid) ?? new Map();
  }

  deleteOwner(ownerUid: string): void {
    for (const child of this.of(ownerUid).keys()) this.#disown(ownerUid, child);
    this.#owners.delete(ownerUid);
    this.#fromTheStart.delete(ownerUid);
  }

  #disown(ownerUid: string, child: string): void {
    if (this.#ownerOf.get(child) === ownerUid) this.#ownerOf.delete(child);
  }
}
