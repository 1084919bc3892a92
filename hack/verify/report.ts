/** What a step of `npm test` reports to a file: vitest's JSON, or the same counts with `failures` of our own suites. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { fileTimesOf } from './filetimes.ts';

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

/** Arguments by which vitest writes its report, and the times of its files beside it. */
export function vitestReport(file: string, progress: 'default' | 'verbose' = 'default'): readonly string[] {
  const times = `--reporter=${join(import.meta.dirname, 'filetimes.ts')}`;
  return [`--reporter=${progress}`, '--reporter=json', times, `--outputFile.json=${file}`];
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
        status: z.string(),
        message: z.string().default(''),
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
    return { ...talliedFrom(await readFile(file, 'utf8'), exitCode), files: await filesOf(file) };
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`ended with exit code ${exitCode} and without a report: ${error}`] };
  }
}

const FileTimes = z.array(z.object({ name: z.string(), seconds: z.number() }));

/** None where the suite has no files. */
async function filesOf(file: string): Promise<readonly Timed[]> {
  const text = await readFile(fileTimesOf(file), 'utf8').catch(() => '[]');
  return FileTimes.parse(JSON.parse(text));
}

export function talliedFrom(text: string, exitCode: number): Tally {
  const report = Report.parse(JSON.parse(text));
  const failures = [...report.failures, ...report.testResults.flatMap(ofFile)].map(shortened);
  const counts = { passed: report.numPassedTests, tests: report.testResults.flatMap(testsOf) };
  if (exitCode === 0 || report.numFailedTests > 0) return { ...counts, failed: report.numFailedTests, failures };
  const why =
    failures.length > 0 ? failures : [`ended with exit code ${exitCode}, though no test of its report failed`];
  return { ...counts, failed: 1, failures: why };
}

type FileReport = z.infer<typeof Report>['testResults'][number];

function testsOf({ name, assertionResults }: FileReport): Timed[] {
  const file = relative(process.cwd(), name);
  return assertionResults.map(({ fullName, duration = 0 }) => ({
    name: `${file}: ${fullName}`,
    seconds: duration / 1000,
  }));
}

/** A file fails by its tests, or as a whole where it could not be loaded or set up. */
function ofFile({ name, status, message, assertionResults }: FileReport): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter(each => each.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}\n${message}`] : [];
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${(failureMessages ?? []).join('\n')}`);
}

function shortened(failure: string): string {
  const lines = failure.trimEnd().split('\n');
  return lines.length <= MOST_LINES ? lines.join('\n') : [...lines.slice(0, MOST_LINES), '…'].join('\n');
}
