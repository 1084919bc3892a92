/**
 * Everything CI checks, in one command (`npm test`): types, lint, generated files, unit tests, then the test bed is
 * built (cached) and the integration and chart tests run on it. The last line reads `N passed, N failed`.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Tally = { passed: number; failed: number };
type Step = { name: string; command: readonly string[]; counts?: 'vitest' };

const biome = join(import.meta.dirname, 'biome.mjs');
const steps: readonly Step[] = [
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'lint', command: ['node', biome, 'check', '.'] },
  { name: 'generated files', command: ['node', 'hack/generate/generate.ts', '--check'] },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'], counts: 'vitest' },
  { name: 'test bed', command: ['node', 'hack/testbed/cli.ts', 'build'] },
  { name: 'integration tests', command: ['vitest', 'run', '--project', 'integration'], counts: 'vitest' },
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

/** A run that died before it wrote its report counts as one failure, never as none. */
async function tallyOf(report: string, exitCode: number): Promise<Tally> {
  try {
    const { numPassedTests, numFailedTests } = JSON.parse(await readFile(report, 'utf8'));
    return { passed: numPassedTests, failed: exitCode === 0 ? numFailedTests : Math.max(1, numFailedTests) };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

async function execute(step: Step, folder: string): Promise<Tally> {
  if (step.counts !== 'vitest')
    return (await run(step.command)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
  const report = join(folder, `${step.name.replaceAll(' ', '-')}.json`);
  const exitCode = await run([...step.command, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
  return tallyOf(report, exitCode);
}

const folder = await mkdtemp(join(tmpdir(), 'steward-verify-'));
const total: Tally = { passed: 0, failed: 0 };
for (const step of steps) {
  const began = performance.now();
  console.log(`\n── ${step.name}`);
  const tally = await execute(step, folder);
  total.passed += tally.passed;
  total.failed += tally.failed;
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`── ${step.name}: ${tally.passed} passed, ${tally.failed} failed (${seconds} s)`);
  if (process.exitCode) break;
}
await rm(folder, { recursive: true, force: true });
if (total.failed > 0) process.exitCode ??= 1;
console.log(`\n${total.passed} passed, ${total.failed} failed`);
