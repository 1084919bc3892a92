/** The provider's keys to one guest that there are, whatever of each is looked at: the one in use, the one that comes after it, and those of before, newest first. */
export type ProviderKeys<Key> = {
  readonly present: Key;
  readonly next?: Key | undefined;
  readonly former: readonly Key[];
};

/** Keys that are offered to a guest at most: sshd cuts off after six. */
const MOST_OFFERED = 5;

/**
 * In the order in which they are offered. The next one first: only where it opens the guest it is proved. Former ones last: none but a disk
 * from before a rotation asks for them.
 */
export function inOrderOfTrial<Key>({ present, next, former }: ProviderKeys<Key>): readonly [Key, ...Key[]] {
  const others = former.slice(0, MOST_OFFERED - 2);
  return next === undefined ? [present, ...others] : [next, present, ...others];
}

/**
 * Those that a guest shall have which `opened` has opened. The key by which one came in stays until another has opened the guest: whatever is
 * wrong with the others, nobody is locked out.
 */
export function keysToHave<Key>({ present, next }: ProviderKeys<Key>, opened: Key): readonly Key[] {
  return [...new Set([present, ...(next === undefined ? [] : [next]), opened])];
}
