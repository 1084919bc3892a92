import type { Guests } from '../support/guests.ts';

/** The guest that a chapter is about, and all guests of its namespace. */
export type Subject = { readonly guests: Guests; readonly name: string };

/**
 * What Steward's hands do in one guest: a file of this folder, and a line in `guest.test.ts`. It finds the guest running and lets the next
 * chapter find it so.
 */
export type GuestChapter = {
  /** Begins with the id of the requirement, where it shows one. */
  readonly title: string;
  /** Declares the tests. `subject` is for their bodies: there is nobody before the guest has booted. */
  readonly tell: (subject: () => Subject) => void;
};
