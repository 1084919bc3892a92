/**
 * Shares classes of faults out over several control planes, each with its operators in a process of its own: most of a class is waiting, and
 * an operator whose event loop is blocked on purpose must not hold up another's class.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FaultClass } from './cases.ts';
import { upgrade } from './classes/upgrade.ts';
import { type Tally, tallyOf } from './tally.ts';

/** What stands in the place of a class when there is none left. */
const NONE = 0;

/** The number of the class that takes longest; it begins first, so that no bed waits for it in the end. */
const LONGEST = upgrade.id;

/** Runs this program once for each bed; each asks for the next class when it is done with one. `words`: the arguments of each. */
export async function runOnBeds(
  count: number,
  classes: readonly FaultClass[],
  words: readonly string[],
): Promise<Tally[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-faults-'));
  const waiting = classes.map(({ id }) => id).sort((a, b) => Number(b === LONGEST) - Number(a === LONGEST));
  const next = () => waiting.shift() ?? NONE;
  try {
    const beds = Array.from({ length: count }, (_, index) => runOnBed(join(folder, `${index}.json`), words, next));
    return (await Promise.all(beds)).flat();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runOnBed(report: string, words: readonly string[], next: () => number): Promise<readonly Tally[]> {
  const began = performance.now();
  const child = fork(process.argv[1] ?? '', [...words, '--report', report]);
  child.on('message', () => child.send(next()));
  const [code, signal] = await once(child, 'exit');
  const text = await readFile(report, 'utf8').catch(() => undefined);
  if (text !== undefined) return JSON.parse(text).classes;
  const failure = `ended by ${signal ?? `exit code ${code}`} without a report`;
  return [tallyOf(NONE, 'a bed of its own', [{ name: 'the bed ran to its end', failure }], performance.now() - began)];
}

/** Whether this process is one of those, which run what they are given. */
export const onBedOfMany = process.send !== undefined;

/** The classes that the first process gives to this one. */
export async function* classesGiven(classes: readonly FaultClass[]): AsyncGenerator<FaultClass> {
  while (true) {
    const answer = once(process, 'message');
    process.send?.('next');
    const [id] = await answer;
    const given = classes.find(each => each.id === id);
    if (given === undefined) return;
    yield given;
  }
}
