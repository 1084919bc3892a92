/** Classes of faults of backups and restores (`npm run faults -- --backup`): with Velero played, and then those of the real Velero and a real store. */
import type { Outcome } from '../cases.ts';
import { timed } from '../guest/timed.ts';
import { randomOf } from '../random.ts';
import type { Tally } from '../tally.ts';
import { runVitestClass } from '../vitestclass.ts';
import { scheduleNights } from './clocks.ts';
import { crashesOf, killedAtPhases, lostAnswersOf, writesOf } from './crashes.ts';
import { fleetUnderOnePolicy } from './fleet.ts';
import { Ground } from './ground.ts';
import { meanwhile } from './meanwhile.ts';
import { type RestoreCase, runRestores } from './restorecases.ts';
import { failingBackups, failingRestores } from './velero.ts';
import { wholeNamespace } from './wholenamespace.ts';

export type BackupFaults = {
  /** A sample of each class, and neither the fleet nor the real Velero. */
  readonly quick: boolean;
  readonly seed: number;
  /** Only these classes; undefined: all. */
  readonly wanted: ReadonlySet<number> | undefined;
  readonly only: (name: string) => boolean;
  readonly say: (line: string) => void;
};

const SAMPLE = 6;
const FLEET = { full: 500, quick: 60 };

type Work = (ground: Ground) => Promise<readonly Outcome[]>;

export async function runBackupFaults(options: BackupFaults): Promise<Tally[]> {
  const { quick, wanted, say } = options;
  const isWanted = (id: number) => wanted === undefined || wanted.has(id);
  const tallies: Tally[] = [];
  const onGround = classesOf(options).filter(({ id }) => isWanted(id));
  if (onGround.length > 0) {
    const ground = await Ground.start(say);
    try {
      for (const { id, title, work } of onGround) tallies.push(await timed(id, title, () => guarded(ground, work)));
    } finally {
      await ground.stop();
    }
  }
  if (isWanted(9))
    tallies.push(
      await timed(9, 'hundreds of VMs under one policy', () =>
        fleetUnderOnePolicy(quick ? FLEET.quick : FLEET.full, say),
      ),
    );
  if (isWanted(10) && !quick) tallies.push(await onRealVelero());
  return tallies;
}

function classesOf({ quick, seed, only }: BackupFaults): readonly { id: number; title: string; work: Work }[] {
  const random = randomOf(seed);
  const chosen = (cases: readonly RestoreCase[]) => {
    const found = cases.filter(({ name }) => only(name));
    return quick ? random.sample(found, SAMPLE) : found;
  };
  let writes = 0;
  const counted: Work = async ground => {
    const found = await writesOf(ground);
    writes = found.writes;
    return [found.outcome];
  };
  const restores =
    (cases: () => readonly RestoreCase[], crash = false): Work =>
    async ground => {
      if (writes === 0) await counted(ground);
      return runRestores(ground, chosen(cases()), { crash });
    };
  return [
    { id: 1, title: 'operator killed at each write of a restore', work: restores(() => crashesOf(writes), true) },
    { id: 2, title: 'answer to each write of a restore lost', work: restores(() => lostAnswersOf(writes)) },
    { id: 3, title: "operator's process killed (SIGKILL) at each phase", work: killedAtPhases },
    {
      id: 4,
      title: 'Velero fails at its Restore (Velero played)',
      work: ground => runRestores(ground, chosen(failingRestores)),
    },
    {
      id: 5,
      title: 'Backups that cannot be restored from, and where they lie (Velero played)',
      work: ground => runRestores(ground, chosen(failingBackups)),
    },
    {
      id: 6,
      title: 'taken away or ordered otherwise at each phase',
      work: ground => runRestores(ground, chosen(meanwhile)),
    },
    { id: 7, title: 'clocks change on the night of a schedule', work: scheduleNights },
    { id: 8, title: 'a namespace restored as a whole (Velero played)', work: wholeNamespace },
  ];
}

/** One that breaks off leaves no operator behind for the next. */
async function guarded(ground: Ground, work: Work): Promise<readonly Outcome[]> {
  try {
    return await work(ground);
  } finally {
    await ground.stopOperators();
  }
}

/** Bucket full, wiped, read-only, credentials, damaged objects; Velero killed and forgetful: on the real parts. */
const onRealVelero = (): Promise<Tally> =>
  runVitestClass({ id: 10, title: 'the real Velero and a real store', project: 'backup' });
