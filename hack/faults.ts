/**
 * Faults against the operator on a real control plane (`npm run faults`); docs/reliability.md says what is covered.
 *
 *   --quick          a sample of each class, short silences
 *   --class 1,2      only these classes
 *   --only TEXT      only cases whose name contains it
 *   --seed NUMBER    the same sample and the same generated values again
 *   --list           counts the cases of a full run, after the fault-free one that their number depends on
 *   --names          with --list: names them too
 *   --cases          every fault that was found in Steward, with the tests that keep it away, run now; with --quick without a real node,
 *                    --only picks by id
 *   --mutants        mutated runtimes instead: each must be noticed; --only picks by name
 *   --beds NUMBER    shares the classes out over so many control planes; default 1
 *   --soak-minutes   how long class 12 takes; default 20, and half a minute with --quick
 *   --soak-hours     the same; with `--class 12` for a night of its own
 *   --guest          steps in guests instead: connections cut, workers killed, paused, doubled; with --quick fewer cuts and no real guest
 *   --backup         backups and restores instead: ten classes, of which the last has the real Velero; with --quick a sample without it; --class and --only pick
 *   --applications   managed applications instead: in an installed Debian and against the API server; needs root; with --quick a sample; --class picks
 *   --report FILE    the counts as JSON: numPassedTests, numFailedTests, failures, classes
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runCases } from '../test/cases/run.ts';
import { runApplicationFaults } from '../test/faults/applications/run.ts';
import { runBackupFaults } from '../test/faults/backup/run.ts';
import { classesGiven, onBedOfMany, runOnBeds } from '../test/faults/beds.ts';
import { classes } from '../test/faults/classes.ts';
import { startBed } from '../test/faults/cluster/bed.ts';
import { runGuestFaults } from '../test/faults/guest/run.ts';
import { runMutants } from '../test/faults/mutants/run.ts';
import { launch, refusal } from '../test/faults/operator/launch.ts';
import { FaultRun } from '../test/faults/run.ts';
import { CHURN, SOAK, soak, soakNames } from '../test/faults/soak/soak.ts';
import { report, runClasses, type Tally, tallyOf, totalOf } from '../test/faults/tally.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    class: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    list: { type: 'boolean', default: false },
    names: { type: 'boolean', default: false },
    cases: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    guest: { type: 'boolean', default: false },
    backup: { type: 'boolean', default: false },
    applications: { type: 'boolean', default: false },
    beds: { type: 'string', default: '1' },
    'soak-minutes': { type: 'string' },
    'soak-hours': { type: 'string' },
    report: { type: 'string' },
  },
});

if (values.cases) {
  const { passed, failures } = await runCases({ only: values.only, quick: values.quick });
  for (const failure of failures) console.log(`\nFAILED ${failure}`);
  console.log(`\n${passed} passed, ${failures.length} failed`);
  process.exit(failures.length > 0 || passed === 0 ? 1 : 0);
}

if (values.guest) {
  const tallies = await runGuestFaults({ quick: values.quick, say: line => console.log(`    ${line}`) });
  await writeReport(tallies);
  const { passed, failed } = totalOf(tallies);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

if (values.backup) {
  const seed = seedGiven();
  const wanted = values.class === undefined ? undefined : new Set(values.class.split(',').map(Number));
  const only = (name: string) => name.includes(values.only);
  const say = (line: string) => console.log(`    ${line}`);
  console.log(`faults of backups: seed ${seed}${values.quick ? ', a sample' : ''}`);
  const tallies = await runBackupFaults({ quick: values.quick, seed, wanted, only, say });
  await writeReport(tallies, { seed });
  const { passed, failed } = totalOf(tallies);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

if (values.applications) {
  const wanted = values.class === undefined ? undefined : new Set(values.class.split(',').map(Number));
  const say = (line: string) => console.log(`    ${line}`);
  const tallies = await runApplicationFaults({ quick: values.quick, wanted, say });
  await writeReport(tallies);
  const { passed, failed } = totalOf(tallies);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exit(failed > 0 || passed === 0 ? 1 : 0);
}

const seed = seedGiven();
const wanted = values.class?.split(',').map(Number);
const isWanted = (id: number) => wanted === undefined || wanted.includes(id);
const chosen = classes.filter(({ id }) => isWanted(id));
const only = (name: string) => name.includes(values.only);
const quick = values.quick || values.mutants;
const say = (line: string) => console.log(`    ${line}`);
console.log(`faults: seed ${seed}${values.quick ? ', a sample' : ''}`);

const soaks = isWanted(SOAK.id) && !values.list && !values.mutants && soakNames().some(only);
// On a bed of its own, beside the other classes: it takes longer than most of them together.
const soaking = soaks ? soaked() : Promise.resolve([]);
const tallies: Tally[] = [];
if (chosen.length > 0 || values.mutants) tallies.push(...(await onBeds()));
tallies.push(...(await soaking));
const total = totalOf(tallies);
await writeReport(tallies, { seed });
console.log(
  values.list
    ? `\n${total.passed} cases in a full run (seed ${seed})`
    : `\n${total.passed} passed, ${total.failed} failed (seed ${seed})`,
);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);

function seedGiven(): number {
  return values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
}

async function writeReport(classes: readonly Tally[], more: object = {}): Promise<void> {
  if (values.report === undefined) return;
  const { passed, failed } = totalOf(classes);
  const failures = classes.flatMap(tally => tally.failures);
  const counts = { numPassedTests: passed, numFailedTests: failed, failures, ...more, classes };
  await writeFile(values.report, `${JSON.stringify(counts, undefined, 2)}\n`);
}

async function onBeds(): Promise<Tally[]> {
  const beds = Number(values.beds);
  if (beds === 1 || values.list || values.mutants) return onBed();
  const words = ['--seed', String(seed), '--only', values.only, '--class', chosen.map(({ id }) => id).join(',')];
  return runOnBeds(beds, chosen, quick ? ['--quick', ...words] : words);
}

async function onBed(): Promise<Tally[]> {
  const bed = await startBed(line => console.log(line));
  console.log('the control plane is up');
  const run = new FaultRun(bed, { launch, refusal }, seed, quick);
  run.targeted = values.mutants || values.only !== '';
  run.progress = say;
  try {
    await run.refer();
    for (const [operation, { writes, events }] of run.references)
      console.log(`without faults: ${operation}: ${writes} writes, ${events} watch events`);
    if (values.list) return list(run);
    if (!values.mutants) return await runClasses(run, onBedOfMany ? classesGiven(chosen) : chosen, only);
    const results = await runMutants(run, { launch, refusal }, values.only);
    const outcomes = results.map(({ name, caught }) => (caught ? { name } : { name, failure: 'not caught' }));
    return [tallyOf(0, 'mutants', outcomes, 0)];
  } finally {
    run.world.end();
    await run.stopAll();
    await bed.stop();
  }
}

async function soaked(): Promise<Tally[]> {
  const began = performance.now();
  const minutes = Number(values['soak-hours'] ?? 0) * 60 || Number(values['soak-minutes'] ?? (quick ? 0.4 : 20));
  const settings = { seconds: minutes * 60, churn: quick ? CHURN.quick : CHURN.full, say };
  const outcomes = await soak(settings).catch((error: unknown) => [
    { name: 'the class ran to its end', failure: String(error instanceof Error ? error.stack : error) },
  ]);
  return [report(tallyOf(SOAK.id, SOAK.title, outcomes, performance.now() - began))];
}

/** What a full run would count, as far as every fault takes place. */
function list(run: FaultRun): Tally[] {
  const each = chosen.map(({ id, title, names }) => {
    run.draw(id);
    return { id, title, names: names(run).filter(only) };
  });
  if (isWanted(SOAK.id)) each.push({ ...SOAK, names: soakNames().filter(only) });
  return each
    .sort((a, b) => a.id - b.id)
    .map(({ id, title, names }) => {
      if (new Set(names).size !== names.length) throw new Error(`class ${id} has two cases of one name`);
      console.log(`${String(id).padStart(2)}. ${title}: ${names.length} cases`);
      if (values.names) for (const name of names) say(name);
      return { id, title, passed: names.length, failed: 0, idle: 0, seconds: 0, failures: [] };
    });
}
