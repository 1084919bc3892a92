import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fileReportOf } from './filereport.ts';
import { talliedFrom, tallyOf } from './report.ts';

function vitestReport(tests: readonly { status: string; duration?: number; failureMessages?: string[] }[]) {
  const assertionResults = tests.map((each, index) => ({ fullName: `promise ${index}`, ...each }));
  const failed = tests.filter(({ status }) => status === 'failed').length;
  const testResults = [{ name: join(process.cwd(), 'a.test.ts'), assertionResults }];
  return JSON.stringify({ numPassedTests: tests.length - failed, numFailedTests: failed, testResults });
}

test('every failed test is named with its file and the message', () => {
  const report = vitestReport([{ status: 'passed' }, { status: 'failed', failureMessages: ['expected 1 to be 2'] }]);
  const failures = ['a.test.ts: promise 1\nexpected 1 to be 2'];
  expect(talliedFrom(report, 1)).toMatchObject({ passed: 1, failed: 1, failures });
});

test('a file or suite that could not be set up is a failure with its message, though no test of it failed', () => {
  const files = [{ name: 'a.test.ts', seconds: 1, errors: ['Error: no port is free'] }];
  const failures = ['a.test.ts\nError: no port is free'];
  expect(talliedFrom(vitestReport([{ status: 'skipped' }]), 1, files)).toMatchObject({ failed: 1, failures });
});

test('a run that ends badly after only passed tests is a failure', () => {
  const why = 'ended with exit code 134, though no test of its report failed';
  expect(talliedFrom(vitestReport([{ status: 'passed' }]), 134)).toMatchObject({
    passed: 1,
    failed: 1,
    failures: [why],
  });
});

test('the failures of our own suites are told as they are', () => {
  const report = JSON.stringify({ numPassedTests: 22, numFailedTests: 1, failures: ['BROKEN  GETs: 1 (exactly 0)'] });
  expect(talliedFrom(report, 1)).toMatchObject({ passed: 22, failed: 1, failures: ['BROKEN  GETs: 1 (exactly 0)'] });
});

test('a long stack is cut', () => {
  const [failure = ''] = talliedFrom(
    vitestReport([{ status: 'failed', failureMessages: ['at\n'.repeat(90)] }]),
    1,
  ).failures;
  expect(failure.split('\n')).toHaveLength(21);
});

test('a run that wrote no report is a failure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steward-testreport-'));
  const failures = [expect.stringMatching(/^ended with exit code 1 and without a report: .*ENOENT/)];
  expect(await tallyOf(join(folder, 'none.json'), 1)).toEqual({ passed: 0, failed: 1, failures });
  await rm(folder, { recursive: true });
});

test('each test and each file is told with the seconds it took, and a file with its preparations', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'steward-testreport-'));
  const report = join(folder, 'vitest.json');
  const times = { name: 'a.test.ts', seconds: 9 };
  await writeFile(report, vitestReport([{ status: 'passed', duration: 1500 }]));
  await writeFile(fileReportOf(report), JSON.stringify([{ ...times, errors: [] }]));
  const tests = [{ name: 'a.test.ts: promise 0', seconds: 1.5 }];
  expect(await tallyOf(report, 0)).toEqual({ passed: 1, failed: 0, failures: [], tests, files: [times] });
  await rm(folder, { recursive: true });
});
