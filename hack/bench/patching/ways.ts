/** How guests of the bench come through their window: as they should, or in one of the ways in which patching fails. */
import type { PatchRunPhase } from '../../../src/api/patchrun.ts';

export type Way = {
  readonly name: string;
  readonly what: string;
  /** The phases that are right, whichever the moment. */
  readonly phase: PatchRunPhase;
  /** How often packages are installed in it. */
  readonly installs: 0 | 1;
  /** Whether its end needs the time to be later than the cutoff. */
  readonly waits?: true;
  /** Whether nothing is ever begun in it. */
  readonly untouched?: true;
};

/** Those that nothing happens to; every second one of them is rebooted. */
export const WELL = { name: 'well', what: 'nothing happens to it', phase: 'Succeeded', installs: 1 } as const;

export const WAYS = [
  { name: 'cut', what: 'SSH is cut at each step, before or after it was begun', phase: 'Succeeded', installs: 1 },
  { name: 'rebooted', what: 'rebooted by somebody else while packages are installed', phase: 'Failed', installs: 1 },
  { name: 'hangs', what: 'hangs in shutdown', phase: 'Failed', installs: 1, waits: true },
  { name: 'hostkey', what: 'another host key', phase: 'Skipped', installs: 0, waits: true, untouched: true },
  {
    ...{ name: 'clock', what: 'a clock that is a day ahead', installs: 0, waits: true, untouched: true },
    phase: 'WindowExceeded',
  },
  { name: 'locked', what: 'the package manager is in use', phase: 'Failed', installs: 0 },
  { name: 'full', what: 'the disk is full', phase: 'Failed', installs: 0 },
  { name: 'repository', what: 'the repository does not answer', phase: 'Failed', installs: 0 },
  { name: 'postinst', what: "a package's script fails", phase: 'Failed', installs: 1 },
  { name: 'gone', what: 'a version that the ring before has proven is gone', phase: 'Failed', installs: 1 },
  {
    ...{ name: 'late', what: 'the window closes while packages are installed', installs: 1, waits: true },
    phase: 'SucceededRebootPending',
  },
] as const satisfies readonly Way[];

export type WayName = (typeof WAYS)[number]['name'] | 'well';

/** One in twenty of each way; at least two. */
export function waysOf(count: number): readonly Way[] {
  const each = Math.max(2, Math.floor(count / 20));
  const failing = WAYS.flatMap((way): readonly Way[] => Array.from({ length: each }, () => way));
  if (failing.length > count) throw new RangeError(`${failing.length} guests at least, for each way to fail two`);
  return [...failing, ...Array.from({ length: count - failing.length }, () => WELL)];
}
