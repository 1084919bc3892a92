/** One case: an operation with a fault. Many run at once, each in a namespace of its own, under one operator. */
import type { Fault } from './interception.ts';
import { act, type Operation, prepare } from './lives.ts';
import type { LaunchSettings } from './operator/launch.ts';
import type { Picture, Sight } from './picture.ts';
import { type FaultRun, LIMIT_MS, type Running } from './run.ts';

export type Case = {
  readonly name: string;
  readonly operation: Operation;
  readonly fault?: Fault;
  /** What happens instead of the operation; the end is then the state before it, unless `ends` says otherwise. */
  readonly act?: (scope: string, running: Running) => Promise<void>;
  readonly ends?: 'baseline' | 'final';
  /** Which lines of the pictures are compared; default: all. */
  readonly sight?: Sight;
  /** Looked at in the end, besides the picture: what is wrong, if anything. */
  readonly check?: (scope: string, interception: Running['interception']) => string | undefined;
};
/** `idle`: the fault never took place, so the case says nothing and is not counted. */
export type Outcome = { readonly name: string; readonly failure?: string; readonly idle?: boolean };

export type FaultClass = {
  /** As the issue numbers them. */
  readonly id: number;
  readonly title: string;
  /** The cases of a full run, by the generators that it uses. */
  names(run: FaultRun): readonly string[];
  run(run: FaultRun, only: (name: string) => boolean): Promise<readonly Outcome[]>;
};

export type BatchOptions = {
  /** The operator ends when every fault has taken place, and another one finishes the work. */
  readonly crash?: boolean;
  /** Another operator finishes the work, because `during` has ended the first. */
  readonly next?: boolean;
  readonly settings?: Partial<LaunchSettings>;
  /** Called when all is as before the operations. */
  readonly before?: (running: Running, scopes: readonly string[]) => Promise<void>;
  /** Called when everything has been asked for, with the faults in force. */
  readonly during?: (running: Running, scopes: readonly string[]) => Promise<void>;
  /** Called when every fault has taken place, or its case has come to its end without, and the operator is still. */
  readonly afterFaults?: (interception: Running['interception']) => void;
  readonly limitMs?: number;
};

/** Namespaces that change at once. */
export const BATCH = 90;

export function namesOf(cases: readonly { readonly name: string }[]): string[] {
  return cases.map(({ name }) => name);
}

/** Runs the cases in batches; the fault-free end is what each must come to. */
export async function runCases(run: FaultRun, cases: readonly Case[], options: BatchOptions = {}): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let first = 0; first < cases.length; first += BATCH) {
    const began = performance.now();
    const batch = await runBatch(run, cases.slice(first, first + BATCH), options);
    outcomes.push(...batch);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    run.progress(`${batch.length} cases in ${seconds} s: ${batch[0]?.name} …`);
  }
  return outcomes;
}

async function runBatch(run: FaultRun, cases: readonly Case[], options: BatchOptions): Promise<Outcome[]> {
  const scopes = await run.scopes(cases.length);
  const scopeOf = (index: number) => scopes[index] ?? '';
  for (const [index, { name }] of cases.entries()) run.label(scopeOf(index), name);
  const baselines = new Map(cases.map(({ operation }, index) => [scopeOf(index), run.reference(operation).baseline]));
  const ends = new Map(cases.map((each, index) => [scopeOf(index), endOf(run, each)]));
  const sights = new Map(cases.map(({ sight }, index) => [scopeOf(index), sight]));
  let running = await run.start(options.settings);
  await Promise.all(cases.map(({ operation }, index) => prepare(run.bed.client, operation, scopeOf(index))));
  const unprepared = await run.converge(baselines, options.limitMs);
  await run.still(running, 250);
  await options.before?.(running, scopes);
  for (const [index, { fault }] of cases.entries()) if (fault) running.interception.arm(scopeOf(index), fault);
  const first = running;
  await Promise.all(
    cases.map((each, index) =>
      each.act ? each.act(scopeOf(index), first) : act(run.bed.client, each.operation, scopeOf(index)),
    ),
  );
  await options.during?.(running, scopes);
  if (options.crash === true || options.afterFaults) await unfinished(run, running, cases, scopes);
  if (options.afterFaults) {
    await run.still(running, 400);
    options.afterFaults(running.interception);
  }
  if (options.crash === true) await running.steward.stop();
  const { interception } = running;
  if (options.crash === true || options.next === true) running = await run.start(options.settings);
  const early = await run.converge(ends, options.limitMs, { sights });
  // What has just been done may not have been seen yet, and what is right may not stay so.
  if (early.size === 0) await run.still(running);
  const wrong = early.size === 0 ? await run.converge(ends, 2_000, { sights }) : early;
  const met = scopes.map(scope => interception.met(scope));
  await running.steward.stop();
  return cases.map(({ name, fault, check }, index) => {
    const scope = scopeOf(index);
    const difference = unprepared.get(scope) ?? wrong.get(scope) ?? check?.(scope, interception);
    if (difference === undefined) return { name, idle: fault !== undefined && met[index] !== true };
    return {
      name,
      failure: [`in ${scope}: ${difference}`, ...interception.journal(scope).slice(-12)].join('\n      '),
    };
  });
}

export function endOf(
  run: FaultRun,
  { operation, act: instead, ends = instead ? 'baseline' : 'final' }: Case,
): Picture {
  return run.reference(operation)[ends];
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
