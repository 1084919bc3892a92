/** A test that would have caught a fault: a vitest file of the repository and the words that its full name contains. */
export type CaseTest = { readonly file: string; readonly name: string };

/** One fault that was found in Steward, or one input on which it failed, and the tests that keep it from coming back. */
export type FaultCase = {
  /** As the report names it, e.g. `cluster/22`, `runtime/t1_queue`, `domain/a`, `issue-11/2.3`. Unique. */
  readonly id: string;
  /** Root of the fault: every fault of one kind was mended by one change. */
  readonly kind: string;
  /** What went wrong, in one sentence. */
  readonly fault: string;
  readonly tests: readonly CaseTest[];
  /** Set where the report was wrong, or where what it saw is right: why, in one sentence. The tests prove it. */
  readonly noFault?: string;
  /** Set where it is still open: what is lacking, in one sentence. */
  readonly open?: string;
};
