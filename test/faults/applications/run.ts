/** Classes of faults of managed applications (`npm run faults -- --applications`): in an installed Debian, and against the API server. Needs root. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { timed } from '../guest/timed.ts';
import type { Tally } from '../tally.ts';
import { runVitestClass } from '../vitestclass.ts';
import { cutOff, disturbed, ENTRIES, type Entry } from './guestcases.ts';
import { orderFaults } from './ordercases.ts';

export type ApplicationFaults = {
  /** A sample: fewer cuts, two of the entries, and no engine tests. */
  readonly quick: boolean;
  readonly wanted: ReadonlySet<number> | undefined;
  readonly say: (line: string) => void;
};

const CUTS = { full: 8, quick: 2 };

export async function runApplicationFaults({ quick, wanted, say }: ApplicationFaults): Promise<Tally[]> {
  const entries = quick ? ENTRIES.slice(0, 2) : ENTRIES;
  const all = async (work: (entry: Entry) => ReturnType<typeof cutOff>) => {
    const outcomes = [];
    for (const entry of entries) {
      outcomes.push(...(await work(entry)));
      say(`${entry.product}: ${outcomes.length} cases so far`);
    }
    return outcomes;
  };
  const classes = [
    {
      id: 1,
      title: 'power lost during an installation',
      work: () => all(entry => cutOff(entry, quick ? CUTS.quick : CUTS.full)),
    },
    { id: 2, title: 'files changed, refused and doubled, and no room for them', work: () => all(disturbed) },
    {
      id: 3,
      title: 'orders: operator killed and doubled, lines that end, entries that go',
      work: () => orderFaults(quick),
    },
  ];
  const tallies: Tally[] = [];
  for (const { id, title, work } of classes.filter(each => wanted === undefined || wanted.has(each.id)))
    tallies.push(await timed(id, title, work));
  if (!quick && (wanted === undefined || wanted.has(ENGINES))) tallies.push(await engineTests());
  return tallies;
}

const ENGINES = 4;

/** Steps, updates, changes of the line, dumps and probes on Debian's own engines (test/packages), without the tests of package managers. */
async function engineTests(): Promise<Tally> {
  const folder = join(import.meta.dirname, '../../packages');
  const files = (await readdir(folder)).filter(file => /\.test\.ts$/.test(file) && !/^(apt|rpm)\./.test(file));
  return runVitestClass({
    ...{ id: ENGINES, title: 'engines: steps, updates, changes of the line, dumps and probes', project: 'packages' },
    files: files.map(file => join(folder, file)),
  });
}
