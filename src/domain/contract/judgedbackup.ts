import type { VerifiedRestore } from '../../api/managedvm.ts';

/** Whether a restore from a recovery point has worked. Another backup can have its name, but not its start too. */
export function isProven(
  verified: readonly Pick<VerifiedRestore, 'point' | 'pointTime'>[],
  { name, time }: { readonly name: string; readonly time: Date },
): boolean {
  return verified.some(({ point, pointTime }) => point === name && +new Date(pointTime) === +time);
}

/** A backup that a Schedule of ours has made of the VM, as far as it matters for a restore. */
export type JudgedBackup = {
  readonly name: string;
  readonly uid: string;
  readonly time: Date;
  /** Why nothing can be restored from it, as the end of a sentence that begins with it; undefined: nothing is known against it. */
  readonly defect: string | undefined;
  /** Whether somebody has looked into it: each disk is there. */
  readonly isInspected: boolean;
  /** Whether a restore from it has worked. */
  readonly isVerified: boolean;
};
