import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { Unrecorded } from '../../guest/run/saying.ts';
import { formatTime } from '../../runtime/api/conditions.ts';

/** What keeps a guest from being put right stands among its differences, under this name: no look finds it, but a step that is tried. */
const STEPS = 'steps';

const WORDS: Readonly<Record<Unrecorded, (folder: string) => string>> = {
  NoFolder: folder => `the folder ${folder} cannot be made`,
  NotWritable: folder => `${folder} is on a full or read-only disk`,
  Locked: folder => `another program holds the file lock in ${folder}`,
  NotStarted: folder => `nothing starts what is written down in ${folder}: the system takes no task`,
};

type Differences = NonNullable<GuestStateStatus['differences']>;

/** What keeps a guest from doing what it is told, and the folder in which it would write it down. */
export type Hindrance = { readonly why: Unrecorded; readonly folder: string };

/** The record of a guest that cannot write down what it is told to do. */
export function hindered(status: GuestStateStatus, { why, folder }: Hindrance, now: Date): GuestStateStatus {
  const { differences = [] } = status;
  const since = differences.find(isHindrance)?.since ?? formatTime(now);
  return { ...status, differences: [...without(differences), { setting: STEPS, found: WORDS[why](folder), since }] };
}

/** The record once a step was written down. */
export function unhindered(status: GuestStateStatus): GuestStateStatus {
  const { differences = [] } = status;
  return differences.some(isHindrance) ? { ...status, differences: without(differences) } : status;
}

/** What of it stays after a look: it is not disproved while there is something to put right. */
export function hindrance({ differences = [] }: GuestStateStatus): Differences {
  return differences.filter(isHindrance);
}

function without(differences: Differences): Differences {
  return differences.filter(difference => !isHindrance(difference));
}

function isHindrance({ setting }: Differences[number]): boolean {
  return setting === STEPS;
}
