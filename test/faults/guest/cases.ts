/** Faults of a step in a guest: wherever it is disturbed, it happens at most once, and comes to a verdict. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Verdict } from '../../../src/guest/run/step.ts';
import type { Outcome } from '../cases.ts';
import { type Cut, type Direction, startCutter } from './cutter.ts';
import { Ledger } from './ledger.ts';
import type { Mortal } from './mortal.ts';
import type { Place } from './place.ts';
import { type WorkerOptions, work } from './worker.ts';

/** A place, a folder for records, and how much of each kind of fault is tried there. */
export type Ground = {
  readonly place: Place;
  readonly folder: string;
  /** Bytes between two cuts. */
  readonly grain: number;
};

type Case = {
  readonly name: string;
  readonly run: (task: Task) => Promise<unknown>;
  /** What becomes of the step. Default: it is finished with 0. */
  readonly ends?: Verdict;
};
type Task = Pick<WorkerOptions, 'place' | 'ledger' | 'step'> & { readonly ledgerFile: string };

const FINISHED: Verdict = { kind: 'Finished', exitCode: 0 };

/** The worker's process is gone, though this one is not: nothing of it goes on. */
class Died extends Error {}

let tasks = 0;

/** A step that nobody has heard of, in a record of its own. */
function newTask({ place, folder }: Ground): Task {
  tasks += 1;
  const id = `fault-${process.pid}-${Date.now().toString(36)}-${tasks}`;
  const ledgerFile = join(folder, `${id}.json`);
  const ledger = new Ledger(ledgerFile);
  // The guest remembers the generations of the tasks before.
  ledger.write({ version: 0, leaseGeneration: Date.now() });
  return { place, ledgerFile, ledger, step: { id, script: `echo ${id} >> ${place.counter}` } };
}

/** Runs each case with a step of its own, and counts the step's effects. A case that returns false had no fault. */
export async function runCases(ground: Ground, cases: readonly Case[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run, ends = FINISHED } of cases) {
    const task = newTask(ground);
    try {
      const idle = (await run(task)) === false;
      await expectOnce(task, ends);
      outcomes.push({ name, ...(idle && { idle }) });
    } catch (error) {
      outcomes.push({ name, failure: String(error instanceof Error ? error.message : error) });
    }
  }
  return outcomes;
}

async function expectOnce({ place, ledger, step }: Task, ends = FINISHED): Promise<void> {
  const effects = await place.effects(step.id);
  const { step: record } = ledger.read();
  const verdict = record?.phase === 'Ended' ? record.verdict : undefined;
  if (effects === 1 && isDeepStrictEqual(verdict, ends)) return;
  throw new Error(`the step had its effect ${effects} times, and the record says ${JSON.stringify(record)}`);
}

/** Bytes and deeds of a step that nothing disturbs. */
export async function undisturbed(ground: Ground): Promise<Readonly<Record<Direction | 'deeds', number>>> {
  const cutter = await startCutter(ground.place.dial);
  const task = newTask(ground);
  let deeds = 0;
  try {
    const count = (_: string, number: number) => {
      deeds = number;
    };
    await work({ ...task, name: 'undisturbed', dial: cutter.dial, fate: count });
    await expectOnce(task);
    return { up: cutter.passed('up'), down: cutter.passed('down'), deeds };
  } finally {
    await cutter.close();
  }
}

/** The connection is cut after every so many bytes of either direction; then the same worker goes on, or another takes over. */
export function cuts({ grain }: Ground, bytes: Readonly<Record<Direction, number>>): readonly Case[] {
  return (['up', 'down'] as const).flatMap(direction =>
    Array.from({ length: Math.ceil(bytes[direction] / grain) }, (_, index) => {
      const cut = { direction, atByte: index * grain };
      const follows = index % 2 === 0 ? 'goes on' : 'is followed by another';
      return {
        name: `cut at byte ${cut.atByte} of what the ${direction === 'up' ? 'worker' : 'guest'} sends; it ${follows}`,
        run: task => cutAt(task, cut, index % 2 === 1),
      } satisfies Case;
    }),
  );
}

