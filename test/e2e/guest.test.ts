/** Steward's hands in real guests: `npm run e2e -- --guest`. */
import { afterAll, beforeAll, describe } from 'vitest';
import { access } from './guest/access.ts';
import type { GuestChapter } from './guest/chapter.ts';
import { hostile } from './guest/hostile.ts';
import { level } from './guest/level.ts';
import { portForward } from './guest/portforward.ts';
import { remedies } from './guest/remedies.ts';
import { rotation } from './guest/rotation.ts';
import { settings } from './guest/settings.ts';
import { steps } from './guest/steps.ts';
import { BOOT, Guests, kubectl } from './support/guests.ts';

/** Each suite's guest, and the chapters that are told of it, one after the other; the older Debian has a sample. */
const suites: readonly {
  readonly name: string;
  readonly system: string;
  readonly chapters: readonly GuestChapter[];
}[] = [
  {
    name: 'trixie',
    system: 'debian-13',
    chapters: [access, rotation, level, settings, hostile, steps, remedies, portForward],
  },
  { name: 'bookworm', system: 'debian-12', chapters: [access, level, settings, steps, remedies] },
];

let guests: Guests;

beforeAll(async () => {
  // As often as two guests can bear it; what a guest does by itself is then seen soon.
  await kubectl('-n', 'steward-system', 'set', 'env', 'deployment/steward-guest', 'STEWARD_GUEST_INTERVAL=15s');
  await kubectl('-n', 'steward-system', 'rollout', 'status', 'deployment/steward-guest', '--timeout=300s');
  guests = await Guests.in('hands');
  for (const { name, system } of suites) await guests.order(name, { operatingSystem: system });
}, BOOT);

afterAll(() => guests?.close());

describe.each(suites)('$name', ({ name, chapters }) => {
  beforeAll(async () => {
    await guests.configured(name);
  }, BOOT);

  describe.each(chapters)('$title', ({ tell }) => tell(() => ({ guests, name })));
});
