/** A note on the guest's disk, which says later whether it is still the same disk. */
import type { Guests } from '../support/guests.ts';
import { SHOP } from './chapter.ts';

export async function note(guests: Guests): Promise<void> {
  await guests.asRoot(SHOP, 'echo kept >/root/note; sync');
}

export function keptNote(guests: Guests): Promise<string> {
  return guests.asRoot(SHOP, 'cat /root/note');
}
