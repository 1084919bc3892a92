/**
 * Which work comes first. A change that a person makes to one object is 0, so that it overtakes everything that comes
 * in bulk; what a restart or a shared object brings is served last.
 */
export const PRIORITY = { edited: 0, child: -10, added: -20, fanOut: -50, initial: -100 } as const;
