/**
 * Faults against the operator on a real control plane (`npm run faults`); docs/reliability.md says what is covered.
 *
 *   --quick          a sample of each class, short silences
 *   --class 1,2      only these classes
 *   --only TEXT      only cases whose name contains it
 *   --seed NUMBER    the same sample and the same generated values again
 *   --mutants        mutated runtimes instead: each must be noticed; --only picks by name
 *   --report FILE    the counts as JSON: numPassedTests, numFailedTests, classes
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { startBed } from '../test/faults/bed.ts';
import { classes } from '../test/faults/classes.ts';
import { launch, refusal } from '../test/faults/launch.ts';
import { runMutants } from '../test/faults/mutantrun.ts';
import { randomOf } from '../test/faults/random.ts';
import { FaultRun } from '../test/faults/run.ts';
import { runClass, type Tally, totalOf } from '../test/faults/tally.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    class: { type: 'string' },
    only: { type: 'string', default: '' },
    seed: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    report: { type: 'string' },
  },
});

const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
const wanted = values.class?.split(',').map(Number);
const chosen = classes.filter(({ id }) => wanted === undefined || wanted.includes(id));
console.log(`faults: seed ${seed}${values.quick ? ', a sample' : ''}`);

const bed = await startBed(line => console.log(line));
console.log('the control plane is up');
const run = new FaultRun(bed, { launch, refusal }, randomOf(seed), values.quick || values.mutants);
run.targeted = values.mutants || values.only !== '';
run.progress = line => console.log(`    ${line}`);
const tallies: Tally[] = [];
try {
  await run.refer();
  for (const [operation, { writes, events }] of run.references)
    console.log(`without faults: ${operation}: ${writes} writes, ${events} watch events`);
  if (values.mutants) {
    const results = await runMutants(run, { launch, refusal }, values.only);
    const caught = results.filter(each => each.caught).length;
    tallies.push({ id: 0, title: 'mutants', passed: caught, failed: results.length - caught, idle: 0, seconds: 0 });
  } else for (const each of chosen) tallies.push(await runClass(run, each, name => name.includes(values.only)));
} finally {
  run.world.end();
  await run.stopAll();
  await bed.stop();
}
const total = totalOf(tallies);
if (values.report !== undefined) {
  const counts = { numPassedTests: total.passed, numFailedTests: total.failed, seed, classes: tallies };
  await writeFile(values.report, `${JSON.stringify(counts, undefined, 2)}\n`);
}
console.log(`\n${total.passed} passed, ${total.failed} failed (seed ${seed})`);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
