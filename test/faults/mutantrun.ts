/** Runs each mutated runtime against the cases that must notice it, after the real one has passed the same cases. */
import type { Outcome } from './cases.ts';
import { classes } from './classes.ts';
import type { Runtime } from './launch.ts';
import { type Mutant, mutants } from './mutants.ts';
import { mutated } from './mutation.ts';
import type { FaultRun } from './run.ts';
import { CHURN, SOAK, soak } from './soak.ts';

/** As long as in a sample. */
const SOAK_SECONDS = 24;

export type MutantResult = { readonly name: string; readonly caught: boolean };

export async function runMutants(run: FaultRun, real: Runtime, only: string): Promise<MutantResult[]> {
  const results: MutantResult[] = [];
  const sound = new Map<string, boolean>();
  for (const mutant of mutants.filter(({ name }) => name.includes(only))) {
    const cases = `${mutant.noticedBy} ${mutant.only}`;
    if (!sound.has(cases)) sound.set(cases, (await failures(run, real, mutant, 45_000)) === 0);
    const found = await failures(run, await mutated(mutant), mutant, undefined);
    const caught = sound.get(cases) === true && found > 0;
    results.push({ name: mutant.name, caught });
    const how =
      sound.get(cases) === true ? `${found} cases of class ${mutant.noticedBy} failed` : 'the real runtime fails too';
    console.log(`${caught ? 'caught' : 'NOT CAUGHT'}: ${mutant.name} (src/runtime/${mutant.file}): ${how}`);
  }
  return results;
}

/** How many of the cases fail with this runtime; a run that breaks off is one. */
async function failures(run: FaultRun, runtime: Runtime, mutant: Mutant, limitMs: number | undefined): Promise<number> {
  run.use(runtime, limitMs);
  try {
    const outcomes = await outcomesOf(run, mutant);
    if (outcomes.every(({ idle }) => idle === true)) throw new Error(`no case of class ${mutant.noticedBy} took place`);
    return outcomes.filter(({ failure }) => failure !== undefined).length;
  } catch (error) {
    console.log(`    ${String(error).slice(0, 300)}`);
    return 1;
  } finally {
    await run.purge();
  }
}

async function outcomesOf(run: FaultRun, { noticedBy, only }: Mutant): Promise<readonly Outcome[]> {
  if (noticedBy === SOAK.id)
    return soak({ seconds: SOAK_SECONDS, churn: CHURN.quick, mutant: run.mutant, say: run.progress });
  const faults = classes.find(({ id }) => id === noticedBy);
  return (await faults?.run(run, name => name.includes(only))) ?? [];
}
