/** What a step of `npm test` reports to a file: vitest's JSON, or the same counts with `failures` of our own suites. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { fileReportOf } from './filereport.ts';

/** How long something took. */
export type Timed = { readonly name: string; readonly seconds: number };

export type Tally = {
  readonly passed: number;
  readonly failed: number;
  readonly failures: readonly string[];
  /** How long each test file took, with its preparations, and each test. */
  readonly files?: readonly Timed[];
  readonly tests?: readonly Timed[];
};

/** Arguments by which vitest writes its report, and what that leaves out of its files beside it. */
export function vitestReport(file: string, progress: 'default' | 'verbose' = 'default'): readonly string[] {
  const files = `--reporter=${join(import.meta.dirname, 'filereport.ts')}`;
  return [`--reporter=${progress}`, '--reporter=json', files, `--outputFile.json=${file}`];
}

/** Lines of a failure that are told again at the end: the message and where it was thrown, not the whole stack. */
const MOST_LINES = 20;

const Report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  failures: z.array(z.string()).default([]),
  testResults: z
    .array(
      z.object({
        name: z.string(),
        assertionResults: z.array(
          z.object({
            fullName: z.string(),
            status: z.string(),
            /** Milliseconds; absent of a test that did not run. */
            duration: z.number().optional(),
            failureMessages: z.array(z.string()).nullish(),
          }),
        ),
      }),
    )
    .default([]),
});

/** A run that died before it wrote its report counts as one failure, never as none. */
export async function tallyOf(file: string, exitCode: number): Promise<Tally> {
  try {
    return talliedFrom(await readFile(file, 'utf8'), exitCode, await filesOf(file));
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`ended with exit code ${exitCode} and without a report: ${error}`] };
  }
}

const Files = z.array(z.object({ name: z.string(), seconds: z.number(), errors: z.array(z.string()) }));
type Files = z.infer<typeof Files>;

/** Nothing where the suite has no files. */
async function filesOf(file: string): Promise<Files | undefined> {
  const text = await readFile(fileReportOf(file), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Files.parse(JSON.parse(text));
}

/** A file or suite that could not be set up or torn down is a failure beside those of tests. */
export function talliedFrom(text: string, exitCode: number, files: Files = []): Tally {
  const report = Report.parse(JSON.parse(text));
  const hooks = files.flatMap(({ name, errors }) => errors.map(error => `${name}\n${error}`));
  const failures = [...report.failures, ...report.testResults.flatMap(failuresOf), ...hooks].map(shortened);
  const counts = {
    passed: report.numPassedTests,
    tests: report.testResults.flatMap(testsOf),
    files: files.map(({ name, seconds }) => ({ name, seconds })),
  };
  const failed = report.numFailedTests + hooks.length;
  if (exitCode === 0 || failed > 0) return { ...counts, failed, failures };
  const why =
    failures.length > 0 ? failures : [`ended with exit code ${exitCode}, though no test of its report failed`];
  return { ...counts, failed: 1, failures: why };
}

type TestsOfFile = z.infer<typeof Report>['testResults'][number];

function testsOf({ name, assertionResults }: TestsOfFile): Timed[] {
  const file = relative(process.cwd(), name);
  return assertionResults.map(({ fullName, duration = 0 }) => ({
    name: `${file}: ${fullName}`,
    seconds: duration / 1000,
  }));
}

function failuresOf({ name, assertionResults }: TestsOfFile): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter(each => each.status === 'failed');
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${(failureMessages ?? []).join('\n')}`);
}

function shortened(failure: string): string {
  const lines = failure.trimEnd().split('\n');
  return lines.length <= MOST_LINES ? lines.join('\n') : [...lines.slice(0, MOST_LINES), '…'].join('\n');
}
