import type { CaseTest, FaultCase } from './case.ts';

/** One test that ran: its file as the repository names it, its full name, and whether it passed. */
export type TestResult = { readonly file: string; readonly fullName: string; readonly passed: boolean };

export type Standing = 'mended' | 'no fault' | 'open' | 'FAILED' | 'not run';

/**
 * How a case stands by the tests that ran. A test that was named and has not run proves nothing; neither does a case without one.
 * `ran` names the files that were run: a test that is missing from one of them fails its case, for it was renamed or removed.
 */
export function standingOf(
  { tests, noFault, open }: FaultCase,
  results: readonly TestResult[],
  ran: ReadonlySet<string>,
): Standing {
  const proofs = tests.map(test => proofOf(test, results, ran));
  if (proofs.includes('failed')) return 'FAILED';
  if (open !== undefined) return 'open';
  if (proofs.length === 0 || proofs.includes('not run')) return 'not run';
  return noFault === undefined ? 'mended' : 'no fault';
}

function proofOf(
  { file, name }: CaseTest,
  results: readonly TestResult[],
  ran: ReadonlySet<string>,
): 'passed' | 'failed' | 'not run' {
  if (!ran.has(file)) return 'not run';
  const matching = results.filter(result => result.file === file && result.fullName.includes(name));
  return matching.length > 0 && matching.every(({ passed }) => passed) ? 'passed' : 'failed';
}
