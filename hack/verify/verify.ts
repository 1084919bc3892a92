/**
 * Everything CI checks, in one command: `npm test`; `npm test -- --help` lists the steps (steps.ts) and what they may take (budgets.ts).
 * What has failed is told again at the end, by the name of its step; the last line reads `N passed, N failed`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whatIsMissing } from '../testbed/node/box/prerequisites.ts';
import { totalOverrun } from './budgets.ts';
import { stepsFor, withNeeds } from './changed.ts';
import { changedPaths } from './changedpaths.ts';
import { Meter } from './charge.ts';
import { endAll, execute, failed, LOOK, type Outcome } from './execute.ts';
import { type Step, type StepName, stages, stepNames, steps } from './steps.ts';
import { slowestOf, stepsTable, tableOf } from './table.ts';

const usage = `npm test                     everything, as CI runs it
npm test -- --changed        only the steps that concern what has changed since this branch left main, uncommitted work included
npm test -- --since COMMIT   the same, since a commit
npm test -- --only STEP,STEP these steps and what they need
npm test -- --list           with one of these: say which steps would run, and end

A step fails that takes half as much again as its share; seconds of two cores that do nothing else (hack/verify/budgets.ts):

${stepsTable(steps)}`;

const { values } = parseArgs({
  options: {
    changed: { type: 'boolean', default: false },
    since: { type: 'string' },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

async function chosen(): Promise<readonly StepName[]> {
  if (values.only !== undefined) return withNeeds(values.only.split(',').map(stepNamed), steps);
  if (!values.changed && values.since === undefined) return stepNames;
  const paths = await changedPaths(values.since);
  console.log(paths.length === 0 ? 'nothing has changed' : `changed:\n  ${paths.join('\n  ')}`);
  return stepsFor(paths, steps);
}

function stepNamed(text: string): StepName {
  const name = stepNames.find(each => each === text.trim());
  if (name === undefined) throw new Error(`there is no step "${text}"; there are ${stepNames.join(', ')}`);
  return name;
}

let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    interrupted = true;
    process.exitCode = 130;
    endAll(signal);
  });

/** Runs the steps of one lane, one after the other; what lacks what it needs is not run. */
async function runLane(lane: readonly Step[], folder: string, alone: boolean, outcomes: Outcome[]): Promise<void> {
  for (const step of lane) {
    if (interrupted) return;
    const lacks = step.needs?.find(need => outcomes.some(each => each.step.name === need && each.failed > 0));
    const outcome =
      lacks === undefined ? await execute(step, folder, alone) : failed(step, `was not run, because ${lacks} failed`);
    outcomes.push(outcome);
    const { passed, failed: bad, took } = outcome;
    console.log(`── ${step.name}: ${passed} passed, ${bad} failed (${took.toFixed(1)} s)`);
  }
}

async function runAll(names: readonly StepName[]): Promise<Outcome[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-verify-'));
  const outcomes: Outcome[] = [];
  try {
    for (const stage of stages) {
      const lanes = stage.map(lane => lane.filter(({ name }) => names.includes(name))).filter(lane => lane.length > 0);
      await Promise.all(lanes.map(lane => runLane(lane, folder, lanes.length === 1, outcomes)));
    }
    return outcomes;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function verify(): Promise<void> {
  const asked = await chosen();
  const wanted = steps.filter(({ name }) => asked.includes(name));
  const lacking = wanted.some(({ node }) => node) ? await whatIsMissing() : [];
  const names = wanted.filter(({ node }) => !node || lacking.length === 0).map(({ name }) => name);
  if (values.list) return console.log(names.join('\n'));
  const meter = new Meter(process.pid);
  const looks = setInterval(() => meter.look(), LOOK);
  const outcomes = await runAll(names).finally(() => clearInterval(looks));
  tell(outcomes, { took: meter.took, charge: meter.charge }, lacking);
}

/** `whole`: what all of it took; `lacking`: why there are no tests on a real node, line by line. */
function tell(outcomes: readonly Outcome[], whole: Pick<Outcome, 'took' | 'charge'>, lacking: readonly string[]): void {
  const failures = outcomes.flatMap(({ step, failures }) => failures.map(failure => `${step.name}: ${failure}`));
  const others = [
    totalOverrun(new Map(outcomes.map(({ step, charge }) => [step.name, charge])), whole.charge),
    interrupted ? 'interrupted' : undefined,
  ].filter(each => each !== undefined);
  const passed = outcomes.reduce((sum, each) => sum + each.passed, 0);
  const failed = outcomes.reduce((sum, each) => sum + each.failed, others.length);
  const parts = [
    slowestOf(
      'files',
      outcomes.flatMap(({ files = [] }) => files),
    ),
    slowestOf(
      'tests',
      outcomes.flatMap(({ tests = [] }) => tests),
    ),
    tableOf(outcomes, whole),
    lacking.length === 0 ? '' : `No tests on a real node, which this machine cannot run:\n${lacking.join('\n')}`,
    ...[...failures, ...others].map(failure => `FAILED ${failure}`),
    `${passed} passed, ${failed} failed`,
  ];
  for (const part of parts.filter(Boolean)) console.log(`\n${part}`);
  if (failed > 0) process.exitCode ??= 1;
}

if (values.help) console.log(usage);
else await verify();
