import type { Guests } from '../support/guests.ts';

/** Namespace of the life that is told. */
export const HERE = 'life';

/** The guest whose life it is, ordered at MonitoringAndPatching and protected against deletion. */
export const SHOP = 'shop';

/** A second guest, at Admin: it boots while the first does, so it costs no time. */
export const UNWATCHED = 'unwatched';

/**
 * What one promise shows on the guests whose life `npm test` tells: a file of this folder, and a line in `life.test.ts`. It takes two minutes
 * at most (`CHAPTER` in hack/verify/budgets.ts), so at most one boot; what takes longer is a file of test/e2e of its own, which only
 * `npm run e2e -- --node` runs. It finds both guests running, with their agents answering, and leaves them so.
 */
export type Chapter = {
  /** Begins with the id of the requirement, where it shows one. */
  readonly title: string;
  /** Declares the tests. `guests` is for their bodies: there is nobody before the life begins. */
  readonly tell: (guests: () => Guests) => void;
};
