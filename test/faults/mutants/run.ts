/** Runs each mutated runtime against the cases that must notice it, after the real one has passed the same cases. */
import type { Outcome } from '../cases.ts';
import { classes } from '../classes.ts';
import type { Runtime } from '../operator/launch.ts';
import type { FaultRun } from '../run.ts';
import { CHURN, SOAK, soak } from '../soak/soak.ts';
import { type Mutant, mutants } from './mutants.ts';
import { mutated } from './mutation.ts';

/** As long as in a sample. */
const SOAK_SECONDS = 24;

export type MutantResult = { readonly name: string; readonly caught: boolean };

export async function runMutants(run: FaultRun, real: Runtime, only: string): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  const ofTheReal = new Map<string, readonly string[]>();
  for (const mutant of mutants.filter(({ name }) => name.includes(only))) {
    const cases = `${mutant.noticedBy} ${mutant.only}`;
    const unsound = ofTheReal.get(cases) ?? (await failures(run, real, mutant, 45_000));
    ofTheReal.set(cases, unsound);
    const found = await failures(run, await mutated(mutant), mutant, undefined);
    const caught = unsound.length === 0 && found.length > 0;
    results.push({ name: mutant.name, caught });
    const how =
      unsound.length > 0 ? 'the real runtime fails too' : `${found.length} cases of class ${mutant.noticedBy} failed`;
    console.log(`${caught ? 'caught' : 'NOT CAUGHT'}: ${mutant.name} (src/runtime/${mutant.file}): ${how}`);
    for (const failure of [...unsound, ...found].slice(0, 3)) console.log(`    ${failure}`);
  }
  return results;
}

/** Which of the cases fail with this runtime, and how; a run that breaks off is one. */
async function failures(
  run: FaultRun,
  runtime: Runtime,
  mutant: Mutant,
  limitMs: number | undefined,
): Promise<readonly string[]> {
  run.use(runtime, limitMs);
  try {
    const outcomes = await outcomesOf(run, mutant);
    if (outcomes.every(({ idle }) => idle === true)) throw new Error(`no case of class ${mutant.noticedBy} took place`);
    return outcomes.flatMap(({ name, failure }) => (failure === undefined ? [] : [told(`${name}: ${failure}`)]));
  } catch (error) {
    return [told(String(error))];
  } finally {
    await run.purge();
  }
}

/** Enough to see whether it was noticed for the right reason. */
function told(failure: string): string {
  return failure.replace(/\s+/g, ' ').slice(0, 400);
}

async function outcomesOf(run: FaultRun, { noticedBy, only }: Mutant): Promise<readonly Outcome[]> {
  if (noticedBy === SOAK.id)
    return soak({ seconds: SOAK_SECONDS, churn: CHURN.quick, mutant: run.mutant, say: run.progress });
  const faults = classes.find(({ id }) => id === noticedBy);
  return (await faults?.run(run, name => name.includes(only))) ?? [];
}
