/** What a step of `npm test` reports to a file: vitest's JSON, or the same counts with `failures` of our own suites. */
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { z } from 'zod';

export type Tally = { readonly passed: number; readonly failed: number; readonly failures: readonly string[] };

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
          z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() }),
        ),
      }),
    )
    .default([]),
});

/** A run that died before it wrote its report counts as one failure, never as none. */
export async function tallyOf(file: string, exitCode: number): Promise<Tally> {
  try {
    return talliedFrom(await readFile(file, 'utf8'), exitCode);
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`ended with exit code ${exitCode} and without a report: ${error}`] };
  }
}

export function talliedFrom(text: string, exitCode: number): Tally {
  const report = Report.parse(JSON.parse(text));
  const failures = [...report.failures, ...report.testResults.flatMap(ofFile)].map(shortened);
  if (exitCode === 0 || report.numFailedTests > 0)
    return { passed: report.numPassedTests, failed: report.numFailedTests, failures };
  const why =
    failures.length > 0 ? failures : [`ended with exit code ${exitCode}, though no test of its report failed`];
  return { passed: report.numPassedTests, failed: 1, failures: why };
}

/** A file fails by its tests, or as a whole where it could not be loaded or set up. */
function ofFile({ name, status, message, assertionResults }: z.infer<typeof Report>['testResults'][number]): string[] {
  const file = relative(process.cwd(), name);
  const failed = assertionResults.filter(each => each.status === 'failed');
  if (failed.length === 0) return status === 'failed' ? [`${file}\n${message}`] : [];
  return failed.map(({ fullName, failureMessages }) => `${file}: ${fullName}\n${(failureMessages ?? []).join('\n')}`);
}

function shortened(failure: string): string {
  const lines = failure.trimEnd().split('\n');
  return lines.length <= MOST_LINES ? lines.join('\n') : [...lines.slice(0, MOST_LINES), '…'].join('\n');
}
