/** Classes of faults in a guest (`npm run faults -- --guest`): on a scripted guest with a real shell, every one; on a real guest a sample. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runOnNode } from '../../../hack/steward/onnode.ts';
import { explore } from '../../guest/explore.ts';
import {
  brokenRun,
  NO_FAULTS,
  RUN_RULES,
  type RunFaults,
  type RunTerms,
  runEventsOf,
  runWorld,
} from '../../guest/runworld.ts';
import { brokenPromise, eventsOf, RULES, stepWorld } from '../../guest/stepworld.ts';
import type { Outcome } from '../cases.ts';
import type { Tally } from '../tally.ts';
import { clocks, crowds, cuts, type Ground, hostKeys, kills, pauses, runCases, undisturbed } from './cases.ts';
import { scriptedPlace } from './place.ts';
import { timed } from './timed.ts';

/** Bytes between two cuts: a packet of SSH has more. */
const GRAIN = { full: 64, quick: 400 };

type Options = { readonly quick: boolean; readonly say: (line: string) => void };

/** Every case, and where this machine can have a real node, a sample on a real guest. */
export async function runGuestFaults(options: Options): Promise<Tally[]> {
  const scripted = await runScripted(options);
  return options.quick ? scripted : [...scripted, ...(await runOnRealGuest(options))];
}

async function runOnRealGuest({ say }: Options): Promise<Tally[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-guest-faults-'));
  const file = join(folder, 'tallies.json');
  try {
    const program = join(import.meta.dirname, 'onnode.ts');
    const code = await runOnNode([process.execPath, program, file], say);
    if (code !== 0) throw new Error(`the faults on a real guest ended with exit code ${code}`);
    return JSON.parse(await readFile(file, 'utf8')) as Tally[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything that takes no node. */
async function runScripted({ quick, say }: Options): Promise<Tally[]> {
  const [place, another, folder] = await Promise.all([
    scriptedPlace(),
    scriptedPlace(),
    mkdtemp(join(tmpdir(), 'steward-guest-ledger-')),
  ]);
  const ground: Ground = { place, folder, grain: quick ? GRAIN.quick : GRAIN.full };
  try {
    const { deeds, ...bytes } = await undisturbed(ground);
    say(`without faults: ${bytes.up} bytes from the worker, ${bytes.down} from the guest, ${deeds} deeds`);
    const classes = [
      ['connection cut (scripted guest, real shell)', cuts(ground, bytes)],
      ['worker killed (scripted guest, real shell)', kills(deeds)],
      ['worker paused, two workers (scripted guest, real shell)', [...pauses(deeds), ...crowds]],
      ["worker's clock off (scripted guest, real shell)", clocks],
      ['host key swapped (scripted guest, real shell)', hostKeys(another)],
    ] as const;
    const tallies: Tally[] = [];
    for (const [index, [title, cases]] of classes.entries())
      tallies.push(await timed(index + 1, title, () => runCases(ground, cases)));
    return [
      ...tallies,
      await timed(classes.length + 1, 'every order of one of each fault (explorer)', async () => [
        explored(),
        ...exploredRuns(),
      ]),
    ];
  } finally {
    await Promise.all([place.close(), another.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

const FAULTS = ['crash', 'lose', 'reboot', 'restore', 'clock', 'forget'] as const;

/** A run of patches, each fault with a lease that lapses: all at once are more states than fit. With steps around the install, or a restart, each fault alone is. */
function exploredRuns(): readonly Outcome[] {
  return [
    ...FAULTS.map(fault => exploredRun({ lapse: 1, [fault]: 1 }, {})),
    ...(['lapse', ...FAULTS] as const).flatMap(fault => [
      exploredRun({ [fault]: 1 }, { around: true }),
      exploredRun({ [fault]: 1 }, { restart: true }),
    ]),
  ];
}

function exploredRun(faults: Partial<RunFaults>, terms: RunTerms): Outcome {
  const first = runWorld({ ...NO_FAULTS, ...faults }, terms);
  const { states, broken } = explore(first, runEventsOf(RUN_RULES), brokenRun);
  const told = [...Object.keys(faults), ...Object.keys(terms)].join(', ');
  const name = `${states} states of a patch run, two runners and a guest: ${told}`;
  return broken === undefined ? { name } : { name, failure: `${broken.promise}: ${broken.way.join('; ')}` };
}

function explored(): Outcome {
  const first = stepWorld({ lapse: 1, crash: 1, lose: 1, reboot: 1, restore: 1 });
  const { states, broken } = explore(first, eventsOf(RULES), brokenPromise);
  const name = `${states} states of one step, two workers and a guest`;
  return broken === undefined ? { name } : { name, failure: `${broken.promise}: ${broken.way.join('; ')}` };
}
