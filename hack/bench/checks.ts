/** Bounds that a run must keep, each with what was measured. */
import { writeFile } from 'node:fs/promises';

export type Check = {
  readonly what: string;
  readonly measured: number;
  /** `at most`: less is fine; `exactly`: it is not. */
  readonly relation: 'at most' | 'exactly';
  readonly bound: number;
};

export const atMost = (what: string, measured: number, bound: number): Check => {
  return { what, measured, relation: 'at most', bound };
};
export const exactly = (what: string, measured: number, bound: number): Check => {
  return { what, measured, relation: 'exactly', bound };
};

export function holds({ measured, relation, bound }: Check): boolean {
  return relation === 'exactly' ? measured === bound : measured <= bound;
}

export function sentence(check: Check): string {
  const { what, measured, relation, bound } = check;
  return `${holds(check) ? 'kept  ' : 'BROKEN'}  ${what}: ${measured} (${relation} ${bound})`;
}

/** Prints the count as the last line and, where a file is named, writes a report in vitest's form; returns the exit code. */
export async function conclude(checks: readonly Check[], file: string | undefined): Promise<number> {
  const failures = checks.filter(check => !holds(check)).map(sentence);
  const failed = failures.length;
  const passed = checks.length - failed;
  if (file !== undefined)
    await writeFile(
      file,
      JSON.stringify({ numPassedTests: passed, numFailedTests: failed, failures, checks }, undefined, 2),
    );
  console.log(`\n${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
