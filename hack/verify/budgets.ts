/**
 * What the steps of `npm test` may take, in seconds; a step that takes half as much again fails by its name.
 *
 * The figures are of two cores that do nothing else: CI's. Everywhere else a step is charged what it would have taken there, as far as can be
 * known: its time, less the machine's work for others (`chargeable` of charge.ts), be they other users, or steps that run beside it.
 * So a busy machine accuses nobody, a step that hangs or grew is caught on a quiet one, and the shares add up to the time of the whole.
 * CPU time alone would let a test sleep for an hour, and the clock alone would blame it for its neighbours.
 *
 * A step that has outgrown its share is made faster, or moves to a long form behind a flag; the share is raised only out of `room`.
 */
import type { StepName } from './steps.ts';

export type Budget = {
  /** Where everything that is built once lies in the cache. */
  readonly warm: number;
  /** Where nothing does; the same as warm where it is absent. */
  readonly cold?: number;
};

export const budgets: Readonly<Record<StepName, Budget>> = {
  types: { warm: 10 },
  lint: { warm: 10 },
  'generated files': { warm: 10 },
  'unit tests': { warm: 65 },
  'test bed': { warm: 5, cold: 890 },
  'integration tests': { warm: 860 },
  'counts of the bench': { warm: 105 },
  faults: { warm: 400 },
  'orders in Git': { warm: 60 },
  'real node': { warm: 5, cold: 900 },
  'tests on the node': { warm: 260 },
  'guests that boot': { warm: 700 },
};

/** What each promise may add to the life of the guest (test/e2e/life). */
export const CHAPTER = 120;

/** Kept free for the promise to come: backup. Applications, incidents and evidence need room that must be made. */
export const room = CHAPTER;

/** Of all steps together; CI ends a run after 90 minutes. */
export const limits = { warm: 45 * 60, cold: 75 * 60 } as const;

/** A step fails beyond this multiple of its share, and is ended beyond twice that, so that the others are still told. */
export const OVERRUN = 1.5;

type State = keyof typeof limits;

export function shareOf(name: StepName, state: State): number {
  const { warm, cold = warm } = budgets[name];
  return state === 'warm' ? warm : cold;
}

export function sumOf(names: readonly StepName[], state: State): number {
  return names.reduce((sum, name) => sum + shareOf(name, state), 0);
}

/** A step that may build is allowed its cold share: what it takes warm is nothing, so more than that is a build. */
export function mostOf(name: StepName): number {
  return OVERRUN * shareOf(name, 'cold');
}

/** A run is cold when something was built in it. */
export function stateOf(charges: ReadonlyMap<StepName, number>): State {
  const built = ([name, seconds]: readonly [StepName, number]) =>
    budgets[name].cold !== undefined && seconds > OVERRUN * budgets[name].warm;
  return [...charges].some(built) ? 'cold' : 'warm';
}

/** Why a step is over its budget; undefined where it is not. Both in seconds: by the clock, and what it is charged. */
export function overrunOf(name: StepName, took: number, charge: number): string | undefined {
  if (charge <= mostOf(name)) return undefined;
  const share = shareOf(name, 'cold');
  return `${name} took ${Math.round(took)} s and is charged ${Math.round(charge)} s, over its budget of ${share} s by more than half (hack/verify/budgets.ts)`;
}

/**
 * Why all steps together are over the budget; undefined where they are not. `total`: what the whole run is charged, in seconds; less than the
 * sum of its steps where one used what another left of the machine.
 */
export function totalOverrun(charges: ReadonlyMap<StepName, number>, total: number): string | undefined {
  const state = stateOf(charges);
  if (total <= limits[state]) return undefined;
  return `all steps together are charged ${Math.round(total)} s; the budget is ${limits[state]} s ${state}`;
}
