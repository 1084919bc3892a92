/** One case: an operation with a fault. Many run at once, each in a namespace of its own, under one operator. */
import type { Fault } from './interception.ts';
import { act, type Operation, prepare } from './lives.ts';
import { type FaultRun, LIMIT_MS, type Running } from './run.ts';

export type Case = { readonly name: string; readonly operation: Operation; readonly fault: Fault };
/** `idle`: the fault never took place, so the case says nothing and is not counted. */
export type Outcome = { readonly name: string; readonly failure?: string; readonly idle?: boolean };

export type FaultClass = {
  /** As the issue numbers them. */
  readonly id: number;
  readonly title: string;
  run(run: FaultRun, only: (name: string) => boolean): Promise<readonly Outcome[]>;
};

export type BatchOptions = {
  /** The operator ends when every fault has taken place, and another one finishes the work. */
  readonly crash?: boolean;
  /** Called when everything has been asked for, with the faults in force. */
  readonly during?: (running: Running, scopes: readonly string[]) => Promise<void>;
  readonly limitMs?: number;
};

const BATCH = 45;

/** Runs the cases in batches; the fault-free end is what each must come to. */
export async function runCases(run: FaultRun, cases: readonly Case[], options: BatchOptions = {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let first = 0; first < cases.length; first += BATCH)
    outcomes.push(...(await runBatch(run, cases.slice(first, first + BATCH), options)));
  return outcomes;
}

async function runBatch(run: FaultRun, cases: readonly Case[], options: BatchOptions): Promise<Outcome[]> {
  const scopes = await run.scopes(cases.length);
  const scopeOf = (index: number) => scopes[index] ?? '';
  const expected = (of: 'baseline' | 'final') =>
    new Map(cases.map(({ operation }, index) => [scopeOf(index), run.reference(operation)[of]]));
  let running = await run.start();
  await Promise.all(cases.map(({ operation }, index) => prepare(run.bed.client, operation, scopeOf(index))));
  const unprepared = await run.converge(expected('baseline'), options.limitMs);
  await run.still(running, 250);
  for (const [index, { fault }] of cases.entries()) running.interception.arm(scopeOf(index), fault);
  await Promise.all(cases.map(({ operation }, index) => act(run.bed.client, operation, scopeOf(index))));
  await options.during?.(running, scopes);
  if (options.crash === true) {
    await unfinished(run, running, cases, scopes);
    await running.steward.stop();
  }
  const { interception } = running;
  if (options.crash === true) running = await run.start();
  const wrong = await run.converge(expected('final'), options.limitMs);
  const met = scopes.map(scope => interception.met(scope));
  await running.steward.stop();
  return cases.map(({ name }, index) => {
    const scope = scopeOf(index);
    const difference = unprepared.get(scope) ?? wrong.get(scope);
    if (difference === undefined) return { name, idle: met[index] !== true };
    return {
      name,
      failure: [`in ${scope}: ${difference}`, ...interception.journal(scope).slice(-12)].join('\n      '),
    };
  });
}

/** Until each case has met its fault, or has come to its end without. */
async function unfinished(run: FaultRun, { interception }: Running, cases: readonly Case[], scopes: readonly string[]) {
  const end = performance.now() + LIMIT_MS;
  for (;;) {
    const open = cases.flatMap(({ operation }, index) => {
      const scope = scopes[index] ?? '';
      return interception.met(scope) ? [] : ([[scope, run.reference(operation).final]] as const);
    });
    const wrong = await run.converge(new Map(open), 200);
    if (wrong.size === 0) return;
    if (performance.now() < end) continue;
    const each = [...wrong].map(
      ([scope, how]) => `${scope}: ${how}\n${interception.journal(scope).slice(-12).join('\n')}`,
    );
    throw new Error(`neither met their fault nor came to their end: ${each.join('\n')}`);
  }
}
