/** The operator is upgraded and rolled back: older ones leave children of their own making, and the current one ends it all alike. */
import * as upstream from '../../../../src/api/upstream.ts';
import { type Case, endOf, type Outcome } from '../../cases.ts';
import { act, OPERATIONS, prepare } from '../../lives.ts';
import { mutated } from '../../mutants/mutation.ts';
import { type OlderOperator, olderOperators } from '../../mutants/older.ts';
import type { FaultRun, Running } from '../../run.ts';

type Way = 'upgraded' | 'rolled back';
export type Rollback = Case & { readonly older: OlderOperator; readonly way: Way };

/** What holds data or keys must be the same object in the end: made anew, it would be another machine. */
const PRECIOUS = [upstream.VirtualMachine, upstream.DataVolume, upstream.Secret];
/** Its verdict is told at once and stays as whoever gave it has written it. */
const VERDICT = 'Restore create';
/** Statuses may be written in another number of steps. */
const MORE_WRITES = 6;

export function rollbacks(): Rollback[] {
  return olderOperators.flatMap(older =>
    (['upgraded', 'rolled back'] as const).flatMap(way =>
      OPERATIONS.filter(operation => way === 'upgraded' || operation !== VERDICT).map(operation => ({
        ...{ operation, older, way },
        name:
          way === 'upgraded'
            ? `${operation} after an upgrade from ${older.name}`
            : `${operation} while rolled back to ${older.name}`,
      })),
    ),
  );
}

/** One batch for each older operator: both ways at once. */
export async function runRollbacks(run: FaultRun, cases: readonly Rollback[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const older of olderOperators) {
    const mine = cases.filter(each => each.older === older);
    if (mine.length > 0) outcomes.push(...(await runOne(run, older, mine)));
  }
  return outcomes;
}

type Scoped = { readonly one: Rollback; readonly scope: string };

async function runOne(run: FaultRun, older: OlderOperator, cases: readonly Rollback[]): Promise<Outcome[]> {
  const past = await mutated(older);
  const { reading } = older;
  const scopes = await run.scopes(cases.length);
  const each = cases.map((one, index) => ({ one, scope: scopes[index] ?? '' }));
  for (const { one, scope } of each) run.label(scope, one.name);
  const of = (way: Way) => each.filter(({ one }) => one.way === way);
  const prepareAll = (which: readonly Scoped[]) =>
    Promise.all(which.map(({ one, scope }) => prepare(run.bed.client, one.operation, scope)));
  const actAll = (which: readonly Scoped[]) =>
    Promise.all(which.map(({ one, scope }) => act(run.bed.client, one.operation, scope)));

  await during(run, run.start(), () => prepareAll(of('rolled back')));
  const before = new Map(each.map(({ scope }) => [scope, precious(run, scope)]));
  // Without its catalogue entry a machine stays as it is. So that entry goes before the older operator can take anything away, which nobody
  // could bring back, and the current one sees to what an older one has left before it goes.
  const isLasting = ({ one }: Scoped) => one.operation === 'OperatingSystem delete';
  await actAll(of('rolled back').filter(isLasting));
  await during(
    run,
    run.start({}, () => {}, past.launch),
    () => Promise.all([prepareAll(of('upgraded')), actAll(of('rolled back').filter(each => !isLasting(each)))]),
  );
  for (const { scope } of of('upgraded')) before.set(scope, precious(run, scope));
  const left = new Map(each.map(({ scope }) => [scope, objectsIn(run, scope)]));

  const present = await run.start({}, interception => {
    for (const { scope } of each) interception.arm(scope, {});
  });
  const lasting = of('upgraded').filter(isLasting);
  const lastingEnds = new Map(lasting.map(({ one, scope }) => [scope, run.reference(one.operation).baseline]));
  await run.converge(lastingEnds, undefined, { reading });
  await actAll(of('upgraded'));
  const ends = new Map(each.map(({ one, scope }) => [scope, endOf(run, one)]));
  const wrong = await run.converge(ends, undefined, { reading });
  if (wrong.size === 0) await run.still(present);
  const found = each.map(({ one, scope }) => ({
    name: one.name,
    failure:
      wrong.get(scope) ?? tooMuch(run, present, one, scope, left.get(scope)) ?? madeAnew(run, scope, before.get(scope)),
    journal: present.interception.journal(scope).slice(-12),
    scope,
  }));
  await present.steward.stop();
  return found.map(({ name, failure, journal, scope }) =>
    failure === undefined ? { name } : { name, failure: [`in ${scope}: ${failure}`, ...journal].join('\n      ') },
  );
}

/** An operator for as long as this takes and all has come to rest. */
async function during(run: FaultRun, starting: Promise<Running>, work: () => Promise<unknown>): Promise<void> {
  const running = await starting;
  await work();
  await run.still(running, 1_500);
  await running.steward.stop();
}

/** Each child once, besides what the operation costs; one that then is deleted may have been brought up to date before. */
function tooMuch(
  run: FaultRun,
  { interception }: Running,
  { operation }: Rollback,
  scope: string,
  left = 0,
): string | undefined {
  const { writes } = interception.count(scope);
  const most = run.reference(operation).writes + Math.max(left, objectsIn(run, scope)) + MORE_WRITES;
  return writes > most ? `${writes} writes of the current operator, at most ${most} are due` : undefined;
}

function objectsIn(run: FaultRun, scope: string): number {
  return run.world.byScope().get(scope)?.length ?? 0;
}

type Identities = ReadonlyMap<string, string>;

function precious(run: FaultRun, scope: string): Identities {
  return new Map(
    PRECIOUS.flatMap(kind =>
      run.world.all(kind, scope).map(({ metadata }) => [`${kind.kind} ${metadata.name}`, metadata.uid ?? '']),
    ),
  );
}

function madeAnew(run: FaultRun, scope: string, before: Identities = new Map()): string | undefined {
  const anew = [...precious(run, scope)].filter(([name, uid]) => before.has(name) && before.get(name) !== uid);
  return anew.length === 0 ? undefined : `made anew: ${anew.map(([name]) => name).join(', ')}`;
}