async function cutAt(task: Task, cut: Cut, dies: boolean): Promise<boolean> {
  const cutter = await startCutter(task.place.dial, cut);
  try {
    const dial: Place['dial'] = limit => {
      if (dies && cutter.isCut()) throw new Died();
      return cutter.dial(limit);
    };
    const first = work({ ...task, name: 'first', dial });
    if (dies) await first.catch(ifDied);
    else await first;
    if (dies && cutter.isCut()) await work({ ...task, name: 'second' });
    return cutter.isCut();
  } finally {
    await cutter.close();
  }
}

function ifDied(error: unknown): void {
  if (!(error instanceof Died)) throw error;
}

/** The worker's process is killed before and after each thing that it does; another takes over. */
export function kills(deeds: number): readonly Case[] {
  return momentsOf(deeds).map(({ moment, number }) => ({
    name: `worker killed ${moment} its deed ${number}`,
    run: async task => {
      const cutter = await startCutter(task.place.dial);
      try {
        const { login, ground, counter } = task.place;
        const { ledgerFile, step } = task;
        const place = { login, counter, ...(ground && { ground }) };
        const mortal: Mortal = { port: cutter.port, place, ledgerFile, step, moment, number };
        const child = spawn(process.execPath, [join(import.meta.dirname, 'mortal.ts'), JSON.stringify(mortal)], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        const [, signal] = await once(child, 'exit');
        await work({ ...task, name: 'second' });
        return signal === 'SIGKILL';
      } finally {
        await cutter.close();
      }
    },
  }));
}

/** The worker stands still before and after each thing that it does, long enough for another to do all the work; then it goes on. */
export function pauses(deeds: number): readonly Case[] {
  return momentsOf(deeds).map(({ moment, number }) => ({
    name: `worker paused ${moment} its deed ${number}, while another does the work`,
    run: async task => {
      let paused = false;
      const fate = async (at: string, deed: number) => {
        if (at !== moment || deed !== number) return;
        paused = true;
        await work({ ...task, name: 'second' });
      };
      await work({ ...task, name: 'first', fate });
      return paused;
    },
  }));
}

/** Several workers at once believe that the VM is theirs to work on. */
export const crowds: readonly Case[] = [2, 4, 8].map(count => ({
  name: `${count} workers at once`,
  run: async task => {
    const names = Array.from({ length: count }, (_, index) => `worker-${index}`);
    const verdicts = await Promise.all(names.map(name => work({ ...task, name })));
    if (verdicts.every(verdict => verdict === undefined)) await work({ ...task, name: 'last' });
  },
}));

const DAY_MS = 86_400_000;

/** The clock of the worker that takes over is off. */
export const clocks: readonly Case[] = [-365 * DAY_MS, -DAY_MS, DAY_MS, 365 * DAY_MS].map(offMs => ({
  name: `clock of the worker that takes over is ${offMs / DAY_MS} days off`,
  run: async task => {
    const now = () => new Date(Date.now() + offMs);
    const fate = async (moment: string, deed: number) => {
      if (moment === 'before' && deed === 4) await work({ ...task, name: 'second', now });
    };
    await work({ ...task, name: 'first', fate });
  },
}));

/** The guest goes down while the step runs, in good order and by a loss of power; the worker goes on asking all the while. */
export const reboots: readonly Case[] = [
  ['reboots', 'sync; systemctl reboot; tail -f /dev/null'],
  ['loses its power', 'sync; echo b > /proc/sysrq-trigger; tail -f /dev/null'],
].map(([what, end]) => ({
  name: `guest ${what} amid the step`,
  ends: { kind: 'CutOff' },
  run: task => work({ ...task, step: { ...task.step, script: `${task.step.script}\n${end}` }, name: 'first' }),
}));

/** Another host answers at the guest's address: it learns nothing, and nothing happens in it. */
export function hostKeys(another: Place): readonly Case[] {
  return [
    {
      name: 'another host answers at the address of the guest; then the guest is back',
      run: async task => {
        const refused = await work({ ...task, name: 'first', dial: another.dial }).catch((error: unknown) => error);
        if (!/host key/.test(String(refused))) throw new Error(`not refused: ${String(refused)}`);
        if ((await another.effects(task.step.id)) !== 0) throw new Error('the other host carried the step out');
        await work({ ...task, name: 'first' });
      },
    },
  ];
}

function momentsOf(deeds: number) {
  const numbers = Array.from({ length: deeds }, (_, index) => index + 1);
  return numbers.flatMap(number => (['before', 'after'] as const).map(moment => ({ moment, number })));
}
