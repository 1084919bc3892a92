/** Steward's hands in real guests: `npm run e2e -- --guest`. */
import { afterAll, beforeAll, describe } from 'vitest';
import type { GuestChapter } from './guest/chapter.ts';
import { steps } from './guest/steps.ts';
import { BOOT, Guests } from './support/guests.ts';

/** Each suite's guest, and the chapters that are told of it, one after the other. */
const suites: readonly {
  readonly name: string;
  readonly system: string;
  readonly chapters: readonly GuestChapter[];
}[] = [
  { name: 'trixie', system: 'debian-13', chapters: [steps] },
  { name: 'bookworm', system: 'debian-12', chapters: [steps] },
];

let guests: Guests;

beforeAll(async () => {
  guests = await Guests.in('hands');
  for (const { name, system } of suites) await guests.order(name, { operatingSystem: system });
}, BOOT);

afterAll(() => guests?.close());

describe.each(suites)('$name', ({ name, chapters }) => {
  beforeAll(async () => {
    await guests.booted(name);
    await guests.reachable(name);
  }, BOOT);

  describe.each(chapters)('$title', ({ tell }) => tell(() => ({ guests, name })));
});
