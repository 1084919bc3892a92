/** Runs the tests that the table of faults names, each file once, and prints how each fault stands. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { whatIsMissing } from '../../hack/testbed/node/box/prerequisites.ts';
import { faultCases } from './cases.ts';
import { type Standing, standingOf, type TestResult } from './standing.ts';

const root = join(import.meta.dirname, '../..');

type Program = {
  readonly title: string;
  readonly takes: (file: string) => boolean;
  /** Whether it needs a real node. */
  readonly onNode: boolean;
  readonly command: (files: readonly string[], report: string) => readonly string[];
};

const reportTo = (report: string) => ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const vitest = (project: string) => (files: readonly string[], report: string) => [
  ...['vitest', 'run', '--project', project, ...reportTo(report)],
  ...files,
];

/** The first that takes a file runs it. */
const programs: readonly Program[] = [
  {
    title: 'guests that boot',
    takes: file => file.startsWith('test/e2e/'),
    onNode: true,
    command: (files, report) => ['node', 'hack/e2e.ts', '--node', '--report', report, ...files],
  },
  {
    title: 'a real node',
    takes: file => file.endsWith('.node.test.ts'),
    onNode: true,
    command: (files, report) => ['node', 'hack/testbed/cli.ts', 'in-box', '--', ...vitest('node')(files, report)],
  },
  {
    title: 'a real control plane',
    takes: file => /^(test\/integration|test\/chart|hack\/testbed)\/.*(?<!\.unit)\.test\.ts$/.test(file),
    onNode: false,
    command: vitest('integration'),
  },
  { title: 'unit tests', takes: () => true, onNode: false, command: vitest('unit') },
];

export type CasesRun = {
  /** Only cases whose id contains it. */
  readonly only: string;
  /** Without what takes a real node. */
  readonly quick: boolean;
};

/** How many faults are mended or none, and the others in words. */
export async function runCases({ only, quick }: CasesRun): Promise<{ passed: number; failures: readonly string[] }> {
  const chosen = faultCases.filter(({ id }) => id.includes(only));
  const files = new Set(chosen.flatMap(({ tests }) => tests.map(({ file }) => file)));
  const results: TestResult[] = [];
  const ran = new Set<string>();
  const node = quick ? ['left out by --quick'] : await whatIsMissing();
  for (const [program, taken] of Map.groupBy(files, file => programs.find(({ takes }) => takes(file)))) {
    if (program === undefined) continue;
    if (program.onNode && node.length > 0) {
      console.log(`not run: ${program.title}: ${node.join(' ')}`);
      continue;
    }
    console.log(`\n── ${program.title}: ${taken.length} files`);
    results.push(...(await resultsOf(program, taken)));
    for (const file of taken) ran.add(file);
  }
  const standings = chosen.map(each => ({ each, standing: standingOf(each, results, ran) }));
  print(standings);
  const bad: readonly Standing[] = ['FAILED', 'open', ...(quick ? [] : ['not run' as const])];
  const failures = standings.filter(({ standing }) => bad.includes(standing));
  return {
    passed: standings.filter(({ standing }) => standing === 'mended' || standing === 'no fault').length,
    failures: failures.map(({ each, standing }) => `${each.id} (${standing}): ${each.fault} ${each.open ?? ''}`.trim()),
  };
}

function print(standings: readonly { each: (typeof faultCases)[number]; standing: Standing }[]): void {
  const byKind = Map.groupBy(standings, ({ each }) => each.kind);
  for (const [kind, members] of byKind) {
    console.log(`\n${kind}`);
    for (const { each, standing } of members) {
      console.log(`  ${each.id.padEnd(24)} ${standing.padEnd(8)} ${each.fault}`);
      const note = each.noFault ?? each.open;
      if (note !== undefined) console.log(`  ${''.padEnd(33)} ${note}`);
      for (const { file, name } of each.tests) console.log(`  ${''.padEnd(33)} ${file}: ${name}`);
    }
  }
}

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

/** A run that leaves no report has passed nothing. */
async function resultsOf(program: Program, files: readonly string[]): Promise<TestResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'steward-cases-'));
  const file = join(folder, 'report.json');
  try {
    await execute(program.command(files, file));
    const report = Report.parse(JSON.parse(await readFile(file, 'utf8')));
    return report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ fullName, status }) => ({
        file: relative(root, name),
        fullName,
        passed: status === 'passed',
      })),
    );
  } catch (error) {
    console.log(`no report: ${error}`);
    return [];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function execute([program = '', ...rest]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    const end = (signal: NodeJS.Signals) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end);
    child.once('error', reject);
    child.once('exit', () => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, end);
      resolve();
    });
  });
}
