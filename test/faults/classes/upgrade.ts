import { type FaultClass, namesOf, type Outcome } from '../cases.ts';
import { currentCrds, type OwnCrds } from '../cluster/crds.ts';
import { newSchemas, runNewSchemas } from './upgrade/newschema.ts';
import { oldSchemas, runOldSchemas } from './upgrade/oldschema.ts';
import { rollbacks, runRollbacks } from './upgrade/rollback.ts';
import { NEIGHBOURS, runViolations, violations } from './upgrade/violations.ts';

const crds: OwnCrds = await currentCrds();

/** Schemas and operators of other versions, before and after this one. */
export const upgrade: FaultClass = {
  id: 11,
  title: 'objects of an older and of a later schema, operator upgraded and rolled back',
  names: () => [
    ...[...namesOf(oldSchemas(crds)), ...namesOf(newSchemas()), ...namesOf(rollbacks())],
    ...[NEIGHBOURS, ...namesOf(violations())],
  ],
  run: async (run, only) => {
    const wanted = <Named extends { readonly name: string }>(cases: readonly Named[], sample: number): Named[] =>
      run.chosen(
        cases.filter(({ name }) => only(name)),
        sample,
      );
    const outcomes: Outcome[] = [];
    outcomes.push(...(await runOldSchemas(run, wanted(oldSchemas(crds), 6))));
    outcomes.push(...(await runNewSchemas(run, wanted(newSchemas(), 4))));
    outcomes.push(...(await runRollbacks(run, wanted(rollbacks(), 5))));
    outcomes.push(...(await runViolations(run, wanted(violations(), 9))));
    return outcomes;
  },
};
