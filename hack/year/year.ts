/**
 * `npm run year -- --seed N [--systems 100] [--days 372]`: a year of a fleet in simulated time, through the decisions that Steward makes (windows, runs,
 * backups, incidents, clocks, changes, records, months), with faults and customers by chance; then the invariants.
 */
import { parseArgs } from 'node:util';
import { keepBackups } from './backups.ts';
import { keepChanges } from './changes.ts';
import { keepSensors } from './incidents.ts';
import { type Found, invariantsOf } from './invariants.ts';
import { keepMonths, Months } from './months.ts';
import { orderSystem } from './orders.ts';
import { keepWindows } from './patching.ts';
import { keepReports } from './reports.ts';
import { World, type YearOptions } from './world.ts';

export type Year = Found & {
  readonly world: World;
  readonly months: Months;
};

/** Lives a year through. */
export function live(options: YearOptions): Year {
  const world = new World(options);
  const months = new Months();
  world.begin();
  for (let system = 0; system < options.systems; system++)
    world.simulation.in(world.dice.int(60, 40 * 86_400) * (system % 2) + 600, () => orderSystem(world));
  keepWindows(world);
  keepBackups(world);
  keepSensors(world);
  keepChanges(world);
  keepMonths(world, months);
  keepReports(world);
  const end = new Date(world.now.getTime() + options.days * 86_400_000);
  world.simulation.run(end);
  months.tell(world);
  const { violations, checked } = invariantsOf(world.diary, options.year, end.getTime() / 1000);
  const broken = [...months.wrong, ...world.records.faults().map(fault => `records: ${fault}`)];
  return { world, months, checked, violations: [...violations, ...broken] };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      systems: { type: 'string', default: '100' },
      days: { type: 'string', default: '372' },
    },
  });
  const [seed, systems, days] = [values.seed, values.systems, values.days].map(Number);
  const begun = performance.now();
  const { world, months, violations, checked } = live({
    seed: seed ?? 1,
    systems: systems ?? 100,
    days: days ?? 372,
    year: 2027,
  });
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  const { diary, records, simulation } = world;
  console.log(
    `seed ${seed}: ${simulation.happened} things happened to ${diary.systems.size} systems in ${days} days, in ${took} s; ${records.count} records`,
  );
  console.log(`  ${diary.incidents.size} incidents, ${diary.changes.size} changes, ${months.closed.size} bills`);
  for (const [what, count] of [...diary.faults].sort()) console.log(`  fault: ${what}, ${count} times`);
  for (const [what, count] of Object.entries(checked).sort()) console.log(`  ${what}: looked at ${count}`);
  for (const violation of violations.slice(0, 20)) console.log(`  BROKEN ${violation}`);
  console.log(violations.length === 0 ? '  all hold' : `  ${violations.length} broken`);
  process.exitCode = violations.length === 0 ? 0 : 1;
}
