import type { Check } from '../checks.ts';

/** Something that grows with the fleet, and how far it may. */
export type ScaleRow = {
  /** By which it is chosen: `--only retry`. */
  readonly id: string;
  readonly figure: string;
  /** What the review saw at a001f6d (issue 12). */
  readonly before: string;
  readonly goal: string;
  /** What runs: parts of Steward in this process against played answers, or its process on a test bed. */
  readonly how: string;
  /** Called once, in a process of its own that was started with --expose-gc. */
  measure(say: (line: string) => void): Promise<Measured>;
};

export type Measured = {
  /** What was seen, in the words of the table. */
  readonly seen: string;
  /** The goal is met where all hold. */
  readonly checks: readonly Check[];
};
