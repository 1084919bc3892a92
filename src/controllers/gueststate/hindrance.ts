import type { GuestStateStatus } from '../../api/gueststate.ts';
import type { Unrecorded } from '../../guest/run/saying.ts';
import { STEPS_FOLDER } from '../../guest/run/scripts.ts';
import { formatTime } from '../../runtime/api/conditions.ts';

/** What keeps a guest from being put right stands among its differences, under this name: no look finds it, but a step that is tried. */
const STEPS = 'steps';

const WORDS: Readonly<Record<Unrecorded, string>> = {
  NoFolder: `the folder ${STEPS_FOLDER} cannot be made`,
  NotWritable: `${STEPS_FOLDER} is on a full or read-only disk`,
  Locked: `another program holds ${STEPS_FOLDER}/lock`,
};

type Differences = NonNullable<GuestStateStatus['differences']>;

/** The record of a guest that cannot write down what it is told to do. */
export function hindered(status: GuestStateStatus, why: Unrecorded, now: Date): GuestStateStatus {
  const { differences = [] } = status;
  const since = differences.find(isHindrance)?.since ?? formatTime(now);
  return { ...status, differences: [...without(differences), { setting: STEPS, found: WORDS[why], since }] };
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
