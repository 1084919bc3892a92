/** A schema of a later version comes, with a new field that has a default, and goes again: children are not written for it. */
import { type Case, endOf, type Outcome } from '../../cases.ts';
import { currentCrds, enforce, type OwnCrds } from '../../cluster/crds.ts';
import { OWN_KINDS } from '../../cluster/ownkinds.ts';
import { FUTURE_FIELD, hasValue, mayHaveDefaults, withFuture } from '../../cluster/schemas.ts';
import { pathOfSeen } from '../../cluster/world.ts';
import { act, OPERATIONS, prepare } from '../../lives.ts';
import type { FaultRun } from '../../run.ts';
import { orderOf, restore } from './oldschema.ts';

type When = 'comes' | 'goes';
export type NewSchema = Case & { readonly when: When };

/** `comes`: everything is stored before it. `goes`: everything is stored under it, and by an operator that knew more. */
export function newSchemas(): NewSchema[] {
  return (['comes', 'goes'] as const).flatMap(when =>
    OPERATIONS.map(operation => ({
      ...{ operation, when },
      name:
        when === 'comes'
          ? `${operation} after a later schema has come, with a default`
          : `${operation} after a later schema and what its operator wrote have gone`,
    })),
  );
}

export async function runNewSchemas(run: FaultRun, cases: readonly NewSchema[]): Promise<Outcome[]> {
  if (cases.length === 0) return [];
  const crds = await currentCrds();
  const scopes = await run.scopes(cases.length);
  const each = cases.map((one, index) => ({ one, scope: scopes[index] ?? '' }));
  for (const { one, scope } of each) run.label(scope, one.name);
  const of = (when: When) => each.filter(({ one }) => one.when === when);
  const prepareAll = (when: When) =>
    Promise.all(of(when).map(({ one, scope }) => prepare(run.bed.client, one.operation, scope)));
  const actAll = (when: When) =>
    Promise.all(of(when).map(({ one, scope }) => act(run.bed.client, one.operation, scope)));
  const failures = new Map<string, string>();

  const first = await run.start();
  await prepareAll('comes');
  await run.still(first, 1_200);
  await first.steward.stop();
  try {
    await come(run, crds);
    const second = await run.start({}, interception => {
      for (const { scope } of of('comes')) interception.arm(scope, {});
    });
    await run.until('every object has been looked at', async () => (await second.steward.passes()) >= scopes.length);
    await run.still(second, 800);
    for (const { scope } of of('comes')) {
      const { writes } = second.interception.count(scope);
      if (writes > 0) failures.set(scope, `${writes} writes for a default: ${second.interception.journal(scope)}`);
    }
    await prepareAll('goes');
    await actAll('comes');
    await run.still(second, 1_200);
    await second.steward.stop();
    await Promise.all(of('goes').map(({ scope }) => writeMore(run, scope)));
  } finally {
    await restore(run, crds);
  }
  const third = await run.start();
  await actAll('goes');
  const wrong = await run.converge(new Map(each.map(({ one, scope }) => [scope, endOf(run, one)])));
  if (wrong.size === 0) await run.still(third);
  await third.steward.stop();
  return each.map(({ one: { name }, scope }) => {
    const failure = failures.get(scope) ?? wrong.get(scope);
    return failure === undefined ? { name } : { name, failure: `in ${scope}: ${failure}` };
  });
}

async function come(run: FaultRun, crds: OwnCrds): Promise<void> {
  await Promise.all(
    [...crds].map(([kind, crd]) => {
      const order = orderOf(kind, 'default');
      // Where there is no default, one that is written is kept.
      const probe = mayHaveDefaults(crd) ? order : { ...order, spec: { ...order.spec, [FUTURE_FIELD]: 'later' } };
      return enforce(run, withFuture(crd), probe, each => hasValue(each, [FUTURE_FIELD]));
    }),
  );
}

/** What a later operator may have left in statuses: fields, and conditions that the current one does not know. */
async function writeMore(run: FaultRun, scope: string): Promise<void> {
  const own = (run.world.byScope().get(scope) ?? []).filter(({ kind }) => OWN_KINDS.some(each => each.kind === kind));
  await Promise.all(
    own.map(seen => {
      const { conditions = [] } = (seen.object.status ?? {}) as { readonly conditions?: readonly object[] };
      const status = {
        [FUTURE_FIELD]: { deep: [1, { strange: true }] },
        conditions: [...conditions, laterCondition],
      };
      return run.bed.client.patch('merge', `${pathOfSeen(seen)}/status`, { status });
    }),
  );
}

const laterCondition = {
  type: 'QuantumCompliant',
  status: 'Unknown',
  reason: 'NotIncluded',
  message: 'Of a later version.',
  lastTransitionTime: '2026-01-02T03:04:05Z',
};
