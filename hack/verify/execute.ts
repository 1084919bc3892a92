/** Runs one step of `npm test`: counts what it says, measures what it takes, and ends it when it hangs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { mostOf, overrunOf } from './budgets.ts';
import { Meter } from './charge.ts';
import { type Tally, tallyOf } from './report.ts';
import type { Step } from './steps.ts';

export type Outcome = Tally & {
  readonly step: Step;
  /** Seconds by the clock, and those that count (charge.ts). */
  readonly took: number;
  readonly charge: number;
};

/** Milliseconds between two looks at what a step has taken. */
export const LOOK = 2_000;

const running = new Set<ChildProcess>();

/** Ends the steps that run, with all that they have started. */
export function endAll(signal: NodeJS.Signals): void {
  for (const child of running) end(child, signal);
}

/** Each step leads a process group of its own, so that nothing of it stays behind. */
function end({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Where a step runs beside others (`alone` false), each line that it says begins with its name. Never rejects: what goes wrong is a failure. */
export async function execute(step: Step, folder: string, alone: boolean): Promise<Outcome> {
  const report = join(folder, `${step.name.replaceAll(' ', '-')}.json`);
  const [program = '', ...words] = [...step.command, ...(step.reportTo?.(report) ?? [])];
  console.log(`\n── ${step.name}`);
  try {
    const sink = alone ? 'inherit' : 'pipe';
    const child = spawn(program, words, { stdio: ['ignore', sink, sink], detached: true });
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) if (stream !== null) repeat(step.name, stream);
    const spent = await followed(step, child).finally(() => running.delete(child));
    return withOverrun(step, spent, await counted(step, report, spent));
  } catch (error) {
    return failed(step, `could not be run: ${error}`);
  }
}

function repeat(name: string, stream: Readable): void {
  createInterface(stream).on('line', line => console.log(`${name} │ ${line}`));
}

export function failed(step: Step, why: string): Outcome {
  return { step, passed: 0, failed: 1, failures: [why], took: 0, charge: 0 };
}

type Spent = { readonly exitCode: number; readonly hung: boolean; readonly took: number; readonly charge: number };

async function followed({ name }: Step, child: ChildProcess): Promise<Spent> {
  // Not `exit`: what it said last is still on its way then. What it left running would hold that up.
  const ended = once(child, 'close');
  child.once('exit', () => end(child, 'SIGKILL'));
  const meter = new Meter(child.pid ?? 0);
  let hung = false;
  const looks = setInterval(() => {
    meter.look();
    if (meter.charge < 2 * mostOf(name)) return;
    end(child, hung ? 'SIGKILL' : 'SIGTERM');
    hung = true;
  }, LOOK);
  try {
    const [code] = await ended;
    return { exitCode: code ?? 1, hung, took: meter.took, charge: meter.charge };
  } finally {
    clearInterval(looks);
  }
}

async function counted(step: Step, report: string, { exitCode, hung }: Spent): Promise<Tally> {
  if (hung) return { passed: 0, failed: 1, failures: ['was ended, because it took more than three times its share'] };
  if (step.reportTo !== undefined) return tallyOf(report, exitCode);
  if (exitCode === 0) return { passed: 1, failed: 0, failures: [] };
  return { passed: 0, failed: 1, failures: [`${step.command.join(' ')} ended with exit code ${exitCode}`] };
}

function withOverrun(step: Step, { took, charge }: Spent, tally: Tally): Outcome {
  const overrun = overrunOf(step.name, took, charge);
  if (overrun === undefined) return { ...tally, step, took, charge };
  return { ...tally, failed: tally.failed + 1, failures: [...tally.failures, overrun], step, took, charge };
}
