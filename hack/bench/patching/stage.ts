/** What a window of the bench plays on, and whether what it costs is measured there. */
import type { GuestBed } from '../../../test/integration/support/guestbed.ts';
import type { Guest } from './fleet.ts';
import type { PlayedGuests } from './guestsprocess.ts';
import type { Pod } from './runners.ts';

export type Stage = {
  readonly bed: GuestBed;
  readonly played: PlayedGuests;
  readonly guests: readonly Guest[];
  readonly pods: Pod[];
  readonly say: (line: string) => void;
};

/** A Pod of 500 guests at once is what the goal is set for; of a few nothing can be said, so nobody waits for the clock then. */
const MEASURED = 800;

export const isMeasured = ({ guests }: Pick<Stage, 'guests'>): boolean => guests.length >= MEASURED;
