/**
 * Everything CI checks, in one command (`npm test`): types, lint, generated files and unit tests; then, on the test bed (built once),
 * the integration and chart tests, the counts of the bench and a sample of the faults; and where this machine can have a real node, the
 * tests on it and a sample of those with guests that boot. What has failed is told again at the end; the last line reads
 * `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whatIsMissing } from './testbed/node/box/prerequisites.ts';
import { type Tally, tallyOf } from './testreport.ts';

type Step = {
  readonly name: string;
  readonly command: readonly string[];
  /** Arguments by which the command writes a report in vitest's form to a file; absent: the command is one check. */
  readonly reportTo?: (file: string) => readonly string[];
};

const biome = join(import.meta.dirname, 'biome.mjs');
const testbed = ['node', 'hack/testbed/cli.ts'];
const ownReport = (file: string) => ['--report', file];
const vitestReport = (file: string) => ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];

const everywhere: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['node', biome, 'check', '.'] },
  { name: 'generated files', command: ['node', 'hack/generate/generate.ts', '--check'] },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'], reportTo: vitestReport },
  { name: 'test bed', command: [...testbed, 'build'] },
  { name: 'integration tests', command: ['vitest', 'run', '--project', 'integration'], reportTo: vitestReport },
  { name: 'counts of the bench', command: ['node', 'hack/bench/bench.ts', '--quick'], reportTo: ownReport },
  { name: 'faults', command: ['node', 'hack/faults.ts', '--quick', '--seed', '1'], reportTo: ownReport },
];

const onNode: readonly Step[] = [
  { name: 'real node', command: [...testbed, 'build', '--profile', 'node'] },
  {
    name: 'tests on the node',
    command: [...testbed, 'in-box', '--', 'vitest', 'run', '--project', 'node'],
    reportTo: vitestReport,
  },
  {
    name: 'guests that boot',
    command: ['node', 'hack/e2e.ts', '--node', '--sample'],
    reportTo: ownReport,
  },
];

let running: ReturnType<typeof spawn> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    running?.kill(signal);
    process.exitCode = 130;
  });
}

function run(command: readonly string[]): Promise<number> {
  const [program = '', ...rest] = command;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
    running = child;
    child.once('error', reject);
    child.once('exit', code => resolve(code ?? 1));
  });
}

async function execute(step: Step, folder: string): Promise<Tally> {
  if (step.reportTo === undefined) {
    const exitCode = await run(step.command);
    if (exitCode === 0) return { passed: 1, failed: 0, failures: [] };
    return { passed: 0, failed: 1, failures: [`${step.command.join(' ')} ended with exit code ${exitCode}`] };
  }
  const report = join(folder, `${step.name.replaceAll(' ', '-')}.json`);
  const exitCode = await run([...step.command, ...step.reportTo(report)]);
  return tallyOf(report, exitCode);
}

const folder = await mkdtemp(join(tmpdir(), 'steward-verify-'));
const total = { passed: 0, failed: 0 };
const failures: string[] = [];
const lacking = await whatIsMissing();
for (const step of lacking.length === 0 ? [...everywhere, ...onNode] : everywhere) {
  const began = performance.now();
  console.log(`\n── ${step.name}`);
  const tally = await execute(step, folder);
  total.passed += tally.passed;
  total.failed += tally.failed;
  failures.push(...tally.failures.map(failure => `${step.name}: ${failure}`));
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`── ${step.name}: ${tally.passed} passed, ${tally.failed} failed (${seconds} s)`);
  if (process.exitCode) break;
}
await rm(folder, { recursive: true, force: true });
if (lacking.length > 0) console.log(`\nNo tests on a real node, which this machine cannot run:\n${lacking.join('\n')}`);
if (total.failed > 0) process.exitCode ??= 1;
for (const failure of failures) console.log(`\nFAILED ${failure}`);
console.log(`\n${total.passed} passed, ${total.failed} failed`);
